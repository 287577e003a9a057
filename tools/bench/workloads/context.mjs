// A context's first and last token at the initiator: the AP-REQ built, the AP-REP checked. The acceptor is not timed.

import { clientOf, load, readFile } from "../library.mjs";

/** @type {import("../bench.mjs").Workload} */
export const context = {
  name: "context",
  async rows(bench) {
    const pinned = await bench.realm.pinned(18);
    const keytab = bench.realm.bed.keytab.service;
    return [
      {
        title: "context: AP-REQ built and AP-REP checked, enctype 18",
        peer: "gss_init_sec_context",
        goal: 2,
        args: { client: pinned.client, keytab },
        against: { program: "gss", operation: "context", args: ["host@localhost"], env: pinned.env },
      },
    ];
  },
  async ours({ client: options, keytab }, count) {
    const { createInitiator, createAcceptor, keytabKeys } = await load("gssapi/index.js");
    const client = await clientOf(options);
    const encTypes = await client.loadEncTypes();
    const keys = keytabKeys(await readFile(keytab), encTypes);
    const flags = { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true };
    let wallNs = 0;
    for (let i = 0; i < count; i++) {
      let started = performance.now();
      const initiator = createInitiator({ target: "host@localhost", credential: client, encTypes, flags });
      const first = await initiator.step();
      wallNs += (performance.now() - started) * 1e6;
      const acceptor = createAcceptor({ keytab: keys, encTypes });
      const answer = await acceptor.step(first);
      started = performance.now();
      await initiator.step(answer);
      wallNs += (performance.now() - started) * 1e6;
      if (!initiator.isEstablished) throw new Error("the context is not established");
    }
    // The CPU of two short calls cannot be told from the acceptor's.
    return { wallNs, cpuNs: wallNs };
  },
};
