import type { DecodeOptions } from "../../asn1/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** The data of a set-password request: `newpasswd` is a secret (RFC 3244 section 2). */
export type ChangePasswdData = From<"ChangePasswdData">;

/** Decodes ChangePasswdData (RFC 3244 section 2). */
export function decodeChangePasswdData(octets: Uint8Array, options?: DecodeOptions): ChangePasswdData {
  return decode("ChangePasswdData", octets, options);
}

/** Encodes what {@link decodeChangePasswdData} decodes. */
export function encodeChangePasswdData(value: To<"ChangePasswdData">): Uint8Array {
  return encode("ChangePasswdData", value);
}
