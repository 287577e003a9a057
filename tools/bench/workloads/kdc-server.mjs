// The embedded KDC beside MIT's, both asked by libkrb5: a figure, for who wonders how many logins a test can make.

/** @type {import("../bench.mjs").Workload} */
export const kdcServer = {
  name: "kdc-server",
  async rows(bench) {
    const { bed, client } = bench.realm;
    const own = await bench.realm.embeddedKdc();
    return [
      {
        title: "embedded KDC: logins with a keytab, by libkrb5",
        peer: "krb5kdc",
        args: {},
        mine: { program: "krb5", operation: "as-keytab", args: [own.principal, own.keytab], env: own.env },
        against: {
          program: "krb5",
          operation: "as-keytab",
          args: [String(client.principal), String(client.keytabFile)],
          env: { ...bed.env },
        },
      },
    ];
  },
};
