import { concat, encodeText, setUint32, wipe } from "../../bytes/index.ts";
import { type CryptoProvider, cf2, type ProtocolKey, prfPlus } from "../../crypto/index.ts";
import type { Group } from "../../curves/index.ts";

/** The octets that the secret multiplier is made of (RFC 9588 section 5). */
export function multiplierOctets(key: ProtocolKey, group: Group): Uint8Array {
  return prfPlus(key, concat(encodeText("SPAKEsecret"), uint32(group.number)), group.scalarBytes);
}

/**
 * The transcript hash (RFC 9588 section 6): over the messages before the response as they are on the wire, and then
 * over the client's public key.
 */
export function transcriptOf(
  provider: CryptoProvider,
  group: Group,
  messages: readonly Uint8Array[],
  publicKey: Uint8Array,
): Uint8Array {
  const first = provider.hash(group.hash);
  const afterChallenge = provider.hash(group.hash, new Uint8Array(first.length), ...messages);
  return provider.hash(group.hash, afterChallenge, publicKey);
}

/** What all keys of one exchange are made of. */
export interface KeyMaterial {
  /** The client's long-term key. */
  readonly key: ProtocolKey;
  readonly group: Group;
  /** What the secret multiplier was made of. */
  readonly multiplier: Uint8Array;
  /** The point that both sides have computed. */
  readonly shared: Uint8Array;
  readonly transcript: Uint8Array;
  /** The KDC-REQ-BODY of the request that has the response; under FAST the inner one. */
  readonly body: Uint8Array;
}

/** The key K'[n] (RFC 9588 section 7). */
export function deriveKey(provider: CryptoProvider, material: KeyMaterial, n: number): ProtocolKey {
  const { key, group, multiplier, shared, transcript, body } = material;
  const { encType } = key;
  const parts = [
    ...[encodeText("SPAKEkey"), uint32(group.number), uint32(encType.etype), multiplier, shared, transcript, body],
    uint32(n),
  ];
  const blocks: Uint8Array[] = [];
  let length = 0;
  while (length < encType.seedBytes) {
    const block = provider.hash(group.hash, ...parts, Uint8Array.of(blocks.length + 1));
    blocks.push(block);
    length += block.length;
  }
  const seed = concat(...blocks);
  const octets = encType.randomToKey(seed.subarray(0, encType.seedBytes));
  const intermediate = encType.importKey(provider, octets);
  const derived = cf2(provider, key, intermediate, encodeText("SPAKE"), encodeText("keyderiv"));
  wipe(seed, octets, ...blocks);
  return derived;
}

function uint32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  setUint32(octets, 0, value);
  return octets;
}
