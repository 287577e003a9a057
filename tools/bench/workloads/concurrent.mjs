// Many servers at once: 64 one-shots, and a command on 1,000 hosts, in one process against as many C clients. The server is
// this package's own, in a process of its own: what is compared are the clients, not how fast remctld forks.

import { clientOf } from "../library.mjs";

/** @type {import("../bench.mjs").Workload} */
export const concurrent = {
  name: "concurrent",
  async rows(bench) {
    const { client } = bench.realm;
    const { host, port, service } = await bench.realm.embedded();
    const { env } = await bench.realm.pinned();
    const command = ["bench", "echo", "hello"];
    const args = { command, client: { ...client, service }, host, port };
    const against = { program: "remctl", operation: "forked", args: [host, port, service, ...command], env };
    const hosts = bench.isQuick ? 200 : 1000;
    return [
      {
        title: "64 one-shots at once in one process",
        peer: "64 C clients, forked",
        goal: 1,
        count: 64,
        rounds: bench.isQuick ? 3 : 9,
        args: { ...args, operation: "one-shots" },
        against,
      },
      {
        title: `${hosts.toLocaleString("en")} hosts with runOnHosts`,
        peer: `${hosts.toLocaleString("en")} C clients, forked`,
        goal: 2,
        count: hosts,
        rounds: bench.isQuick ? 2 : 3,
        memoryPart: 0.1,
        args: { ...args, operation: "hosts" },
        against,
      },
    ];
  },
  async ours({ operation, command, client: options, host, port }, count, meter) {
    const client = await clientOf(options);
    const { service } = options;
    await client.getTicket(service);
    if (operation === "one-shots") {
      return meter.time(() =>
        Promise.all(Array.from({ length: count }, () => client.remctl(host, command, { port, service }))),
      );
    }
    return meter.time(async () => {
      const targets = Array.from({ length: count }, () => ({ host, port, service }));
      const { succeeded } = await client.runOnHosts(targets, command, { concurrency: 64 });
      if (succeeded !== count) throw new Error(`${succeeded} of ${count} hosts`);
    });
  },
};
