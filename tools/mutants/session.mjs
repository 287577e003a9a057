// Runs test files under a plan, in one vitest whose transformed modules stay; ends a process that hangs.

import fs from "node:fs";
import path from "node:path";
import { createVitest } from "../../test/node_modules/vitest/dist/node.js";
import { processorMs } from "./cost.mjs";
import { CACHE, places, readLines } from "./files.mjs";
import { ROOT } from "./rooms.mjs";
import { mutantsConfig } from "./vitest.config.mjs";

/** A single test may take this long, with its hooks: of the processor, and of the clock. */
const MAX_PROCESSOR_MS = 10_000;
const MAX_MS = 120_000;

/**
 * @param {Map<string, import("./mutants.mjs").FileMutants>} files @param {number} count
 */
export async function openSession(files, count) {
  fs.mkdirSync(CACHE, { recursive: true });
  const work = fs.mkdtempSync(path.join(CACHE, "run-"));
  const names = places(work);
  process.env.KRB5_REMCTL_MUTANTS = work;
  process.env.KRB5_REMCTL_MUTANTS_COUNT = String(count);
  process.env.KRB5_REMCTL_PEERS = "present";
  process.env.FORCE_COLOR = "0";
  const vitest = await createVitest("test", { root: ROOT, config: false, watch: false }, await mutantsConfig(files));
  const specifications = new Map(
    (await vitest.globTestSpecifications()).map((spec) => [path.relative(ROOT, spec.moduleId), spec]),
  );

  return {
    specifications,
    /**
     * Runs the files and gives what their processes wrote.
     * @param {string[]} tests @param {import("./files.mjs").Plan} plan @param {(line: any) => void} [onLine]
     */
    async run(tests, plan, onLine) {
      fs.writeFileSync(names.plan, JSON.stringify(plan));
      fs.rmSync(names.lines, { force: true });
      fs.rmSync(names.beat, { force: true });
      let told = 0;
      const watch = setInterval(() => {
        const hanging = endHanging(names.beat);
        // The processes that come read this too, and leave it out.
        if (hanging) fs.appendFileSync(names.lines, `${JSON.stringify({ killed: hanging.id, by: "it hangs" })}\n`);
        if (onLine === undefined) return;
        const lines = readLines(names.lines);
        for (; told < lines.length; told++) onLine(lines[told]);
      }, 2000);
      const wanted = tests.map((test) => specifications.get(test)).filter((spec) => spec !== undefined);
      const { testModules } = await vitest.runTestSpecifications(wanted, false);
      clearInterval(watch);
      const failed = testModules.some((module) => module.state() === "failed");
      return { lines: readLines(names.lines), failed };
    },
    async close() {
      await vitest.close();
      fs.rmSync(work, { recursive: true, force: true });
    },
  };
}

/** Ends the process of the tests if nothing moved in it for long. @param {string} file */
function endHanging(file) {
  try {
    const beat = JSON.parse(fs.readFileSync(file, "utf8"));
    if (beat.id === -1) return undefined;
    const used = processorMs(fs.readFileSync(`/proc/${beat.pid}/stat`, "utf8")) - beat.processorMs;
    if (used < MAX_PROCESSOR_MS && Date.now() - beat.at < MAX_MS) return undefined;
    fs.rmSync(file);
    process.kill(beat.pid, "SIGKILL");
    return beat;
  } catch {
    return undefined;
  }
}
