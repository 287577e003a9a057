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

for await (const line of readline.createInterface({ input: process.stdin })) {
  let answer;
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
process.exit(0);
