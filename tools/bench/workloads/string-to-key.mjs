// The key of a password (RFC 3962, RFC 8009), with the enctype's own number of rounds.

import { clientOf } from "../library.mjs";

/** @type {import("../bench.mjs").Workload} */
export const stringToKey = {
  name: "string-to-key",
  rows: (bench) =>
    [18, 20].map((etype) => ({
      title: `string-to-key, enctype ${etype}`,
      peer: "krb5_c_string_to_key",
      goal: 2,
      args: { etype, client: bench.realm.client },
      against: { program: "krb5", operation: "s2k", args: [etype, "correct-horse", "BENCH.EXAMPLEalice"] },
    })),
  async ours({ etype, client: options }, count, meter) {
    const client = await clientOf(options);
    const encTypes = await client.loadEncTypes();
    const type = encTypes.get(etype);
    const password = new TextEncoder().encode("correct-horse");
    const salt = new TextEncoder().encode("BENCH.EXAMPLEalice");
    return meter.time(async () => {
      for (let i = 0; i < count; i++) await type.stringToKey(encTypes.provider, password, salt);
    });
  },
};
