// Ten seconds in `npm test`, a minute with CI=true; as long as one likes with `npm run soak -- --seconds N [--seed S]`.

import { expect, it } from "vitest";
import { wholeTable } from "../support/live.ts";
import { soak } from "../support/soak.ts";

const seconds = Number(process.env.KRB5_REMCTL_SOAK_SECONDS ?? (wholeTable ? 60 : 10));
const seed = Number(process.env.KRB5_REMCTL_SOAK_SEED ?? Math.floor(Math.random() * 2 ** 32));

it(`soak: ${seconds} s, seed ${seed}`, { timeout: seconds * 1000 + 60_000 }, async () => {
  const log = (line: string): void => console.log(`seed ${seed}: ${line}`);
  const report = await soak({ seconds, seed, log });
  log(JSON.stringify(report));
  expect(report.wrong, `seed ${seed}`).toEqual([]);
  // It did what it is for: commands, faults of every kind, tickets fetched again and again.
  expect(report.outcomes.ok).toBeGreaterThan(seconds);
  expect(Object.keys(report.faults).sort()).toEqual(["closed", "dribbled", "garbled", "reset", "stalled"]);
  expect(report.logins).toBeGreaterThan(seconds / 10);
  expect(report.hostRuns).toBeGreaterThan(0);
});
