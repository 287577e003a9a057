// 200 commands on one session, 16 on their way at a time, against the C client, which can only take turns.

import { clientOf } from "../library.mjs";

const COMMANDS = 200;
const DEPTH = 16;

/** @type {import("../bench.mjs").Workload} */
export const pipeline = {
  name: "pipeline",
  async rows(bench) {
    const { remctld, client } = bench.realm;
    const { env } = await bench.realm.pinned();
    const command = ["bench", "echo", "hello"];
    const count = bench.isQuick ? COMMANDS / 4 : COMMANDS;
    return [
      {
        title: `pipeline of ${count} commands, ${DEPTH} deep`,
        peer: "libremctl, one after the other",
        goal: 12,
        count,
        rounds: bench.isQuick ? 3 : 5,
        args: { command, client: { ...client, service: remctld.service }, host: remctld.host, port: remctld.port },
        against: {
          program: "remctl",
          operation: "keep-alive",
          args: [remctld.host, remctld.port, remctld.service, ...command],
          env,
        },
      },
    ];
  },
  async ours({ command, client: options, host, port }, count, meter) {
    const client = await clientOf(options);
    const session = await client.connect(host, { port, service: options.service, pipelineDepth: DEPTH });
    try {
      return await meter.time(() => Promise.all(Array.from({ length: count }, () => session.run(command))));
    } finally {
      await session.close();
    }
  },
};
