// Our side of a workload, in the runtime that is measured: Node, Deno or Bun. One request a line of JSON, one answer a line.

import process from "node:process";
import readline from "node:readline";
import { clientOf } from "./library.mjs";
import { workloads } from "./workloads/index.mjs";

const meter = {
  /**
   * Times a function, by the clock and by the CPU of this process.
   * @param {() => unknown} body
   */
  async time(body) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    await body();
    const wallNs = (performance.now() - started) * 1e6;
    const used = process.cpuUsage(cpu);
    return { wallNs, cpuNs: (used.user + used.system) * 1000 };
  },
};

// Under `--profile`: from the third request on, when the modules are loaded and the ticket is there.
const profileFile = process.env.KRB5_REMCTL_BENCH_PROFILE;
/** @type {import("node:inspector").Session | undefined} */
let profiler;
let requests = 0;

/** @param {string} method @param {object} [parameters] @returns {Promise<any>} */
function post(method, parameters = {}) {
  return new Promise((resolve, reject) => {
    profiler?.post(method, parameters, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer;
  if (profileFile !== undefined && ++requests === 4) {
    const { Session } = await import("node:inspector");
    profiler = new Session();
    profiler.connect();
    await post("Profiler.enable");
    await post("Profiler.setSamplingInterval", { interval: 200 });
    await post("Profiler.start");
  }
  try {
    const { workload, count, args } = JSON.parse(line);
    if (workload === "provider") {
      const { provider } = await (await clientOf(args.client)).loadEncTypes();
      process.stdout.write(`${JSON.stringify({ provider: provider.name })}\n`);
      continue;
    }
    const found = workloads.find(({ name }) => name === workload);
    if (found?.ours === undefined) throw new Error(`no such workload: ${workload}`);
    answer = await found.ours(args, count, meter);
  } catch (error) {
    answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
if (profiler !== undefined && profileFile !== undefined) {
  const { writeFileSync } = await import("node:fs");
  writeFileSync(profileFile, JSON.stringify((await post("Profiler.stop")).profile));
}
process.exit(0);
