import { encodeText, setUint32, wipe } from "../bytes/index.ts";
import type { CryptoProvider } from "./provider.ts";

const BLOCK_BYTES = 64;

/** HMAC-MD5 (RFC 2104) of the parts, joined, under a key of at most 64 octets: providers have no HMAC of MD5. */
export function hmacMd5(provider: CryptoProvider, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const inner = padded(key, 0x36);
  const outer = padded(key, 0x5c);
  const mac = provider.hash("md5", outer, provider.hash("md5", inner, ...parts));
  wipe(inner, outer);
  return mac;
}

/**
 * The checksum HMAC-MD5 (RFC 4757 section 4), type -138, under a key of whatever enctype: RC4's own, and that of
 * PA-FOR-USER for all (MS-SFU section 2.2.1).
 */
export function hmacMd5Checksum(
  provider: CryptoProvider,
  key: Uint8Array,
  usage: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const signing = hmacMd5(provider, key, encodeText("signaturekey\0"));
  const mac = hmacMd5(provider, signing, provider.hash("md5", littleEndian(usage), ...parts));
  wipe(signing);
  return mac;
}

/** A number in the order of Windows: the lowest octet first. */
export function littleEndian(number: number): Uint8Array {
  const octets = new Uint8Array(4);
  setUint32(octets, 0, number >>> 0);
  return octets.reverse();
}

function padded(key: Uint8Array, octet: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(octet);
  for (let i = 0; i < key.length; i++) (block[i] as number) ^= key[i] as number;
  return block;
}
