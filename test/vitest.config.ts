// Run by `npm test`, or directly: test/node_modules/.bin/vitest run --config test/vitest.config.ts <filter>

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

export default defineConfig({
  root,
  cacheDir: `${root}/.cache/vitest`,
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    // Tests that say they may run side by side: each of them has a core then.
    maxConcurrency: 2,
    // Processes, not threads: a live bed hooks signals and the exit of its process.
    pool: "forks",
    maxWorkers: 2,
    // A suite that waits for something that never comes should say so well before a person gives up.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
});
