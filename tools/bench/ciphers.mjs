// `node tools/bench/ciphers.mjs`: whether `crypto.subtle` seals large messages faster than what this package computes with, on
// Node, Deno and workerd: processor time of the whole process a message, whatever else the machine does.

import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { makeFolder, removeFolder } from "../beds/process.mjs";
import { runtimeModule } from "../runtimes/index.mjs";
import { startBareWorkerd } from "./bare-workerd.mjs";
import { findRuntimeOf } from "./runtimes.mjs";
import { cpuOf, quantile } from "./stats.mjs";

const run = promisify(execFile);
const SIZES = [1024, 4096, 16_384, 65_536, 1_048_576];
const ROUNDS = 5;
/** Octets that one round seals: enough for a clock that counts in hundredths of a second. */
const ROUND_BYTES = 16 * 2 ** 20;
const countOf = (/** @type {number} */ bytes) => Math.min(10_000, Math.ceil(ROUND_BYTES / bytes));

const { build } = await import(runtimeModule("esbuild"));
const dir = makeFolder("bench-ciphers");
const file = path.join(dir, "program.mjs");
await build({
  entryPoints: [path.join(import.meta.dirname, "ciphers-program.mjs")],
  bundle: true,
  outfile: file,
  format: "esm",
  target: "es2022",
  conditions: ["workerd", "worker", "browser"],
  external: ["node:*"],
});

/** Microseconds of processor time a message, the median of some rounds. @param {string} name @param {string[]} hows */
async function onProgram(name, hows) {
  const { program, args, env, version } = await findRuntimeOf(name, console.error);
  const main = path.join(dir, `${name}.mjs`);
  fs.writeFileSync(
    main,
    `import { seal } from "./program.mjs";
const rows = [];
for (const bytes of ${JSON.stringify(SIZES)}) for (const how of ${JSON.stringify(hows)}) {
  const count = Math.min(10_000, Math.ceil(${ROUND_BYTES} / bytes));
  await seal(how, bytes, Math.ceil(count / 8));
  const times = [];
  for (let round = 0; round < ${ROUNDS}; round++) {
    const start = process.cpuUsage();
    await seal(how, bytes, count);
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / count);
  }
  rows.push({ bytes, how, us: times.sort((a, b) => a - b)[${ROUNDS >> 1}] });
}
console.log(JSON.stringify(rows));
`,
  );
  const { stdout } = await run(program, [...args, main], { env: { ...process.env, ...env } });
  return { version, rows: JSON.parse(stdout) };
}

/** The same in workerd, without `nodejs_compat`. */
async function onWorkerd() {
  const { url, daemon } = await startBareWorkerd(dir, file);
  try {
    const rows = [];
    for (const bytes of SIZES) {
      for (const how of ["noble", "subtle"]) {
        const count = countOf(bytes) >> 2;
        const once = async () => {
          const body = JSON.stringify({ how, bytes, count });
          const response = await fetch(url, { method: "POST", body });
          if ((await response.text()) !== "sealed") throw new Error(daemon.output().slice(-300));
        };
        await once();
        const times = [];
        for (let round = 0; round < ROUNDS; round++) {
          const start = cpuOf(daemon.pid);
          await once();
          times.push((1000 * (cpuOf(daemon.pid) - start)) / count);
        }
        rows.push({ bytes, how, us: quantile(times, 0.5) });
      }
    }
    return { version: "workerd", rows };
  } finally {
    await daemon.stop();
  }
}

try {
  for (const { version, rows } of [
    await onProgram("node", ["node", "subtle"]),
    await onProgram("deno", ["node", "subtle"]),
    await onWorkerd(),
  ]) {
    console.log(`${version}: microseconds of processor time a message, enctype 18`);
    for (const bytes of SIZES) {
      const of = rows.filter((/** @type {any} */ row) => row.bytes === bytes);
      console.log(`  ${bytes}: ${of.map((/** @type {any} */ { how, us }) => `${how} ${us.toFixed(1)}`).join(", ")}`);
    }
  }
} finally {
  removeFolder(dir);
}
