// A negotiated context (RFC 4178) at the initiator: the token built, the answer checked. The acceptor is not timed.

import { clientOf, load, readFile } from "../library.mjs";
import { REMEMBERS_NOTHING, timeInitiators } from "./context.mjs";

/** @type {import("../bench.mjs").Workload} */
export const spnego = {
  name: "spnego",
  async rows(bench) {
    const { client, env } = await bench.realm.pinned(18);
    return [
      {
        title: "SPNEGO: the first token built and the answer checked, enctype 18",
        peer: "gss_init_sec_context",
        goal: 2,
        args: { client, keytab: bench.realm.bed.keytab.service },
        against: { program: "gss", operation: "spnego", args: ["host@localhost"], env },
      },
    ];
  },
  async ours({ client: options, keytab }, count) {
    const { createSpnegoInitiator, createSpnegoAcceptor } = await load("entry/spnego.js");
    const { keytabKeys } = await load("entry/gssapi.js");
    const credential = await clientOf(options);
    const enctypes = await credential.loadEncTypes();
    const keys = keytabKeys(await readFile(keytab), enctypes);
    const flags = { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true };
    return await timeInitiators(
      count,
      () => createSpnegoInitiator({ target: "host@localhost", credential, enctypes, flags }),
      () => createSpnegoAcceptor({ keytab: keys, enctypes, replayCache: REMEMBERS_NOTHING }),
    );
  },
};
