// `npm run soak -- [--seconds N] [--seed S]`: ten minutes of a pool under faults, or as long as asked for. `npm test` has twenty seconds.

import { spawn } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { ensureRootDependencies, ensureTestDependencies, ROOT, requireNode } from "./bootstrap.mjs";

requireNode();
const { values } = parseArgs({ options: { seconds: { type: "string", default: "600" }, seed: { type: "string" } } });
for (const [name, value] of Object.entries(values)) {
  if (value !== undefined && !/^\d+$/.test(value)) {
    console.error(`--${name} takes a whole number`);
    process.exit(2);
  }
}
await ensureRootDependencies();
await ensureTestDependencies();
const vitest = path.join(ROOT, "test", "node_modules", "vitest", "vitest.mjs");
const seed = values.seed === undefined ? {} : { KRB5_REMCTL_SOAK_SEED: values.seed };
const child = spawn(process.execPath, [vitest, "run", "--config", "test/vitest.config.ts", "test/soak/soak.test.ts"], {
  cwd: ROOT,
  env: { ...process.env, ...seed, KRB5_REMCTL_SOAK_SECONDS: values.seconds, KRB5_REMCTL_PEERS: "present" },
  stdio: "inherit",
});
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
