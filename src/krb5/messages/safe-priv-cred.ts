import type { DecodeOptions } from "../../asn1/index.ts";
import { decodeAny, encodeAny, type FromAll, type ToAll } from "./all-types.ts";

/** A KRB-SAFE (RFC 4120 section 5.6.1). `safeBody.octets` are those received. */
export type KrbSafe = FromAll<"KRB-SAFE">;

/** The data of a KRB-SAFE or KRB-PRIV with what protects it (RFC 4120 section 5.6.1). */
export type KrbSafeBody = FromAll<"KRB-SAFE-BODY">;

/** A KRB-PRIV (RFC 4120 section 5.7.1). */
export type KrbPriv = FromAll<"KRB-PRIV">;

/** The plaintext of a KRB-PRIV (RFC 4120 section 5.7.1). */
export type EncKrbPrivPart = FromAll<"EncKrbPrivPart">;

/** A KRB-CRED: tickets passed on (RFC 4120 section 5.8.1). */
export type KrbCred = FromAll<"KRB-CRED">;

/** The plaintext of a KRB-CRED (RFC 4120 section 5.8.1). */
export type EncKrbCredPart = FromAll<"EncKrbCredPart">;

/** What belongs to one ticket of a KRB-CRED (RFC 4120 section 5.8.1). */
export type KrbCredInfo = FromAll<"KrbCredInfo">;

/** Decodes a KRB-SAFE (RFC 4120 section 5.6.1). */
export function decodeKrbSafe(octets: Uint8Array, options?: DecodeOptions): KrbSafe {
  return decodeAny("KRB-SAFE", octets, options);
}

/** Encodes what {@link decodeKrbSafe} decodes. */
export function encodeKrbSafe(value: ToAll<"KRB-SAFE">): Uint8Array {
  return encodeAny("KRB-SAFE", value);
}

/** Decodes a KRB-SAFE-BODY (RFC 4120 section 5.6.1). */
export function decodeKrbSafeBody(octets: Uint8Array, options?: DecodeOptions): KrbSafeBody {
  return decodeAny("KRB-SAFE-BODY", octets, options);
}

/** Encodes what {@link decodeKrbSafeBody} decodes. */
export function encodeKrbSafeBody(value: ToAll<"KRB-SAFE-BODY">): Uint8Array {
  return encodeAny("KRB-SAFE-BODY", value);
}

/** Decodes a KRB-PRIV (RFC 4120 section 5.7.1). */
export function decodeKrbPriv(octets: Uint8Array, options?: DecodeOptions): KrbPriv {
  return decodeAny("KRB-PRIV", octets, options);
}

/** Encodes what {@link decodeKrbPriv} decodes. */
export function encodeKrbPriv(value: ToAll<"KRB-PRIV">): Uint8Array {
  return encodeAny("KRB-PRIV", value);
}

/** Decodes an EncKrbPrivPart (RFC 4120 section 5.7.1). */
export function decodeEncKrbPrivPart(octets: Uint8Array, options?: DecodeOptions): EncKrbPrivPart {
  return decodeAny("EncKrbPrivPart", octets, options);
}

/** Encodes what {@link decodeEncKrbPrivPart} decodes. */
export function encodeEncKrbPrivPart(value: ToAll<"EncKrbPrivPart">): Uint8Array {
  return encodeAny("EncKrbPrivPart", value);
}

/** Decodes a KRB-CRED (RFC 4120 section 5.8.1). */
export function decodeKrbCred(octets: Uint8Array, options?: DecodeOptions): KrbCred {
  return decodeAny("KRB-CRED", octets, options);
}

/** Encodes what {@link decodeKrbCred} decodes. */
export function encodeKrbCred(value: ToAll<"KRB-CRED">): Uint8Array {
  return encodeAny("KRB-CRED", value);
}

/** Decodes an EncKrbCredPart (RFC 4120 section 5.8.1). */
export function decodeEncKrbCredPart(octets: Uint8Array, options?: DecodeOptions): EncKrbCredPart {
  return decodeAny("EncKrbCredPart", octets, options);
}

/** Encodes what {@link decodeEncKrbCredPart} decodes. */
export function encodeEncKrbCredPart(value: ToAll<"EncKrbCredPart">): Uint8Array {
  return encodeAny("EncKrbCredPart", value);
}
