// Many servers at once: 64 one-shots in one process against as many C clients.

import { clientOf } from "../library.mjs";

/** @type {import("../bench.mjs").Workload} */
export const concurrent = {
  name: "concurrent",
  async rows(bench) {
    const { remctld, client } = bench.realm;
    const { env } = await bench.realm.pinned();
    const command = ["test", "no-output"];
    return [
      {
        title: "64 one-shots at once in one process",
        peer: "64 C clients, forked",
        goal: 1,
        count: 64,
        rounds: bench.isQuick ? 3 : 9,
        args: { command, client: { ...client, service: remctld.service }, host: remctld.host, port: remctld.port },
        against: {
          program: "remctl",
          operation: "forked",
          args: [remctld.host, remctld.port, remctld.service, ...command],
          env,
        },
      },
    ];
  },
  async ours({ command, client: options, host, port }, count, meter) {
    const client = await clientOf(options);
    await client.getTicket(options.service);
    return meter.time(() =>
      Promise.all(
        Array.from({ length: count }, () => client.remctl(host, command, { port, service: options.service })),
      ),
    );
  },
};
