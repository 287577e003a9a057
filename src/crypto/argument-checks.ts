import { checkMethods, checkOctets } from "../checks/index.ts";
import type { CryptoProvider } from "./provider.ts";

/** Checks what an enctype's functions are given, octets by their names. */
export function checkGiven(provider: CryptoProvider, octets: Readonly<Record<string, Uint8Array>>): void {
  checkMethods("provider", provider, "hmac");
  for (const [name, value] of Object.entries(octets)) checkOctets(name, value);
}

/** Copies the seed of a key whose random-to-key changes nothing (RFC 3961 section 3). */
export function seedAsKey(seed: Uint8Array): Uint8Array {
  checkOctets("seed", seed);
  return seed.slice();
}

/** Checks the parts that a key is to encrypt or to protect, which are taken one after another. */
export function checkParts(parts: readonly Uint8Array[]): void {
  for (let i = 0; i < parts.length; i++) if (!(parts[i] instanceof Uint8Array)) checkOctets(`parts[${i}]`, parts[i]);
}
