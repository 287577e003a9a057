// Sealed messages beside what OpenSSL takes for them: the same calls of node:crypto over as many octets, and nothing around them.
// A multiple of MIT's time depends on how MIT was built; this one says what is ours.

import { unwrap, wrap } from "./wrap.mjs";

/** The cipher's key in octets, and the hash with its block, for each enctype (RFC 3962, RFC 8009). */
const SUITES = /** @type {Record<number, { keyBytes: number, hash: string, blockBytes: number }>} */ ({
  17: { keyBytes: 16, hash: "sha1", blockBytes: 64 },
  18: { keyBytes: 32, hash: "sha1", blockBytes: 64 },
  19: { keyBytes: 16, hash: "sha256", blockBytes: 64 },
  20: { keyBytes: 32, hash: "sha384", blockBytes: 128 },
});
/** How many times OpenSSL's own time a message may take. */
const MOST = /** @type {const} */ ([
  [64, 1.6],
  [65_536, 1.15],
]);
/** A confounder before the message and a copy of the token's header behind it (RFC 4121 section 4.2.4). */
const AROUND_BYTES = 32;
/** Up to here a hash is one call; above, a digest object is cheaper than a copy behind the padded key. */
const ONE_SHOT_BYTES = 8192;

/** @type {import("../bench.mjs").Workload} */
export const floor = {
  name: "floor",
  async rows(bench) {
    const rows = [];
    for (const etype of [17, 18, 19, 20]) {
      const { client } = await bench.realm.pinned(etype);
      for (const operation of ["wrap", "unwrap"]) {
        for (const [bytes, most] of MOST) {
          const args = { operation, bytes, etype, client, keytab: bench.realm.bed.keytab.service };
          rows.push({
            title: `${operation} ${bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KB`}, enctype ${etype}, over OpenSSL's calls`,
            peer: "AES and HMAC of node:crypto",
            goal: Math.round(100 / most) / 100,
            bytes,
            notes: [`at most ${most} times OpenSSL's own`],
            args,
            library: { args: { ...args, isFloor: true }, env: {} },
          });
        }
      }
    }
    return rows;
  },
  async ours(args, count, meter) {
    const { ours } = args.operation === "wrap" ? wrap : unwrap;
    if (args.isFloor !== true) return /** @type {any} */ (await ours?.(args, count, meter));
    const once = await callsOf(args);
    return meter.time(() => {
      for (let i = 0; i < count; i++) once();
    });
  },
};

/** One message's calls into OpenSSL. @param {{ operation: string, bytes: number, etype: number }} message */
async function callsOf({ operation, bytes, etype }) {
  const crypto = await import("node:crypto");
  const { keyBytes, hash, blockBytes } = /** @type {(typeof SUITES)[number]} */ (SUITES[etype]);
  const mode = `aes-${8 * keyBytes}-cbc`;
  const [key, iv] = [Buffer.alloc(keyBytes, 1), Buffer.alloc(16)];
  const cipher = operation === "wrap" ? crypto.createCipheriv(mode, key, iv) : crypto.createDecipheriv(mode, key, iv);
  cipher.setAutoPadding(false);
  const octets = Buffer.alloc(bytes + AROUND_BYTES, 120);
  const padded = Buffer.alloc(blockBytes + octets.length, 54);
  const outer = Buffer.alloc(blockBytes + crypto.createHash(hash).digest().length, 92);
  const isOneShot = octets.length <= ONE_SHOT_BYTES;
  return () => {
    cipher.update(octets);
    if (isOneShot) crypto.hash(hash, padded, "hex");
    else crypto.createHash(hash).update(padded.subarray(0, blockBytes)).update(octets).digest();
    crypto.hash(hash, outer, "hex");
  };
}
