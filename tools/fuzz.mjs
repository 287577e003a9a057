// `npm run fuzz -- [--seconds N] [--seed S] [--list] [TARGET...]`: feeds changed messages to every decoder and state machine.
// What is found is kept in test/fuzz/found, and test/regression/fuzz-found.test.ts tries it again for ever.

import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { toolArguments } from "./arguments.mjs";
import { ensureRootDependencies, ensureTestDependencies, ROOT } from "./bootstrap.mjs";

const FOUND = path.join(ROOT, "test", "fuzz", "found");

/** The names of the targets, in their order. */
export function fuzzTargets() {
  const index = fs.readFileSync(path.join(ROOT, "test", "fuzz", "targets", "index.ts"), "utf8");
  const table = /const targets[^{]*\{\n(?<rows>[^}]*)\}/.exec(index)?.groups?.rows ?? "";
  return [...table.matchAll(/^ {2}"?([\w-]+)"?[:,]/gm)].map(([, name]) => /** @type {string} */ (name));
}

/** The fuzzer as one file, to be removed by the caller. */
export async function bundleFuzzer() {
  const require = createRequire(path.join(ROOT, "test", "package.json"));
  const { rolldown } = await import(pathToFileURL(require.resolve("rolldown")).href);
  fs.mkdirSync(path.join(ROOT, ".cache"), { recursive: true });
  const folder = fs.mkdtempSync(path.join(ROOT, ".cache", "fuzz-"));
  const file = path.join(folder, "main.mjs");
  const input = path.join(ROOT, "test", "fuzz", "main.ts");
  // fast-check lies beside the tests, the rest at the root: resolved from each importer as usual.
  const build = await rolldown({ input, platform: "node", logLevel: "silent" });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return { file, remove: () => fs.rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Fuzzes one target in a process of its own.
 * @param {string} file @param {string} target @param {{ ms: number, seed: number }} options
 * @returns {Promise<{ isClean: boolean, output: string }>}
 */
export function runFuzzer(file, target, { ms, seed }) {
  // A large young generation: memory is counted as the growth of the heap, which a collection would hide.
  const args = ["--expose-gc", "--max-semi-space-size=64", file, ROOT, String(ms), String(seed), FOUND, target];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    // A target that never comes back is a finding too.
    const timer = setTimeout(() => child.kill("SIGKILL"), ms * 3 + 60_000);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal !== null) output += `  ${target}: ended by ${signal}: it hangs; the seed was ${seed}\n`;
      resolve({ isClean: code === 0, output });
    });
  });
}

async function main() {
  const all = fuzzTargets();
  const { values, flags, names } = toolArguments({
    command: "npm run fuzz --",
    about: "Damages input of each parser, and looks for what crashes, hangs or grows.",
    names: "[TARGET...]",
    known: () => all,
    options: {
      seconds: { value: "N", isNumber: true, about: "for each target", default: "10" },
      seed: { value: "S", isNumber: true, about: "the inputs of an earlier run" },
      list: { about: "the names of the targets" },
    },
  });
  if (flags.has("list")) {
    console.log(all.join("\n"));
    return;
  }
  // At least one: a run of no time finds nothing.
  const seconds = Math.max(1, Number(values.seconds));
  await ensureRootDependencies();
  await ensureTestDependencies();
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const queue = names.length > 0 ? names : all;
  console.log(`Fuzzing ${queue.length} targets, ${seconds} s each, seed ${seed}`);
  const { file, remove } = await bundleFuzzer();
  let found = 0;
  const waiting = [...queue];
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      const { isClean, output } = await runFuzzer(file, target, { ms: seconds * 1000, seed });
      process.stdout.write(output);
      if (!isClean) found++;
    }
  };
  try {
    await Promise.all(Array.from({ length: os.availableParallelism() }, work));
  } finally {
    remove();
  }
  console.log(found === 0 ? "nothing found" : `${found} of ${queue.length} targets broke`);
  process.exitCode = found === 0 ? 0 : 1;
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
