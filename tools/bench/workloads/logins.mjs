// Logins beyond an encrypted timestamp, at MIT's KDC on loopback: each the first of its client, as with kinit.

import { exchanges } from "./kdc.mjs";

/** The least of libkrb5's time to ours, for each group of SPAKE. */
const GOALS = /** @type {const} */ ([
  ["edwards25519", 1 / 1.5],
  ["P-256", 1 / 2],
]);

/** @type {import("../bench.mjs").Workload} */
export const logins = {
  name: "logins",
  async rows() {
    const { startMitLoginsBed } = await import("../../beds/index.mjs");
    // It ends with this process.
    const bed = await startMitLoginsBed();
    const principal = `alice@${bed.realm}`;
    const { alice: password } = bed.passwords;
    const rows = [];
    for (const [group, goal] of GOALS) {
      const { port, env } = await bed.kdcOf(`spake-${group}`);
      rows.push({
        title: `AS exchange with SPAKE, ${group}`,
        peer: "libkrb5",
        goal: Math.round(goal * 100) / 100,
        args: { operation: "as-first", client: { principal, password, kdc: [`tcp://127.0.0.1:${port}`] } },
        against: { program: "krb5", operation: "as-password", args: [principal, String(password)], env },
      });
    }
    return rows;
  },
  ours: exchanges,
};
