// Logins and service tickets from a KDC on loopback.

import { newClient } from "../library.mjs";

/** @type {import("../bench.mjs").Workload} */
export const kdc = {
  name: "kdc",
  async rows(bench) {
    const { bed, client, realm } = bench.realm;
    const alice = `alice@${realm}`;
    const { keytabFile, ...rest } = client;
    const env = { ...bed.env };
    return [
      {
        title: "AS exchange with a password",
        peer: "libkrb5",
        goal: 1.5,
        args: { operation: "as", client: { ...rest, principal: alice, password: bed.passwords.alice } },
        against: { program: "krb5", operation: "as-password", args: [alice, bed.passwords.alice], env },
      },
      {
        title: "AS exchange with a keytab",
        peer: "libkrb5",
        goal: 0.8,
        args: { operation: "as", client },
        against: { program: "krb5", operation: "as-keytab", args: [String(client.principal), String(keytabFile)], env },
      },
      {
        title: "TGS exchange",
        peer: "libkrb5",
        goal: 0.8,
        args: { operation: "tgs", client, service: bench.realm.remctld.service },
        against: {
          program: "krb5",
          operation: "tgs",
          args: [String(client.principal), String(keytabFile), bench.realm.remctld.service],
          env,
        },
      },
    ];
  },
  async ours({ operation, client: options, service }, count, meter) {
    const realm = options.principal.split("@")[1];
    if (operation === "as") {
      /** @type {any[]} */
      const clients = [];
      for (let i = 0; i < count; i++) clients.push(await newClient(options));
      return meter.time(async () => {
        for (const client of clients) await client.getTicket(`krbtgt/${realm}@${realm}`);
      });
    }
    const sum = { wallNs: 0, cpuNs: 0 };
    for (let i = 0; i < count; i++) {
      const client = await newClient(options);
      await client.getTicket(`krbtgt/${realm}@${realm}`);
      const { wallNs, cpuNs } = await meter.time(() => client.getTicket(service));
      sum.wallNs += wallNs;
      sum.cpuNs += cpuNs;
    }
    return sum;
  },
};
