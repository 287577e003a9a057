// Once per run, before any worker: the live peers are unpacked if they are missing. Workers then only look.

import { ensurePeers } from "../../tools/peers/index.mjs";

export default async function setup(): Promise<void> {
  if (process.env.KRB5_REMCTL_PEERS !== "present") {
    await ensurePeers(
      [
        "mit",
        "heimdal",
        "python-gssapi",
        "faketime",
        "redis",
        "heimdal-kcm",
        "kdcproxy",
        "websockify",
        "nsd",
        "dnsdist",
        "musl",
      ],
      {
        log: (line) => console.log(line),
      },
    );
    process.env.KRB5_REMCTL_PEERS = "present";
  }
}
