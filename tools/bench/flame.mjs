// `node tools/bench/flame.mjs --before DIR`: flame graphs of the five most used paths in docs/figures, of an earlier build and of this
// one, with the processor's time of each operation, measured in turn. Needs Node 24, as the bench does.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { toolArguments } from "../arguments.mjs";
import { ensureBuild, ensureRootDependencies, ROOT, requireNode } from "../bootstrap.mjs";
import { flameOf, treeOf } from "./flame-graph.mjs";
import { startRealm } from "./realm.mjs";
import { findRuntimeOf } from "./runtimes.mjs";
import { askOurs, Side } from "./side.mjs";
import { quantile } from "./stats.mjs";
import { workloads } from "./workloads/index.mjs";

/**
 * What is run. Commands go to this package's own server: a server that forks for each would be all that is measured.
 * @type {{ name: string, title: string, workload: string, row: RegExp, count: number, command?: string[], bytes?: number }[]}
 */
const PATHS = [
  {
    ...{ name: "command", title: "One command, its ticket at hand", workload: "one-shot-quiet", row: /./, count: 200 },
    command: ["bench", "quiet"],
  },
  {
    ...{ name: "session", title: "A command on an open session", workload: "keep-alive-quiet", row: /./, count: 800 },
    command: ["bench", "quiet"],
  },
  { name: "login", title: "A login with a keytab", workload: "kdc", row: /keytab/, count: 200 },
  { name: "ticket", title: "A ticket for a service", workload: "kdc", row: /TGS/, count: 200 },
  {
    ...{ name: "output", title: "16 MB of output of a command", workload: "bulk-output", row: /./, count: 1 },
    ...{ command: ["bench", "zeros", String(16 * 2 ** 20)], bytes: 16 * 2 ** 20 },
  },
];
/** Requests that the profiler is not there for: modules, tickets, what is compiled. */
const WARM = 3;
const ROUNDS = 4;

requireNode();
const { values } = toolArguments({
  command: "node tools/bench/flame.mjs",
  about: "Draws flame graphs of the five most used paths into docs/figures. Needs Node 24, as the bench does.",
  options: {
    before: { value: "DIR", about: "an earlier build, drawn too" },
    commit: { value: "NAME", about: "what the pictures call it" },
    only: { value: "NAME", about: `one path: ${PATHS.map(({ name }) => name).join(", ")}` },
  },
});
await ensureRootDependencies();
await ensureBuild();
const node = await findRuntimeOf("node", () => {});
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flame-"));
const realm = await startRealm(node.program);
const ours = fileURLToPath(new URL("./ours.mjs", import.meta.url));
const builds = [
  ...(values.before === undefined
    ? []
    : [{ when: "before", words: `commit ${values.commit ?? "unknown"}`, dist: path.resolve(values.before) }]),
  { when: "after", words: "this version", dist: path.join(ROOT, "dist") },
];
try {
  for (const one of PATHS.filter(({ name }) => values.only === undefined || values.only === name)) {
    const workload = workloads.find(({ name }) => name === one.workload);
    const rows = (await workload?.rows?.(/** @type {any} */ ({ realm, isQuick: true }))) ?? [];
    const found = rows.find(({ title }) => one.row.test(title))?.args;
    if (found === undefined) throw new Error(`no row ${one.row} of ${one.workload}`);
    const { command, bytes } = one;
    const { host, port } = await realm.embedded();
    const args =
      command === undefined ? found : { ...found, host, port, command, ...(bytes === undefined ? {} : { bytes }) };
    const runs = builds.map(({ when, dist, words }) => {
      const file = path.join(folder, `${one.name}-${when}.json`);
      const env = { ...node.env, KRB5_REMCTL_BENCH_PROFILE: file, KRB5_REMCTL_BENCH_DIST: dist };
      return {
        when,
        words,
        file,
        side: new Side(node.program, [...node.args, ours], { env }),
        cpu: /** @type {number[]} */ ([]),
      };
    });
    for (const { side } of runs)
      for (let warm = 0; warm < WARM; warm++) await askOurs(side, one.workload, warm === 0 ? 1 : one.count, args);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { side, cpu } of runs) {
        const { cpuNs } = await askOurs(side, one.workload, one.count, args);
        cpu.push(cpuNs / one.count / 1000);
      }
    }
    for (const { when, words, file, side, cpu } of runs) {
      await side.close();
      const micros = quantile(cpu, 0.5);
      const note = `${words}, Node ${node.version.replace(/^v/, "")}; the width is the part of the processor's time`;
      const tree = treeOf([JSON.parse(fs.readFileSync(file, "utf8"))]);
      const svg = flameOf({ title: `${one.title}, ${when === "before" ? "before" : "now"}`, note, tree });
      fs.writeFileSync(path.join(ROOT, "docs", "figures", `flame-${one.name}-${when}.svg`), svg);
      console.log(`${one.name} ${when}: ${micros.toFixed(1)} µs a piece; ${svg.length} octets`);
    }
  }
} finally {
  await realm.close();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
