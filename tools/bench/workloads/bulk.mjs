// Much output, and much input, of one command.

import { clientOf } from "../library.mjs";

const MB = 2 ** 20;
const OUTPUT_BYTES = 200 * MB;
// remctld takes at most 100 MiB of arguments.
const INPUT_BYTES = 90 * MB;
/** Of a run before the clock: what is loaded and compiled is not what is looked for. */
const WARM_BYTES = MB;
const GROWTH_BYTES = 32 * MB;

/**
 * @param {string} name
 * @param {{
 *   bytes: number, operation: string, title: (megabytes: number) => string, command: (bytes: number) => string[],
 *   against: (bytes: number) => (string | number)[], warmBytes?: number,
 *   once: (session: any, command: string[], bytes: number) => Promise<void>,
 * }} kind
 * @returns {import("../bench.mjs").Workload}
 */
const bulk = (name, { bytes: fullBytes, operation, title, command, against, warmBytes, once }) => ({
  name,
  async rows(bench) {
    const { remctld, client } = bench.realm;
    const { host, port, service } = remctld;
    const { env } = await bench.realm.pinned();
    const bytes = bench.isQuick ? fullBytes / 8 : fullBytes;
    const argsOf = (/** @type {number} */ size) => ({
      ...{ client: { ...client, service }, host, port },
      ...{ command: command(size), bytes: size },
    });
    return [
      {
        title: title(bytes / MB),
        peer: "libremctl",
        goal: 0.95,
        count: 1,
        rounds: bench.isQuick ? 3 : 7,
        bytes,
        maxGrowthBytes: GROWTH_BYTES,
        args: argsOf(bytes),
        warmArgs: argsOf(warmBytes ?? bytes),
        against: { program: "remctl", operation, args: [host, port, service, ...against(bytes)], env },
      },
    ];
  },
  async ours({ command: words, bytes, client: options, host, port }, count, meter) {
    const client = await clientOf(options);
    const session = await client.connect(host, { port, service: options.service });
    try {
      return await meter.time(async () => {
        for (let i = 0; i < count; i++) await once(session, words, bytes);
      });
    } finally {
      await session.close();
    }
  },
});

const zeros = (/** @type {number} */ bytes) => ["bench", "zeros", String(bytes)];

export const bulkOutput = bulk("bulk-output", {
  bytes: OUTPUT_BYTES,
  operation: "keep-alive",
  title: (megabytes) => `bulk output, ${megabytes} MB`,
  command: zeros,
  against: zeros,
  warmBytes: WARM_BYTES,
  async once(session, command, bytes) {
    let total = 0;
    const run = session.stream(command);
    for await (const { data } of run) total += data.length;
    await run.status;
    if (total !== bytes) throw new Error(`${total} octets, not ${bytes}`);
  },
});

const swallow = ["bench", "swallow"];
/** The caller's own octets are there before the clock, by the run before it, and are no growth. @type {Uint8Array | undefined} */
let input;

export const bulkInput = bulk("bulk-input", {
  bytes: INPUT_BYTES,
  operation: "input",
  title: (megabytes) => `bulk input, ${megabytes} MB (stdin=last)`,
  command: () => swallow,
  against: (bytes) => [bytes, ...swallow],
  async once(session, command, bytes) {
    if (input?.length !== bytes) input = new Uint8Array(bytes).fill(120);
    const { status } = await session.run([...command, input]);
    if (status !== 0) throw new Error(`exit status ${status}`);
  },
});
