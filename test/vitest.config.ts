// Run by `npm test`, or directly: test/node_modules/.bin/vitest run --config test/vitest.config.ts <filter>

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Suites of functions that keep nothing. Those that measure, start processes or share a world that one of them ends stand alone. */
const PURE =
  /^test\/(vectors|regression|contract|unit\/(?!(?:costs|tools|cli|server|runtime|drivers|kerberos|options|http|transport)\/)[\w-]+)\//;
/** What a test uses that looks at its process or changes it: clocks, globals, environment, memory, calls counted in it. */
const NEEDS_ITS_PROCESS =
  /\bprocess\.|\bvi\.(?!fn\b|waitFor\b)|\bglobalThis\b|\/trace\.ts"|getActiveResources|startCpuClock|performance\.now|\/support\/live/;

/**
 * Folders whose files start programs or work for seconds: they begin first, the longest of all before them, so that no worker
 * ends with a long one while the other has nothing left. Vitest would begin with the files that have the most text.
 */
const LONG = [
  /^test\/(?:fuzz|soak)\//,
  /^test\/(?:packed|runtimes|site|interop|drivers|examples|hostile|e2e|contract)\//,
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const index = LONG.findIndex((folders) => folders.test(path.posix.relative(root, moduleId)));
      return index < 0 ? LONG.length : index;
    };
    // The files that share a process stay behind the others: a worker between two of them would start anew.
    const isSharing = ({ project }: TestSpecification): number => Number(project.name === "sharing");
    return (await super.sort(files)).sort((a, b) => isSharing(a) - isSharing(b) || place(a) - place(b));
  }
}

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
    sequence: { sequencer: LongestFirst },
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
