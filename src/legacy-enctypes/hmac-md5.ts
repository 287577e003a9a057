import { wipe } from "../bytes/index.ts";
import type { CryptoProvider } from "../crypto/index.ts";

const BLOCK_BYTES = 64;

/** HMAC-MD5 (RFC 2104) of the parts, joined, under a key of at most 64 octets: providers have no HMAC of MD5. */
export function hmacMd5(provider: CryptoProvider, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const inner = padded(key, 0x36);
  const outer = padded(key, 0x5c);
  const mac = provider.hash("md5", outer, provider.hash("md5", inner, ...parts));
  wipe(inner, outer);
  return mac;
}

function padded(key: Uint8Array, octet: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(octet);
  for (let i = 0; i < key.length; i++) (block[i] as number) ^= key[i] as number;
  return block;
}
