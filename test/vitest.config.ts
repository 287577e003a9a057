// Run by `npm test`, or directly: test/node_modules/.bin/vitest run --config test/vitest.config.ts <filter>

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Suites of functions that keep nothing. Those that measure, start processes or share a world that one of them ends stand alone. */
const PURE =
  /^test\/(vectors|regression|contract|unit\/(?!(?:costs|tools|cli|server|runtime|drivers|kerberos|options|http|transport)\/)[\w-]+)\//;
/** What a test uses that looks at its process or changes it: clocks, globals, environment, memory. */
const NEEDS_ITS_PROCESS =
  /\bprocess\.|\bvi\.|\bglobalThis\b|\btrace\b|getActiveResources|startCpuClock|performance\.now|\/support\/live/;

/**
 * Files that can share a process with each other. Loading the modules of `src` costs a process longer than most of these
 * tests run: alone, each of some 190 files would do it again.
 */
const sharing = readdirSync(`${root}/test`, { recursive: true, encoding: "utf8" })
  .map((file) => path.posix.join("test", file))
  .filter((file) => file.endsWith(".test.ts") && PURE.test(file))
  .filter((file) => !NEEDS_ITS_PROCESS.test(readFileSync(path.join(root, file), "utf8")));

export default defineConfig({
  root,
  cacheDir: `${root}/.cache/vitest`,
  test: {
    projects: [
      { extends: true, test: { name: "alone", include: ["test/**/*.test.ts"], exclude: sharing } },
      { extends: true, test: { name: "sharing", include: sharing, isolate: false } },
    ],
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
