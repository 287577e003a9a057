// Sealed messages under a context (RFC 4121): 64 octets to 64 KB, with each enctype's key pinned.

import { clientOf, load, readFile } from "../library.mjs";

/** @type {Record<number, Record<number, number>>} */
const GOALS = {
  17: { 64: 0.3, 1024: 1, 4096: 2, 65536: 4 },
  18: { 64: 0.3, 1024: 1, 4096: 2, 65536: 4 },
  19: { 64: 0.3, 1024: 1, 4096: 1.8, 65536: 2.5 },
  20: { 64: 0.3, 1024: 1, 4096: 1.8, 65536: 2.5 },
};
const SIZES = [64, 1024, 4096, 65_536];

/** @param {"wrap" | "unwrap"} operation @returns {import("../bench.mjs").Workload} */
function workload(operation) {
  return {
    name: operation,
    async rows(bench) {
      const rows = [];
      for (const etype of [17, 18, 19, 20]) {
        const pinned = await bench.realm.pinned(etype);
        for (const bytes of SIZES) {
          rows.push({
            title: `${operation} ${bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KB`}, enctype ${etype}`,
            peer: `gss_${operation}`,
            goal: GOALS[etype]?.[bytes] ?? 1,
            bytes,
            args: { operation, bytes, etype, client: pinned.client, keytab: bench.realm.bed.keytab.service },
            against: { program: "gss", operation, args: ["host@localhost", bytes], env: pinned.env },
          });
        }
      }
      return rows;
    },
    async ours({ bytes, etype, client, keytab }, count, meter) {
      const { initiator, acceptor } = await pairOf(client, keytab);
      if (initiator.etype !== etype) throw new Error(`the context has enctype ${initiator.etype}, not ${etype}`);
      const message = new Uint8Array(bytes).fill(120);
      if (operation === "wrap") {
        return meter.time(() => {
          for (let i = 0; i < count; i++) initiator.wrap(message);
        });
      }
      // Sealed beforehand, in batches, as the peer's are.
      const batch = bytes > 16_384 ? 64 : 512;
      const sum = { wallNs: 0, cpuNs: 0 };
      for (let done = 0; done < count; done += batch) {
        const tokens = Array.from({ length: Math.min(batch, count - done) }, () => initiator.wrap(message));
        const { wallNs, cpuNs } = await meter.time(() => {
          for (const token of tokens) acceptor.unwrap(token);
        });
        sum.wallNs += wallNs;
        sum.cpuNs += cpuNs;
      }
      return sum;
    },
  };
}

/** Both ends of a context in this process. @param {any} options @param {string} keytabFile */
export async function pairOf(options, keytabFile) {
  const { createInitiator, createAcceptor } = await load("entry/gssapi.js");
  const client = await clientOf(options);
  const enctypes = await client.loadEncTypes();
  const initiator = createInitiator({
    target: "host@localhost",
    credential: client,
    enctypes,
    flags: { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true },
  });
  const acceptor = createAcceptor({ keytab: await readFile(keytabFile), enctypes });
  const answer = await acceptor.step(await initiator.step());
  await initiator.step(answer);
  return { initiator, acceptor };
}

export const wrap = workload("wrap");
export const unwrap = workload("unwrap");
