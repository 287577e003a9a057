// `node tools/bench/cold.mjs [--write]`: where every millisecond of a cold command goes, from the start of the process to the first
// result: keytab, login, service ticket, context and command, on each host, beside kinit and remctl.

import fs from "node:fs";
import path from "node:path";
import { toolArguments } from "../arguments.mjs";
import { acceptsTcp, freePort, makeFolder, removeFolder, runProgram, startDaemon } from "../beds/process.mjs";
import { ensureBuild, ensureRootDependencies, ROOT, requireNode } from "../bootstrap.mjs";
import { runtimeModule, runtimePath } from "../runtimes/index.mjs";
import { COLD, COLD_RECORD, formatCold, stepsOf } from "./cold-table.mjs";
import { DIST } from "./library.mjs";
import { busyPart, describeMachine } from "./machine.mjs";
import { startRealm } from "./realm.mjs";
import { findRuntimeOf } from "./runtimes.mjs";
import { quantile } from "./stats.mjs";
import { aroundTable } from "./table.mjs";

requireNode();
const { values, flags } = toolArguments({
  command: "node tools/bench/cold.mjs",
  about: "Says where every millisecond of a cold command goes, from the start of the process to the first result.",
  options: {
    rounds: { value: "N", about: "processes of each host", isNumber: true, default: "15" },
    write: { about: "writes the table of docs/cold-starts.md" },
  },
});
const rounds = Number(values.rounds ?? 15);
const PAGE = path.join(ROOT, "docs", "cold-starts.md");
const now = () => performance.timeOrigin + performance.now();

await ensureRootDependencies();
await ensureBuild();
const { build } = await import(runtimeModule("esbuild"));
const busy = await busyPart(1500);
const dir = makeFolder("bench-cold");
const hosts = await hostsOf(["node", "deno", "bun"]).catch((error) => {
  console.error(`nothing is measured: ${error.message}; run "npm ci" in tools/runtimes`);
  process.exit(1);
});
const node = /** @type {import("./runtimes.mjs").Runtime} */ (hosts.get("node"));
const realm = await startRealm(node.program);
const { bed, client, remctld } = realm;
const job = {
  principal: String(client.principal),
  keytab: fs.readFileSync(String(client.keytabFile)).toString("base64"),
  kdc: /** @type {string[]} */ (client.kdc),
  ...{ host: remctld.host, port: remctld.port, service: remctld.service, words: ["bench", "echo", "hello"] },
};

/** All hosts, or an error that names the one that is missing. @param {string[]} names */
async function hostsOf(names) {
  runtimePath("workerd");
  /** @type {Map<string, import("./runtimes.mjs").Runtime>} */
  const found = new Map();
  for (const name of names) found.set(name, await findRuntimeOf(name, () => {}));
  return found;
}

/** One file, as a bundler makes it. @param {string} name @param {string} contents @param {string[]} conditions */
async function bundled(name, contents, conditions) {
  const outfile = path.join(dir, name);
  const stdin = { contents, resolveDir: import.meta.dirname, loader: "js" };
  const shape = { bundle: true, minify: true, format: "esm", target: "es2022", conditions, external: ["node:*"] };
  await build({ stdin, outfile, ...shape });
  return outfile;
}

/** @param {string} name @param {string} library @param {Record<string, string>} [env] */
function onHost(name, library, env = {}) {
  const runtime = /** @type {import("./runtimes.mjs").Runtime} */ (hosts.get(name));
  const args = [...runtime.args, path.join(import.meta.dirname, "cold-main.mjs"), library];
  const all = { ...runtime.env, ...env, COLD_JOB: JSON.stringify(job) };
  return async () => {
    const started = now();
    const { status, text } = await runProgram(runtime.program, args, { env: all });
    if (status !== 0) throw new Error(`${name}: ${text.slice(0, 500)}`);
    return { started, ...JSON.parse(text) };
  };
}

