import { decodeHex, encodeHex } from "../../../bytes/index.ts";

/** A number of octets, the first one the highest. */
export function numberOf(octets: Uint8Array): bigint {
  return octets.length === 0 ? 0n : BigInt(`0x${encodeHex(octets)}`);
}

/** The octets of a number, as many as asked for. */
export function octetsOf(value: bigint, length: number): Uint8Array {
  return decodeHex(value.toString(16).padStart(2 * length, "0"));
}

/** `base` to the power of `exponent`. */
export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const digit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (digit === "1") result = (result * base) % modulus;
  }
  return result;
}
