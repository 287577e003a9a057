import type { HashName, Mac } from "../provider.ts";
import { padded } from "./hmac-key.ts";

/** The part of `node:crypto` that is used here. */
interface OneShotHash {
  hash?(algorithm: string, octets: Uint8Array, encoding: "hex"): string;
}

const BLOCK_BYTES: Readonly<Record<HashName, number>> = { sha1: 64, sha256: 64, sha384: 128 };
const HASH_BYTES: Readonly<Record<HashName, number>> = { sha1: 20, sha256: 32, sha384: 48 };
/** Up to here, copying a message costs less than an HMAC object of the host: two microseconds. */
const COPIED_BYTES = 8192;

/** The pad within, 0x36, and the one around, 0x5c: the one key is the other one XORed with both. */
const OUTER_TO_INNER = 0x36 ^ 0x5c;

// One for all: nothing here waits, and it is empty again after each use.
let scratch: Uint8Array | undefined;

/**
 * HMAC (RFC 2104) by two one-shot hashes of the host, which cost half a microsecond each where its HMAC object costs
 * three to five: H(key ^ opad | H(key ^ ipad | parts)). They give text, which cannot be wiped: for MACs of messages,
 * not for keys. Longer messages, and hosts without such a call, go to `otherwise`.
 */
export function hashTwice(node: OneShotHash, name: HashName, key: Uint8Array, otherwise: Mac["mac"]): Mac["tag"] {
  const blockBytes = BLOCK_BYTES[name];
  if (node.hash === undefined || key.length > blockBytes) return otherwise;
  const hashBytes = HASH_BYTES[name];
  // Many keys make no MAC of a message: what is made of them alone is made when it is needed.
  let outer: Uint8Array | undefined;
  return (...parts) => {
    let end = blockBytes;
    for (const part of parts) end += part.length;
    if (end > COPIED_BYTES) return otherwise(...parts);
    outer ??= outerBlock(key, blockBytes, hashBytes);
    scratch ??= new Uint8Array(COPIED_BYTES);
    for (let i = 0; i < blockBytes; i++) scratch[i] = (outer[i] as number) ^ OUTER_TO_INNER;
    let at = blockBytes;
    for (const part of parts) {
      scratch.set(part, at);
      at += part.length;
    }
    const hash = node.hash as NonNullable<typeof node.hash>;
    fromHex(hash(name, scratch.subarray(0, end), "hex"), outer, blockBytes);
    scratch.fill(0, 0, end);
    const tag = new Uint8Array(hashBytes);
    fromHex(hash(name, outer, "hex"), tag, 0);
    return tag;
  };
}

/** The padded key, and room for the inner hash behind it. */
function outerBlock(key: Uint8Array, blockBytes: number, hashBytes: number): Uint8Array {
  const outer = new Uint8Array(blockBytes + hashBytes);
  outer.set(padded(key, blockBytes, 0x5c));
  return outer;
}

function fromHex(text: string, out: Uint8Array, offset: number): void {
  for (let i = 0; i < text.length; i += 2) {
    out[offset + i / 2] = (nibble(text.charCodeAt(i)) << 4) | nibble(text.charCodeAt(i + 1));
  }
}

/** Of a digit in lower case. */
function nibble(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
