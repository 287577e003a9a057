// `npm run soak -- [--seconds N] [--seed S]`: ten minutes of a pool under faults, or as long as asked for. `npm test` has twenty seconds.

import { spawn } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { toolArguments } from "./arguments.mjs";
import { ensureRootDependencies, ensureTestDependencies, ROOT, requireNode } from "./bootstrap.mjs";

requireNode();
const { values } = toolArguments({
  command: "npm run soak --",
  about: "A pool under faults, for ten minutes or as long as asked for.",
  options: {
    seconds: { value: "N", isNumber: true, about: "how long", default: "600" },
    seed: { value: "S", isNumber: true, about: "the faults of an earlier run" },
  },
});
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
