// A Worker: what its bundle weighs, and the CPU that a command costs in workerd, with and without `nodejs_compat`.

import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT } from "../../bootstrap.mjs";
import { DIST } from "../library.mjs";
import { cpuOf, quantile } from "../stats.mjs";

/** The goal for a Worker with `lean`. */
const GOAL_KB = 50;
const GOAL_MS = 3;
/** Requests before the clock. */
const warmUp = (/** @type {boolean} */ isQuick) => (isQuick ? 200 : 400);

/** The program that is weighed and run. @param {string} entry */
const program = (entry) => `
import { createClient } from ${JSON.stringify(entry)};
let client;
export default {
  async fetch(request) {
    const { principal, keytab, host, port, service, command, ...options } = await request.json();
    client ??= createClient({ ...options, credentials: { principal, keytab: Uint8Array.from(keytab) } });
    const { status } = await client.remctl(host, command, { port, service });
    return new Response(String(status));
  },
};`;

/** The two libraries alone, for comparison: what a Kerberos client needs of them. */
const LIBRARIES = `
export * from "asn1js";
export { unsafe, cbc } from "@noble/ciphers/aes.js";
export { hmac } from "@noble/hashes/hmac.js";
export { sha1 } from "@noble/hashes/legacy.js";
export { sha256, sha384 } from "@noble/hashes/sha2.js";
export { pbkdf2Async } from "@noble/hashes/pbkdf2.js";`;

/** @type {import("../bench.mjs").Workload} */
export const worker = {
  name: "worker",
  async measure(bench) {
    const { runtimeModule } = await import("../../runtimes/index.mjs");
    const { build } = await import(runtimeModule("esbuild"));
    const bundle = async (/** @type {string} */ contents) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: ROOT, loader: "js" },
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        target: "es2022",
        conditions: ["workerd", "worker", "browser"],
        external: ["node:*"],
      });
      return outputFiles[0].contents;
    };
    const code = await bundle(program(path.join(DIST, "entry", "lean.js")));
    const kilobytes = (/** @type {Uint8Array} */ octets) => gzipSync(octets, { level: 9 }).length / 1000;
    const weight = kilobytes(code);
    const libraries = kilobytes(await bundle(LIBRARIES));
    const results = [
      {
        title: "a Worker's bundle (password or keytab, AS, TGS, GSS, remctl)",
        peer: "asn1js and noble alone",
        goal: `${GOAL_KB} KB gzip`,
        isMet: weight <= GOAL_KB,
        ours: `${weight.toFixed(1)} KB gzip`,
        theirs: `${libraries.toFixed(1)} KB gzip`,
        ratio: "",
        figures: { weight, libraries },
        notes: [],
      },
    ];
    for (const isNodeCompatible of [true, false]) {
      const title = `a Worker ${isNodeCompatible ? "with" : "without"} nodejs_compat: CPU a command, ticket cached`;
      try {
        const { cpuMs, wallMs } = await measure(bench, code, isNodeCompatible);
        const median = quantile(cpuMs, 0.5);
        results.push({
          title,
          peer: "",
          goal: `at most ${GOAL_MS} ms`,
          isMet: median <= GOAL_MS,
          ours: `${median.toFixed(2)} ms CPU of the whole process after ${warmUp(bench.isQuick)} requests, ${(1000 / quantile(wallMs, 0.5)).toFixed(0)} commands a second`,
          theirs: "",
          ratio: "",
          figures: /** @type {any} */ ({ cpuMs, wallMs }),
          notes: [],
        });
      } catch (error) {
        results.push(/** @type {any} */ ({ title, notes: [`not measured: ${/** @type {Error} */ (error).message}`] }));
      }
    }
    return results;
  },
};

/** @param {import("../bench.mjs").Bench} bench @param {Uint8Array} code @param {boolean} isNodeCompatible */
async function measure(bench, code, isNodeCompatible) {
  const { acceptsTcp, freePort, makeFolder, removeFolder, startDaemon, waitUntil } = await import(
    "../../beds/process.mjs"
  );
  const { runtimePath } = await import("../../runtimes/index.mjs");
  const { bed, client } = bench.realm;
  const { host, port, service } = await bench.realm.embedded();
  const dir = makeFolder("bench-workerd");
  const own = await freePort();
  fs.writeFileSync(path.join(dir, "worker.js"), code);
  fs.writeFileSync(
    path.join(dir, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker), (name = "internet", network = (allow = ["private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${own}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  compatibilityFlags = [${isNodeCompatible ? "" : '"no_nodejs_compat", "no_nodejs_compat_v2"'}],
);
`,
  );
  const daemon = startDaemon(runtimePath("workerd"), ["serve", "config.capnp"], { env: {}, cwd: dir });
  try {
    await waitUntil(daemon, "workerd", () => acceptsTcp(own));
    const body = JSON.stringify({
      principal: client.principal,
      keytab: [...fs.readFileSync(String(client.keytabFile))],
      kdc: [`tcp://127.0.0.1:${bed.port}`],
      host,
      port,
      service,
      command: ["bench", "echo", "hello"],
    });
    const once = async () => {
      const response = await fetch(`http://127.0.0.1:${own}/`, { method: "POST", body });
      const text = await response.text();
      if (text !== "0") throw new Error(`the Worker answered ${text.slice(0, 200)}: ${daemon.output().slice(-300)}`);
    };
    // The first logs in; more, so that what is hot is compiled: workerd takes some hundreds.
    for (let i = 0; i < warmUp(bench.isQuick); i++) await once();
    const count = bench.isQuick ? 50 : 200;
    const cpuMs = [];
    const wallMs = [];
    for (let round = 0; round < bench.rounds; round++) {
      const cpu = cpuOf(daemon.pid);
      const started = performance.now();
      for (let i = 0; i < count; i++) await once();
      wallMs.push((performance.now() - started) / count);
      cpuMs.push((cpuOf(daemon.pid) - cpu) / count);
    }
    return { cpuMs, wallMs };
  } finally {
    await daemon.stop();
    removeFolder(dir);
  }
}
