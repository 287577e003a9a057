import type { DecodeOptions } from "../../asn1/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** The name of a principal without its realm (RFC 4120 section 5.2.2). */
export type PrincipalName = From<"PrincipalName">;

/** An address (RFC 4120 section 5.2.5). */
export type HostAddress = From<"HostAddress">;

/** Addresses (RFC 4120 section 5.2.5). */
export type HostAddresses = From<"HostAddresses">;

/** Restrictions and claims (RFC 4120 section 5.2.6). */
export type AuthorizationData = From<"AuthorizationData">;

/** A ciphertext with the number of its encryption type (RFC 4120 section 5.2.9). */
export type EncryptedData = From<"EncryptedData">;

/** A key: a secret (RFC 4120 section 5.2.9). */
export type EncryptionKey = From<"EncryptionKey">;

/** A checksum with the number of its type (RFC 4120 section 5.2.9). */
export type Checksum = From<"Checksum">;

/** Decodes a PrincipalName (RFC 4120 section 5.2.2). */
export function decodePrincipalName(octets: Uint8Array, options?: DecodeOptions): PrincipalName {
  return decode("PrincipalName", octets, options);
}

/** Encodes what {@link decodePrincipalName} decodes. */
export function encodePrincipalName(value: To<"PrincipalName">): Uint8Array {
  return encode("PrincipalName", value);
}

/** Decodes HostAddresses (RFC 4120 section 5.2.5). */
export function decodeHostAddresses(octets: Uint8Array, options?: DecodeOptions): HostAddresses {
  return decode("HostAddresses", octets, options);
}

/** Encodes what {@link decodeHostAddresses} decodes. */
export function encodeHostAddresses(value: To<"HostAddresses">): Uint8Array {
  return encode("HostAddresses", value);
}

/** Decodes AuthorizationData (RFC 4120 section 5.2.6), also the contents of an AD-IF-RELEVANT element. */
export function decodeAuthorizationData(octets: Uint8Array, options?: DecodeOptions): AuthorizationData {
  return decode("AuthorizationData", octets, options);
}

/** Encodes what {@link decodeAuthorizationData} decodes. */
export function encodeAuthorizationData(value: To<"AuthorizationData">): Uint8Array {
  return encode("AuthorizationData", value);
}

/** Decodes EncryptedData (RFC 4120 section 5.2.9): what a PA-ENC-TIMESTAMP holds. */
export function decodeEncryptedData(octets: Uint8Array, options?: DecodeOptions): EncryptedData {
  return decode("EncryptedData", octets, options);
}

/** Encodes what {@link decodeEncryptedData} decodes. */
export function encodeEncryptedData(value: To<"EncryptedData">): Uint8Array {
  return encode("EncryptedData", value);
}

/** Decodes an EncryptionKey (RFC 4120 section 5.2.9). */
export function decodeEncryptionKey(octets: Uint8Array, options?: DecodeOptions): EncryptionKey {
  return decode("EncryptionKey", octets, options);
}

/** Encodes what {@link decodeEncryptionKey} decodes. */
export function encodeEncryptionKey(value: To<"EncryptionKey">): Uint8Array {
  return encode("EncryptionKey", value);
}

/** Decodes a Checksum (RFC 4120 section 5.2.9): what PA-REQ-ENC-PA-REP holds (RFC 6806 section 11). */
export function decodeChecksum(octets: Uint8Array, options?: DecodeOptions): Checksum {
  return decode("Checksum", octets, options);
}

/** Encodes what {@link decodeChecksum} decodes. */
export function encodeChecksum(value: To<"Checksum">): Uint8Array {
  return encode("Checksum", value);
}
