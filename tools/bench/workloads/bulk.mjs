// Much output, and much input, of one command.

import { clientOf } from "../library.mjs";

const OUTPUT_BYTES = 200 * 2 ** 20;
// remctld takes at most 100 MiB of arguments.
const INPUT_BYTES = 90 * 2 ** 20;
/** Of a run before the clock: what is loaded and compiled is not what is looked for. */
const WARM_BYTES = 2 ** 20;
const GROWTH_BYTES = 32 * 2 ** 20;

/** @type {import("../bench.mjs").Workload} */
export const bulkOutput = {
  name: "bulk-output",
  async rows(bench) {
    const { remctld, client } = bench.realm;
    const { env } = await bench.realm.pinned();
    const args = { client: { ...client, service: remctld.service }, host: remctld.host, port: remctld.port };
    const bytes = bench.isQuick ? OUTPUT_BYTES / 8 : OUTPUT_BYTES;
    const command = ["bench", "zeros", String(bytes)];
    return [
      {
        title: `bulk output, ${bytes / 2 ** 20} MB`,
        peer: "libremctl",
        goal: 0.95,
        count: 1,
        rounds: bench.isQuick ? 3 : 7,
        bytes,
        maxGrowthBytes: GROWTH_BYTES,
        args: { ...args, command, bytes },
        warmArgs: { ...args, command: ["bench", "zeros", String(WARM_BYTES)], bytes: WARM_BYTES },
        against: {
          program: "remctl",
          operation: "keep-alive",
          args: [remctld.host, remctld.port, remctld.service, ...command],
          env,
        },
      },
    ];
  },
  async ours({ command, bytes, client: options, host, port }, count, meter) {
    const client = await clientOf(options);
    const session = await client.connect(host, { port, service: options.service });
    try {
      return await meter.time(async () => {
        for (let i = 0; i < count; i++) {
          let total = 0;
          const run = session.stream(command);
          for await (const { data } of run) total += data.length;
          await run.status;
          if (total !== bytes) throw new Error(`${total} octets, not ${bytes}`);
        }
      });
    } finally {
      await session.close();
    }
  },
};

/** @type {import("../bench.mjs").Workload} */
export const bulkInput = {
  name: "bulk-input",
  async rows(bench) {
    const { remctld, client } = bench.realm;
    const { env } = await bench.realm.pinned();
    const args = { client: { ...client, service: remctld.service }, host: remctld.host, port: remctld.port };
    const bytes = bench.isQuick ? INPUT_BYTES / 8 : INPUT_BYTES;
    const command = ["bench", "swallow"];
    return [
      {
        title: `bulk input, ${bytes / 2 ** 20} MB (stdin=last)`,
        peer: "libremctl",
        goal: 0.95,
        count: 1,
        rounds: bench.isQuick ? 3 : 7,
        bytes,
        maxGrowthBytes: GROWTH_BYTES,
        // The same input: it is the caller's, and no growth.
        args: { ...args, command, bytes },
        warmArgs: { ...args, command, bytes },
        against: {
          program: "remctl",
          operation: "input",
          args: [remctld.host, remctld.port, remctld.service, bytes, ...command],
          env,
        },
      },
    ];
  },
  async ours({ command, bytes, client: options, host, port }, count, meter) {
    const client = await clientOf(options);
    const session = await client.connect(host, { port, service: options.service });
    // The caller's own octets are there before the clock and are not growth: kept from round to round.
    if (input?.length !== bytes) input = new Uint8Array(bytes).fill(120);
    try {
      return await meter.time(async () => {
        for (let i = 0; i < count; i++) {
          const { status } = await session.run([...command, input]);
          if (status !== 0) throw new Error(`exit status ${status}`);
        }
      });
    } finally {
      await session.close();
    }
  },
};

/** @type {Uint8Array | undefined} */
let input;
