import { UnsupportedError } from "../errors.ts";
import type { Digest } from "./oids.ts";

/** The Web Cryptography API of the host, which has what certificates need: RSA, ECDSA, AES and the digests. */
export function subtle(): SubtleCrypto {
  const found = (globalThis as { readonly crypto?: Crypto }).crypto?.subtle;
  if (found !== undefined) return found;
  throw new UnsupportedError(
    "this host has no WebCrypto, which certificates need: use a newer one, or a page that came over https",
  );
}

/** Octets as the Web Cryptography API takes them. */
export function source(octets: Uint8Array): Uint8Array<ArrayBuffer> {
  return octets as Uint8Array<ArrayBuffer>;
}

/** The digest of octets. */
export async function digest(name: Digest, octets: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle().digest(name, source(octets)));
}
