// A context's first and last token at the initiator: the AP-REQ built, the AP-REP checked. The acceptor is not timed.

import { clientOf, load, readFile } from "../library.mjs";

/** As the peers' acceptors, which have KRB5RCACHENAME=none: the acceptor is not what is measured. */
export const REMEMBERS_NOTHING = { remember: () => true };

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
      {
        title: "the same beside the npm package kerberos",
        peer: "npm kerberos",
        goal: 5,
        args: { client: pinned.client, keytab },
        ...(await npmKerberos(pinned, keytab)),
      },
    ];
  },
  async ours({ client: options, keytab, isNative }, count) {
    const { createInitiator, createAcceptor, keytabKeys } = await load("entry/gssapi.js");
    const client = await clientOf(options);
    const enctypes = await client.loadEncTypes();
    const keys = keytabKeys(await readFile(keytab), enctypes);
    const flags = { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true };
    if (isNative)
      return await native(count, () => createAcceptor({ keytab: keys, enctypes, replayCache: REMEMBERS_NOTHING }));
    return await timeInitiators(
      count,
      () => createInitiator({ target: "host@localhost", credential: client, enctypes, flags }),
      () => createAcceptor({ keytab: keys, enctypes, replayCache: REMEMBERS_NOTHING }),
    );
  },
};

/**
 * The time of an initiator's two steps, those of the acceptor apart.
 * @param {number} count @param {() => any} initiate @param {() => any} accept
 */
export async function timeInitiators(count, initiate, accept) {
  let wallNs = 0;
  for (let i = 0; i < count; i++) {
    let started = performance.now();
    const initiator = initiate();
    const first = await initiator.step();
    wallNs += (performance.now() - started) * 1e6;
    const answer = await accept().step(first);
    started = performance.now();
    await initiator.step(answer);
    wallNs += (performance.now() - started) * 1e6;
    if (!initiator.isEstablished) throw new Error("the context is not established");
  }
  // The CPU of two short calls cannot be told from the acceptor's.
  return { wallNs, cpuNs: wallNs };
}

/** @param {{ env: Record<string, string>, client: object }} pinned @param {string} keytab */
async function npmKerberos({ env, client }, keytab) {
  try {
    const { ensureNpmKerberos } = await import("../npm-kerberos.mjs");
    const built = await ensureNpmKerberos();
    return { library: { args: { client, keytab, isNative: true }, env: { ...built.env, ...env } } };
  } catch (error) {
    return {
      cannot: `it could not be built: ${/** @type {Error} */ (error).message.split("\n").slice(0, 2).join(" ")}`,
    };
  }
}

/** The initiator of the npm package, and our acceptor. @param {number} count @param {() => any} accept */
async function native(count, accept) {
  const { createRequire } = await import("node:module");
  const kerberos = createRequire(new URL("../npm-kerberos/package.json", import.meta.url))("kerberos");
  // Mutual, replay, sequence, confidentiality, integrity.
  const flags = 2 | 4 | 8 | 16 | 32;
  let wallNs = 0;
  for (let i = 0; i < count; i++) {
    let started = performance.now();
    const initiator = await kerberos.initializeClient("host@localhost", { gssFlags: flags });
    const first = await initiator.step("");
    wallNs += (performance.now() - started) * 1e6;
    const answer = await accept().step(new Uint8Array(Buffer.from(first, "base64")));
    started = performance.now();
    await initiator.step(Buffer.from(answer).toString("base64"));
    wallNs += (performance.now() - started) * 1e6;
    if (!initiator.contextComplete) throw new Error("the context is not established");
  }
  return { wallNs, cpuNs: wallNs };
}
