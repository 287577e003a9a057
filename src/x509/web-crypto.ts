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

/** Gives the digest of octets. */
export type DigestOf = (name: Digest, octets: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** The digest by WebCrypto, which does it in another thread: a message of a few octets waits for that longer. */
export async function digest(name: Digest, octets: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await subtle().digest(name, source(octets)));
}

/** What a host needs to know of a key: which algorithm it is for. */
export interface KeyAlgorithm {
  readonly name: string;
  readonly hash: Digest;
  readonly namedCurve?: string;
  readonly saltLength?: number;
}

/** ECDSA where there is a curve, else RSASSA-PSS where there is a salt, else RSASSA-PKCS1-v1_5. */
export function algorithmOf(curve: string | undefined, hash: Digest, saltLength?: number): KeyAlgorithm {
  if (curve !== undefined) return { name: "ECDSA", namedCurve: curve, hash };
  return saltLength === undefined ? { name: "RSASSA-PKCS1-v1_5", hash } : { name: "RSA-PSS", hash, saltLength };
}

/** What the host made of keys, by the algorithm and the hash that it wants to know of beforehand. */
const imported = new WeakMap<object, Map<string, CryptoKey>>();

/** The host's key of octets, made once for the object that holds them: it takes as long as a signature. */
export async function hostKey(
  holder: object,
  format: "spki" | "pkcs8",
  octets: Uint8Array,
  algorithm: KeyAlgorithm,
): Promise<CryptoKey> {
  const made = imported.get(holder) ?? new Map<string, CryptoKey>();
  imported.set(holder, made);
  const id = `${algorithm.name} ${algorithm.hash}`;
  const found = made.get(id);
  if (found !== undefined) return found;
  const usage = format === "spki" ? "verify" : "sign";
  const key = await subtle().importKey(format, source(octets), algorithm, false, [usage]);
  made.set(id, key);
  return key;
}
