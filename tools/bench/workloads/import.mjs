// What an import costs a program that starts: a process that imports, in turn with one that does nothing (`node -e 0`).

import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { DIST, entryFile } from "../library.mjs";
import { quantile, summarize } from "../stats.mjs";

const run = promisify(execFile);
/** What each process says at its end: the processor time of all its threads, in microseconds. */
const SAY = "const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system));";
const ROWS = [
  { title: "import of krb5-remctl", file: "entry/index.js", goalMs: 25, hasCache: false },
  { title: "import of krb5-remctl/lean", file: "entry/lean.js", goalMs: 15, hasCache: false },
  // What a host can do about it (docs/cold-starts.md): held to the same goals, since a user waits for the same thing.
  { title: "import of krb5-remctl, with NODE_COMPILE_CACHE", file: "entry/index.js", goalMs: 25, hasCache: true },
  { title: "import of krb5-remctl/lean, with NODE_COMPILE_CACHE", file: "entry/lean.js", goalMs: 15, hasCache: true },
];

/** @type {import("../bench.mjs").Workload} */
export const importing = {
  name: "import",
  async measure(bench) {
    const { node, isQuick, baseline } = bench;
    const cache = fs.mkdtempSync(path.join(os.tmpdir(), "krb5-remctl-import-"));
    /** @param {string[]} args @param {boolean} hasCache */
    const once = async (args, hasCache) => {
      const env = { ...process.env, ...node.env };
      if (hasCache) env.NODE_COMPILE_CACHE = cache;
      const started = performance.now();
      const { stdout } = await run(node.program, args, { env });
      return { wallMs: performance.now() - started, cpuMs: Number(stdout) / 1000 };
    };
    const importer = (/** @type {string} */ dist, /** @type {string} */ file) => [
      "--input-type=module",
      "-e",
      `import ${JSON.stringify(pathToFileURL(entryFile(dist, file)).href)}; ${SAY}`,
    ];
    const results = [];
    for (const { title, file, goalMs, hasCache } of ROWS) {
      const commands = [["-e", SAY], importer(DIST, file)];
      if (baseline !== undefined) commands.push(importer(path.resolve(baseline), file));
      /** @type {{ wallMs: number, cpuMs: number }[][]} */
      const rounds = [];
      for (let round = 0; round < (isQuick ? 6 : 31); round++) {
        const times = [];
        for (const command of commands) times.push(await once(command, hasCache));
        rounds.push(times);
      }
      // The first of each reads its files from the disk, and fills the cache.
      const more = (/** @type {"wallMs" | "cpuMs"} */ what, /** @type {number} */ which) =>
        rounds.slice(1).map((times) => (times[which]?.[what] ?? 0) - (times[0]?.[what] ?? 0));
      const say = (/** @type {number} */ which) =>
        `+${quantile(more("wallMs", which), 0.5).toFixed(1)} ms, CPU +${quantile(more("cpuMs", which), 0.5).toFixed(1)} ms`;
      const wall = summarize(more("wallMs", 1));
      results.push({
        title,
        peer: baseline === undefined ? "node -e 0" : baseline,
        goal: `+${goalMs} ms`,
        isMet: wall.median <= goalMs,
        ours: say(1),
        theirs:
          baseline === undefined
            ? `${quantile(
                rounds.map(([idle]) => idle?.wallMs ?? 0),
                0.5,
              ).toFixed(1)} ms`
            : say(2),
        ratio: "",
        figures: { wallMs: more("wallMs", 1), cpuMs: more("cpuMs", 1) },
        notes: [],
      });
    }
    fs.rmSync(cache, { recursive: true, force: true });
    return results;
  },
};
