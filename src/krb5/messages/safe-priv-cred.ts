import type { DecodeOptions } from "../../asn1/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** A KRB-SAFE (RFC 4120 section 5.6.1). `safeBody.octets` are those received. */
export type KrbSafe = From<"KRB-SAFE">;

/** The data of a KRB-SAFE or KRB-PRIV with what protects it (RFC 4120 section 5.6.1). */
export type KrbSafeBody = From<"KRB-SAFE-BODY">;

/** A KRB-PRIV (RFC 4120 section 5.7.1). */
export type KrbPriv = From<"KRB-PRIV">;

/** The plaintext of a KRB-PRIV (RFC 4120 section 5.7.1). */
export type EncKrbPrivPart = From<"EncKrbPrivPart">;

/** A KRB-CRED: tickets passed on (RFC 4120 section 5.8.1). */
export type KrbCred = From<"KRB-CRED">;

/** The plaintext of a KRB-CRED (RFC 4120 section 5.8.1). */
export type EncKrbCredPart = From<"EncKrbCredPart">;

/** What belongs to one ticket of a KRB-CRED (RFC 4120 section 5.8.1). */
export type KrbCredInfo = From<"KrbCredInfo">;

/** Decodes a KRB-SAFE (RFC 4120 section 5.6.1). */
export function decodeKrbSafe(octets: Uint8Array, options?: DecodeOptions): KrbSafe {
  return decode("KRB-SAFE", octets, options);
}

/** Encodes what {@link decodeKrbSafe} decodes. */
export function encodeKrbSafe(value: To<"KRB-SAFE">): Uint8Array {
  return encode("KRB-SAFE", value);
}

/** Decodes a KRB-SAFE-BODY (RFC 4120 section 5.6.1). */
export function decodeKrbSafeBody(octets: Uint8Array, options?: DecodeOptions): KrbSafeBody {
  return decode("KRB-SAFE-BODY", octets, options);
}

/** Encodes what {@link decodeKrbSafeBody} decodes. */
export function encodeKrbSafeBody(value: To<"KRB-SAFE-BODY">): Uint8Array {
  return encode("KRB-SAFE-BODY", value);
}

/** Decodes a KRB-PRIV (RFC 4120 section 5.7.1). */
export function decodeKrbPriv(octets: Uint8Array, options?: DecodeOptions): KrbPriv {
  return decode("KRB-PRIV", octets, options);
}

/** Encodes what {@link decodeKrbPriv} decodes. */
export function encodeKrbPriv(value: To<"KRB-PRIV">): Uint8Array {
  return encode("KRB-PRIV", value);
}

/** Decodes an EncKrbPrivPart (RFC 4120 section 5.7.1). */
export function decodeEncKrbPrivPart(octets: Uint8Array, options?: DecodeOptions): EncKrbPrivPart {
  return decode("EncKrbPrivPart", octets, options);
}

/** Encodes what {@link decodeEncKrbPrivPart} decodes. */
export function encodeEncKrbPrivPart(value: To<"EncKrbPrivPart">): Uint8Array {
  return encode("EncKrbPrivPart", value);
}

/** Decodes a KRB-CRED (RFC 4120 section 5.8.1). */
export function decodeKrbCred(octets: Uint8Array, options?: DecodeOptions): KrbCred {
  return decode("KRB-CRED", octets, options);
}

/** Encodes what {@link decodeKrbCred} decodes. */
export function encodeKrbCred(value: To<"KRB-CRED">): Uint8Array {
  return encode("KRB-CRED", value);
}

/** Decodes an EncKrbCredPart (RFC 4120 section 5.8.1). */
export function decodeEncKrbCredPart(octets: Uint8Array, options?: DecodeOptions): EncKrbCredPart {
  return decode("EncKrbCredPart", octets, options);
}

/** Encodes what {@link decodeEncKrbCredPart} decodes. */
export function encodeEncKrbCredPart(value: To<"EncKrbCredPart">): Uint8Array {
  return encode("EncKrbCredPart", value);
}
