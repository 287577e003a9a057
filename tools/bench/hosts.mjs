// `node tools/bench/hosts.mjs [--write]`: the same work on Node, Deno and workerd without `nodejs_compat`, by the processor time of the
// whole process, whatever else the machine does.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { toolArguments } from "../arguments.mjs";
import { makeFolder, removeFolder } from "../beds/process.mjs";
import { ensureBuild, ensureRootDependencies, requireNode } from "../bootstrap.mjs";
import { runtimeModule } from "../runtimes/index.mjs";
import { startBareWorkerd } from "./bare-workerd.mjs";
import { formatHosts, HOSTS_RECORD, hostFaults, writeHosts } from "./hosts-table.mjs";
import { DIST } from "./library.mjs";
import { busyPart, describeMachine } from "./machine.mjs";
import { findRuntimeOf } from "./runtimes.mjs";
import { cpuOf, quantile } from "./stats.mjs";

requireNode();
const { flags } = toolArguments({
  command: "node tools/bench/hosts.mjs",
  about: "Measures the same work on Node, Deno and workerd without nodejs_compat, by processor time.",
  options: {
    write: { about: "writes the table of docs/performance.md" },
    rewrite: { about: "measures nothing: writes that table anew, after a change of a reason" },
  },
});
if (flags.has("rewrite")) {
  writeHosts(JSON.parse(fs.readFileSync(HOSTS_RECORD, "utf8")));
  process.exit(0);
}
const ROUNDS = 5;
/** The clock of another process counts in hundredths of a second. */
const WORKERD_TIMES = 4;

await ensureRootDependencies();
await ensureBuild();
const run = promisify(execFile);
const { build } = await import(runtimeModule("esbuild"));
const dir = makeFolder("bench-hosts");
const entry = (/** @type {string} */ name) => JSON.stringify(path.join(DIST, "entry", `${name}.js`));
const LIBRARY = `
import { createClient } from ${entry("index")};
import { createAcceptor, createInitiator } from ${entry("gssapi")};
import { createRemctlServer } from ${entry("server")};
import { createTestRealm } from ${entry("testing")};
import { rowsOf } from "./hosts-program.mjs";
const library = { createClient, createAcceptor, createInitiator, createRemctlServer, createTestRealm };
`;

/** @param {string} name @param {string} contents @param {string[]} conditions */
async function bundled(name, contents, conditions) {
  const outfile = path.join(dir, name);
  const stdin = { contents: LIBRARY + contents, resolveDir: import.meta.dirname, loader: "js" };
  await build({ stdin, outfile, bundle: true, format: "esm", target: "es2022", conditions, external: ["node:*"] });
  return outfile;
}

/** @param {string} name @param {string} file @returns {Promise<{ version: string, us: Record<string, number> }>} */
async function onProgram(name, file) {
  const { program, args, env, version } = await findRuntimeOf(name, console.error);
  const { stdout } = await run(program, [...args, file], { env: { ...process.env, ...env } });
  return { version, us: JSON.parse(stdout) };
}

/** @param {string} file @param {{ title: string, count: number }[]} rows @returns {Promise<Record<string, number>>} */
async function onWorkerd(file, rows) {
  const { url, daemon } = await startBareWorkerd(dir, file);
  try {
    /** @type {Record<string, number>} */
    const us = {};
    for (const { title, count } of rows) {
      // What a request made is no other request's in a Worker: each makes its realm, which is measured by itself.
      const once = async (/** @type {number} */ times) => {
        const start = cpuOf(daemon.pid);
        const body = JSON.stringify({ title, count: times });
        const response = await fetch(url, { method: "POST", body });
        const text = await response.text();
        if (text !== "done") throw new Error(`${title}: ${text.slice(0, 300)} ${daemon.output().slice(-300)}`);
        return cpuOf(daemon.pid) - start;
      };
      const times = WORKERD_TIMES * count;
      await once(times);
      const rounds = [];
      for (let round = 0; round < ROUNDS; round++) {
        const alone = await once(0);
        rounds.push((1000 * ((await once(times)) - alone)) / times);
      }
      us[title] = quantile(rounds, 0.5);
    }
    return us;
  } finally {
    await daemon.stop();
  }
}

try {
  const program = await bundled(
    "program.mjs",
    `const us = {};
for (const { title, count, work } of await rowsOf(library)) {
  await work(count);
  const rounds = [];
  for (let round = 0; round < ${ROUNDS}; round++) {
    const start = process.cpuUsage();
    await work(count);
    const { user, system } = process.cpuUsage(start);
    rounds.push((user + system) / count);
  }
  us[title] = rounds.sort((a, b) => a - b)[${ROUNDS >> 1}];
}
console.log(JSON.stringify(us));
process.exit(0);`,
    ["node"],
  );
  const worker = await bundled(
    "worker.js",
    `export default {
  async fetch(request) {
    const { title, count } = await request.json();
    const rows = await rowsOf(library);
    if (count > 0) await rows.find((row) => row.title === title).work(count);
    return new Response(title === "" ? JSON.stringify(rows) : "done");
  },
};`,
    ["workerd", "worker", "browser"],
  );
  const busy = await busyPart(1500);
  const node = await onProgram("node", program);
  const deno = await onProgram("deno", program);
  const { rowsOf } = await import("./hosts-program.mjs");
  const [{ createClient }, { createAcceptor, createInitiator }, { createRemctlServer }, { createTestRealm }] =
    await Promise.all(
      ["index", "gssapi", "server", "testing"].map((name) => import(path.join(DIST, "entry", `${name}.js`))),
    );
  const library = { createClient, createAcceptor, createInitiator, createRemctlServer, createTestRealm };
  const own = await rowsOf(library);
  const workerd = await onWorkerd(worker, own);
  const rows = own.map(({ title }) => ({
    title,
    us: { node: Number(node.us[title]), deno: Number(deno.us[title]), workerd: Number(workerd[title]) },
  }));
  const hosts = {
    node: `Node ${node.version.replace(/^v/, "")}`,
    deno: deno.version.replace(/^deno/, "Deno").replace(/ \(.*/, ""),
    workerd: "workerd without `nodejs_compat`",
  };
  const date = new Date().toISOString().slice(0, 10);
  const record = { date, machine: describeMachine(), hosts, busy: Math.max(busy, await busyPart(1500)), rows };
  console.log(formatHosts(record));
  for (const fault of hostFaults(rows)) console.log(fault);
  if (flags.has("write")) {
    fs.writeFileSync(HOSTS_RECORD, `${JSON.stringify(record, undefined, 2)}\n`);
    writeHosts(record);
  }
} finally {
  removeFolder(dir);
}
process.exit(0);
