// Commands on a server with the ticket cached: a session for each, or one for all.

import { clientOf } from "../library.mjs";

/** @param {string} host @param {number} port @param {any} options */
async function connect(host, port, options) {
  const client = await clientOf(options);
  return { client, target: { port, service: options.service }, host };
}

/**
 * @param {string} name @param {string} words what the row is called
 * @param {{ title: string, command: string[], goal?: number, mostMs?: number }[]} kinds
 * @param {"one-shot" | "keep-alive"} operation
 * @returns {import("../bench.mjs").Workload}
 */
function workload(name, words, kinds, operation) {
  return {
    name,
    async rows(bench) {
      const { remctld, client } = bench.realm;
      const { env } = await bench.realm.pinned();
      return kinds.map(({ title, command, ...goals }) => ({
        title: `${words} ${title}`,
        peer: "libremctl",
        ...goals,
        maxCount: 2000,
        args: { command, client: { ...client, service: remctld.service }, host: remctld.host, port: remctld.port },
        against: { program: "remctl", operation, args: [remctld.host, remctld.port, remctld.service, ...command], env },
      }));
    },
    async ours({ command, client: options, host, port }, count, meter) {
      const { client, target } = await connect(host, port, options);
      // The ticket is there before the clock starts.
      await client.getTicket(options.service);
      if (operation === "one-shot") {
        return meter.time(async () => {
          for (let i = 0; i < count; i++) await client.remctl(host, command, target);
        });
      }
      const session = await client.connect(host, target);
      try {
        return await meter.time(async () => {
          for (let i = 0; i < count; i++) await session.run(command);
        });
      } finally {
        await session.close();
      }
    },
  };
}

export const oneShotEcho = workload(
  "one-shot",
  "one-shot",
  [{ title: "echo", command: ["bench", "echo", "hello"], mostMs: 4.2 }],
  "one-shot",
);
export const keepAliveEcho = workload(
  "keep-alive",
  "keep-alive",
  [{ title: "echo", command: ["bench", "echo", "hello"], goal: 12 }],
  "keep-alive",
);
export const oneShotQuiet = workload(
  "one-shot-quiet",
  "one-shot",
  [{ title: "with no output", command: ["test", "no-output"], goal: 0.85 }],
  "one-shot",
);
export const keepAliveQuiet = workload(
  "keep-alive-quiet",
  "keep-alive",
  [{ title: "with no output", command: ["test", "no-output"], goal: 0.95 }],
  "keep-alive",
);
