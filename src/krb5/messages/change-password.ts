import type { DecodeOptions } from "../../asn1/index.ts";
import { decodeAny, encodeAny, type FromAll, type ToAll } from "./all-types.ts";

/** The data of a set-password request: `newpasswd` is a secret (RFC 3244 section 2). */
export type ChangePasswdData = FromAll<"ChangePasswdData">;

/** Decodes ChangePasswdData (RFC 3244 section 2). */
export function decodeChangePasswdData(octets: Uint8Array, options?: DecodeOptions): ChangePasswdData {
  return decodeAny("ChangePasswdData", octets, options);
}

/** Encodes what {@link decodeChangePasswdData} decodes. */
export function encodeChangePasswdData(value: ToAll<"ChangePasswdData">): Uint8Array {
  return encodeAny("ChangePasswdData", value);
}
