// The security layer of SASL GSSAPI (RFC 4752) with confidentiality: frames made, and frames read.

import path from "node:path";
import { ensurePeers } from "../../peers/index.mjs";
import { clientOf, load, readFile } from "../library.mjs";

/** @type {readonly [bytes: number, goal: number][]} */
const SIZES = [
  [64, 0.3],
  [4096, 1],
  [32_768, 1],
];

/** @type {import("../bench.mjs").Workload} */
export const sasl = {
  name: "sasl",
  async rows(bench) {
    const { slapd } = await ensurePeers(["slapd"]);
    const pinned = await bench.realm.pinned(18);
    const env = {
      ...pinned.env,
      LD_LIBRARY_PATH: [slapd.env.LD_LIBRARY_PATH, bench.peers.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
      SASL_PATH: path.dirname(slapd.find("lib/*/sasl2/libgssapiv2.so") ?? ""),
    };
    const keytab = bench.realm.bed.keytab.service;
    return /** @type {const} */ (["encode", "decode"]).flatMap((operation) =>
      SIZES.map(([bytes, goal]) => ({
        title: `SASL layer: ${operation} ${bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KB`}, enctype 18`,
        peer: `sasl_${operation} of Cyrus`,
        goal,
        bytes,
        args: { operation, bytes, client: pinned.client, keytab },
        against: { program: "sasl", operation, args: [bytes], env },
      })),
    );
  },
  async ours({ operation, bytes, client, keytab }, count, meter) {
    const { from, to } = await layersOf(client, keytab);
    const message = new Uint8Array(bytes).fill(120);
    if (operation === "encode") {
      return meter.time(() => {
        for (let i = 0; i < count; i++) from.frame(message);
      });
    }
    // Made beforehand, in batches, as the peer's are.
    const deframer = to.createDeframer();
    const batch = bytes > 16_384 ? 64 : 512;
    const sum = { wallNs: 0, cpuNs: 0 };
    for (let done = 0; done < count; done += batch) {
      const frames = Array.from({ length: Math.min(batch, count - done) }, () => from.frame(message));
      const { wallNs, cpuNs } = await meter.time(() => {
        for (const frame of frames) deframer.push(frame);
      });
      sum.wallNs += wallNs;
      sum.cpuNs += cpuNs;
    }
    return sum;
  },
};

/** Both ends of an exchange in this process. @param {any} options @param {string} keytabFile */
async function layersOf(options, keytabFile) {
  const { createSaslClient, createSaslServer } = await load("entry/sasl.js");
  const credential = await clientOf(options);
  const enctypes = await credential.loadEncTypes();
  const client = createSaslClient({ service: "host", host: "localhost", credential, enctypes });
  const server = createSaslServer({ keytab: await readFile(keytabFile), enctypes });
  let response = await client.step();
  while (!server.isComplete) {
    const challenge = await server.step(response);
    if (challenge !== undefined) response = await client.step(challenge);
  }
  const from = await client.finish();
  return { from, to: server.layer };
}
