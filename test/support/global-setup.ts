// Once per run, before any worker: the live peers are unpacked if they are missing. Workers then only look.

import { ensurePeers, TEST_PEERS, WHOLE_TABLE_PEERS } from "../../tools/peers/index.mjs";

export default async function setup(): Promise<void> {
  if (process.env.KRB5_REMCTL_PEERS !== "present") {
    const more = process.env.CI === "true" ? WHOLE_TABLE_PEERS : [];
    await ensurePeers([...TEST_PEERS, ...more], { log: (line) => console.log(line) });
    process.env.KRB5_REMCTL_PEERS = "present";
  }
}
