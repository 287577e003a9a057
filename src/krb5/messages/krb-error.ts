import type { DecodeOptions } from "../../asn1/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** A KRB-ERROR (RFC 4120 section 5.9.1): nothing in it is protected. */
export type KrbError = From<"KRB-ERROR">;

/** Decodes a KRB-ERROR (RFC 4120 section 5.9.1). `eData` stays octets: what they are depends on the code. */
export function decodeKrbError(octets: Uint8Array, options?: DecodeOptions): KrbError {
  return decode("KRB-ERROR", octets, options);
}

/** Encodes what {@link decodeKrbError} decodes. */
export function encodeKrbError(value: To<"KRB-ERROR">): Uint8Array {
  return encode("KRB-ERROR", value);
}
