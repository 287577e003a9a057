import type { HashName } from "../provider.ts";

const names = { sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384" } as const;

/** PBKDF2 of the Web Cryptography API; undefined where the host has none or refuses (some cap the iterations). */
export async function subtlePbkdf2(
  hash: HashName,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Promise<Uint8Array | undefined> {
  try {
    const { subtle } = globalThis.crypto;
    const key = await subtle.importKey("raw", password as Uint8Array<ArrayBuffer>, "PBKDF2", false, ["deriveBits"]);
    const algorithm = { name: "PBKDF2", hash: names[hash], salt: salt as Uint8Array<ArrayBuffer>, iterations };
    return new Uint8Array(await subtle.deriveBits(algorithm, key, length * 8));
  } catch {
    return undefined;
  }
}
