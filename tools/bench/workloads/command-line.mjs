// The whole process of the command line, from fork to exit, with the ticket in a cache on disk.

import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../bootstrap.mjs";
import { formatRate, formatRatio } from "../bench.mjs";
import { DIST } from "../library.mjs";
import { summarize } from "../stats.mjs";

/** @type {import("../bench.mjs").Workload} */
export const commandLine = {
  name: "command-line",
  async measure(bench) {
    const { runProgram } = await import("../../beds/index.mjs");
    const { buildExecutable } = await import("../../pack/executable.mjs");
    const { bed, remctld } = bench.realm;
    const { env } = await bench.realm.pinned();
    const main = path.join(DIST, "cli", "main.js");
    const { program, args, env: runtimeEnv, name } = bench.runtime;
    const rest = ["-p", String(remctld.port), "-s", remctld.service, remctld.host, "bench", "echo", "hello"];
    /** @type {{ title: string, goal: number, command: () => Promise<[string, string[]]> }[]} */
    const rows = [
      {
        title: `command line, echo, on ${name}`,
        goal: 0.5,
        command: async () => [program, [...args, main, "remctl", ...rest]],
      },
      {
        title: "command line, echo, as a Bun executable",
        goal: 0.8,
        command: async () => {
          const file = path.join(ROOT, ".cache", "bench", "krb5-remctl-bun");
          await buildExecutable(file);
          return [file, ["remctl", ...rest]];
        },
      },
    ];
    const results = [];
    for (const row of rows) {
      try {
        if (!fs.existsSync(main)) throw new Error("there is no command line in the build");
        const [file, words] = await row.command();
        const mine = [];
        const theirs = [];
        const once = async (
          /** @type {string} */ what,
          /** @type {string[]} */ arguments_,
          /** @type {Record<string, string>} */ more = {},
        ) => {
          const started = performance.now();
          const result = await runProgram(what, arguments_, { env: { ...env, ...more } });
          if (result.status !== 0 || !result.text.includes("hello")) throw new Error(result.text.slice(0, 400));
          return (performance.now() - started) * 1e6;
        };
        for (let round = 0; round < (bench.isQuick ? 4 : 12); round++) {
          theirs.push(await once(bed.bin("remctl"), rest));
          mine.push(await once(file, words, runtimeEnv));
        }
        // The first of each reads its files from the disk.
        const my = summarize(mine.slice(1));
        const their = summarize(theirs.slice(1));
        const ratio = their.median / my.median;
        results.push({
          title: row.title,
          peer: "remctl",
          goal: `${row.goal}x`,
          isMet: ratio >= row.goal,
          ours: formatRate(my.median),
          theirs: formatRate(their.median),
          ratio: formatRatio(ratio),
          figures: { ns: my, peerNs: their },
          notes: [],
        });
      } catch (error) {
        results.push({
          title: row.title,
          goal: `${row.goal}x`,
          notes: [`not measured: ${/** @type {Error} */ (error).message.split("\n").slice(0, 2).join(" ")}`],
        });
      }
    }
    return results;
  },
};
