import { DecodeError } from "../errors.ts";
import type { Digest } from "./oids.ts";
import { digest } from "./web-crypto.ts";

/** What the octets are for (RFC 7292 appendix B.3). */
export const PURPOSE = { key: 1, iv: 2, mac: 3 } as const;

/** What a passphrase is stretched with. */
export interface Stretching {
  readonly hash: Digest;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

const MAX_ITERATIONS = 1_000_000;

/**
 * Octets of a passphrase (RFC 7292 appendix B.2): by default as many as the hash has. Throws DecodeError for iterations
 * out of bounds.
 */
export async function pkcs12Octets(
  purpose: number,
  passphrase: Uint8Array,
  { hash, salt, iterations }: Stretching,
  length?: number,
): Promise<Uint8Array> {
  if (iterations < 1 || iterations > MAX_ITERATIONS) {
    throw new DecodeError(`${iterations} iterations, ${MAX_ITERATIONS} allowed`, 0, "PKCS#12");
  }
  const block = hash === "SHA-1" || hash === "SHA-256" ? 64 : 128;
  const diversifier = new Uint8Array(block).fill(purpose);
  const input = Uint8Array.from([...repeated(salt, block), ...repeated(passphrase, block)]);
  const made: number[] = [];
  for (;;) {
    let part = await digest(hash, Uint8Array.from([...diversifier, ...input]));
    for (let i = 1; i < iterations; i++) part = await digest(hash, part);
    made.push(...part);
    if (length === undefined || made.length >= length) return Uint8Array.from(made.slice(0, length));
    addToEach(input, part, block);
  }
}

/** Step 6C: each block of the input grows by the part, repeated, and by one. */
function addToEach(input: Uint8Array, part: Uint8Array, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let i = block - 1; i >= 0; i--) {
      carry += (input[start + i] as number) + (part[i % part.length] as number);
      input[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
}

function repeated(octets: Uint8Array, block: number): Uint8Array {
  const length = Math.ceil(octets.length / block) * block;
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length] as number);
}

/** A passphrase as the octets that it may be; some programs write an empty one without the zeros at its end. */
export function passphraseForms(passphrase: string): readonly Uint8Array[] {
  return passphrase === "" ? [bmpString(passphrase), new Uint8Array(0)] : [bmpString(passphrase)];
}

/** Text in UTF-16, big-endian, with two zeros at its end. */
function bmpString(text: string): Uint8Array {
  const units = `${text}\0`;
  return Uint8Array.from({ length: 2 * units.length }, (_, i) => {
    const unit = units.charCodeAt(i >> 1);
    return i % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}
