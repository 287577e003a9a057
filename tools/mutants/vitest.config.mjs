// The tests' own settings, with every mutant in the rooms and a runner that switches them.

import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfigFromFile } from "../../test/node_modules/vite/dist/node/index.js";
import { mergeConfig } from "../../test/node_modules/vitest/dist/config.js";
import { BaseSequencer } from "../../test/node_modules/vitest/dist/node.js";
import { instrument } from "./instrument.mjs";
import { ROOT } from "./rooms.mjs";

/** Files run in the order in which the tool names them. */
class AsGiven extends BaseSequencer {
  /** @override @param {import("../../test/node_modules/vitest/dist/node.js").TestSpecification[]} files */
  async sort(files) {
    return files;
  }
}

/** @param {Map<string, import("./mutants.mjs").FileMutants>} files those that get their switches */
export async function mutantsConfig(files) {
  const name = path.join(ROOT, "test", "vitest.config.ts");
  const tests = (await loadConfigFromFile({ command: "serve", mode: "test" }, name))?.config ?? {};
  // One project with all files: vitest reads the settings of several from their file, without what is added here.
  const { projects: _, ...settings } = tests.test ?? {};
  const one = { ...tests, test: { ...settings, include: ["test/**/*.test.ts"] } };
  return mergeConfig(one, {
    plugins: [
      {
        name: "mutants",
        enforce: "pre",
        /** @param {string} id */
        load(id) {
          const file = path.relative(ROOT, id);
          const found = files.get(file);
          return found === undefined ? undefined : instrument(fs.readFileSync(id, "utf8"), found);
        },
      },
    ],
    cacheDir: path.join(ROOT, ".cache", "mutants", "vite"),
    test: {
      runner: fileURLToPath(new URL("runner.mjs", import.meta.url)),
      // A test that runs a thousand times adds a thousand listeners to what lives as long as it.
      execArgv: ["--disable-warning=MaxListenersExceededWarning"],
      maxConcurrency: 1,
      maxWorkers: 1,
      fileParallelism: false,
      sequence: { sequencer: AsGiven },
      // The runner ends a test by what it cost, not by the clock.
      testTimeout: 0,
      hookTimeout: 20_000,
      reporters: [{}],
      silent: true,
      watch: false,
    },
  });
}
