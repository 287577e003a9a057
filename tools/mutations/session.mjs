// Runs test files of a copy of the tree, in one vitest whose transformed modules stay: a new one costs seconds each time.

import fs from "node:fs";
import path from "node:path";
import { loadConfigFromFile } from "../../test/node_modules/vite/dist/node/index.js";
import { createVitest } from "../../test/node_modules/vitest/dist/node.js";

const MAX_MS = 120_000;

/** @param {string} copy */
export async function openSession(copy) {
  // Tests of live peers' whole tables run too.
  Object.assign(process.env, { CI: "true", FORCE_COLOR: "0" });
  const name = path.join(copy, "test", "vitest.config.ts");
  const loaded = (await loadConfigFromFile({ command: "serve", mode: "test" }, name))?.config ?? {};
  // One project with all files: vitest reads the settings of several from their file, without what is changed here.
  const { projects: _, ...settings } = loaded.test ?? {};
  const vitest = await createVitest(
    "test",
    { root: copy, config: false, watch: false },
    {
      ...loaded,
      root: copy,
      cacheDir: path.join(copy, ".vitest"),
      test: { ...settings, include: ["test/**/*.test.ts"], reporters: [{}], silent: true, watch: false, maxWorkers: 1 },
    },
  );
  const specifications = new Map(
    (await vitest.globTestSpecifications()).map((spec) => [path.relative(copy, spec.moduleId), spec]),
  );
  return {
    /** Changes a file of the copy. @param {string} place @param {string} text */
    write(place, text) {
      fs.writeFileSync(place, text);
      vitest.invalidateFile(place);
    },
    /**
     * Runs a test file, or its tests of a title.
     * @param {string} test @param {string} [title]
     */
    async run(test, title) {
      const specification = specifications.get(test);
      if (specification === undefined) throw new Error(`${test} is not a test file`);
      if (title === undefined) vitest.resetGlobalTestNamePattern();
      else vitest.setGlobalTestNamePattern(title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const ending = setTimeout(endWorkers, MAX_MS);
      const { testModules } = await vitest.runTestSpecifications([specification], false);
      clearTimeout(ending);
      const tests = testModules.flatMap((module) => [...module.children.allTests()]);
      return {
        // A file that does not load fails without a failing test: that is red too, but never for the check's own sake.
        isBroken: testModules.some((module) => module.state() === "failed") && tests.length === 0,
        /** How many tests of a title passed and failed. @param {string} part */
        of(part) {
          const states = tests
            .filter(({ fullName }) => fullName.replaceAll(" > ", " ").includes(part))
            .map((one) => one.result().state);
          const count = (/** @type {string} */ state) => states.filter((one) => one === state).length;
          return { passed: count("passed"), failed: count("failed") };
        },
      };
    },
    close: () => vitest.close(),
  };
}

/** Ends this process's own workers: a test without its check may go round for ever. */
function endWorkers() {
  const task = `/proc/self/task/${process.pid}/children`;
  if (!fs.existsSync(task)) return;
  for (const pid of fs.readFileSync(task, "utf8").split(" ").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
}
