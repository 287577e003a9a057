// Logins and service tickets from a KDC on loopback.

import { load, readFile } from "../library.mjs";

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
        args: { operation: "as-first", client: { ...rest, principal: alice, password: bed.passwords.alice } },
        against: { program: "krb5", operation: "as-password", args: [alice, bed.passwords.alice], env },
      },
      {
        title: "AS exchange with a keytab",
        peer: "libkrb5",
        goal: 1.15,
        mostCpuTimes: 1.3,
        notes: ["a client that logged in before proves at once: one round trip, libkrb5 makes two"],
        args: { operation: "as", client },
        against: { program: "krb5", operation: "as-keytab", args: [String(client.principal), String(keytabFile)], env },
      },
      {
        title: "TGS exchange",
        peer: "libkrb5",
        goal: 0.9,
        mostCpuTimes: 2,
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
  ours: exchanges,
};

/** AS and TGS exchanges of this library. @param {any} args @param {number} count @param {any} meter @returns {Promise<object>} */
export async function exchanges({ operation, client: options, service }, count, meter) {
  const { createKerberos, keytab, password } = await load("entry/index.js");
  const { principal, password: secret, keytabFile, ...rest } = options;
  // As the peer's context: the configuration is read once, no ticket is kept.
  const credential = async () =>
    secret === undefined ? keytab(principal, await readFile(keytabFile)) : password(principal, secret);
  const make = () => createKerberos({ kdc: rest.kdc });
  if (operation === "as-first") {
    const worlds = Array.from({ length: count }, make);
    const one = await credential();
    for (const world of worlds) await world.loadEncTypes();
    return meter.time(async () => {
      for (const world of worlds) await world.login(one);
    });
  }
  const world = make();
  const one = await credential();
  const { ticket } = await world.login(one);
  return meter.time(async () => {
    for (let i = 0; i < count; i++) {
      if (operation === "as") await world.login(one);
      else await world.getServiceTicket(ticket, service);
    }
  });
}