/** A Worker in a process of its own. @param {string} file @param {string} body */
async function onWorkerd(file, body) {
  const port = await freePort();
  const own = fs.mkdtempSync(path.join(dir, "workerd-"));
  fs.copyFileSync(file, path.join(own, "worker.js"));
  fs.writeFileSync(
    path.join(own, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (modules = [(name = "worker", esModule = embed "worker.js")], compatibilityDate = "2026-10-01");
`,
  );
  const started = now();
  const daemon = startDaemon(runtimePath("workerd"), ["serve", "config.capnp"], { env: {}, cwd: own });
  try {
    while (!(await acceptsTcp(port))) {
      if (!daemon.isRunning) throw new Error(daemon.output());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(`workerd: ${text.slice(0, 300)} ${daemon.output().slice(-300)}`);
    return { started, ...JSON.parse(text) };
  } finally {
    await daemon.stop();
  }
}

/** The C programs: a login, and a command with its ticket. */
async function inC() {
  const env = { ...bed.env, KRB5CCNAME: `FILE:${path.join(dir, "cc")}` };
  const started = now();
  const login = await runProgram(bed.bin("kinit"), ["-k", "-t", String(client.keytabFile), job.principal], { env });
  if (login.status !== 0) throw new Error(login.text);
  const loggedIn = now();
  const words = ["-p", String(job.port), "-s", job.service, job.host, ...job.words];
  const result = await runProgram(bed.bin("remctl"), words, { env });
  if (result.status !== 0) throw new Error(result.text);
  return { started, loggedIn, answered: now() };
}

try {
  const entry = (/** @type {string} */ name) => path.join(DIST, "entry", `${name}.js`);
  const main = entry("index");
  const cache = { NODE_COMPILE_CACHE: path.join(dir, "cache") };
  const oneFile = await bundled("handler.mjs", `export { createClient } from ${JSON.stringify(main)};`, ["node"]);
  const workers = ["workerd", "worker", "browser"];
  const empty = await bundled(
    "empty.js",
    "export default { fetch: () => Response.json({ first: Date.now() }) };",
    workers,
  );
  const worker = await bundled(
    "worker.js",
    `import { createClient } from ${JSON.stringify(entry("lean"))};
import { command } from "./cold-command.mjs";
export default { fetch: async (request) => Response.json(await command({ createClient }, await request.json(), Date.now)) };`,
    workers,
  );
  const body = JSON.stringify({ ...job, kdc: [`tcp://127.0.0.1:${bed.port}`] });
  /** @type {number[]} */
  const starts = [];
  /** @type {[string, () => Promise<Record<string, number>>][]} */
  const paths = [
    ["Node 24, `krb5-remctl`", onHost("node", main)],
    ["Node 24, with `NODE_COMPILE_CACHE`", onHost("node", main, cache)],
    ["Node 24, `krb5-remctl/lean/node`", onHost("node", entry("lean/node"))],
    ["Lambda's shape: one minified file on Node 24", onHost("node", oneFile)],
    ["Lambda's shape, with `NODE_COMPILE_CACHE`", onHost("node", oneFile, cache)],
    ["Deno, `krb5-remctl`", onHost("deno", main)],
    ["Bun, `krb5-remctl`", onHost("bun", main)],
    [
      "workerd, `krb5-remctl/lean`, KDC by TCP",
      async () => {
        const idle = await onWorkerd(empty, "");
        starts.push(idle.first - idle.started);
        const { begun, ...marks } = await onWorkerd(worker, body);
        // A Worker does not know when its module was begun: an empty one says what the host takes.
        const first = Math.min(begun, marks.started + quantile(starts, 0.5));
        return { ...marks, first, imported: begun };
      },
    ],
    ["`kinit` and `remctl`, two processes", inC],
  ];
  /** @type {Map<string, Record<string, number>[]>} */
  const measured = new Map(paths.map(([title]) => [title, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [title, once] of paths) {
      const marks = await once();
      // The first of each reads its files from the disk.
      if (round >= 0) measured.get(title)?.push(marks);
    }
  }
  const rows = [...measured].map(([title, marks]) => ({ title, ...stepsOf(marks) }));
  const date = new Date().toISOString().slice(0, 10);
  const record = { date, machine: describeMachine(), rounds, busy: Math.max(busy, await busyPart(1500)), rows };
  console.log(formatCold(record));
  if (flags.has("write")) {
    fs.writeFileSync(COLD_RECORD, `${JSON.stringify(record, undefined, 2)}\n`);
    const { before, after } = aroundTable(fs.readFileSync(PAGE, "utf8"), COLD);
    fs.writeFileSync(PAGE, `${before}${formatCold(record)}${after}`);
    console.log("docs/cold-starts.md: table written");
  }
} finally {
  await realm.close();
  removeFolder(dir);
}
process.exit(0);
