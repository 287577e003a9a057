import type { DecodeOptions } from "../../asn1/index.ts";
import { decodeAny, encodeAny, type FromAll, type ToAll } from "./all-types.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** One piece of pre-authentication data (RFC 4120 section 5.2.7). */
export interface PaData {
  /** What it is: a number of the IANA registry, or a negative one for private use. */
  readonly padataType: number;
  /** The octets, whose meaning the type says. */
  readonly padataValue: Uint8Array;
}

/** The e-data of KDC_ERR_PREAUTH_REQUIRED (RFC 4120 section 5.9.1). */
export type MethodData = From<"METHOD-DATA">;

/** The e-data of other errors (RFC 4120 section 5.9.1). */
export type TypedData = From<"TYPED-DATA">;

/** The plaintext of PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2). */
export type PaEncTsEnc = From<"PA-ENC-TS-ENC">;

/** An entry of ETYPE-INFO (RFC 4120 section 5.2.7.4). */
export type EtypeInfoEntry = FromAll<"ETYPE-INFO-ENTRY">;

/** An entry of ETYPE-INFO2 (RFC 4120 section 5.2.7.5); `salt` is text that loses no octet. */
export type EtypeInfo2Entry = From<"ETYPE-INFO2-ENTRY">;

/** PA-PAC-REQUEST (MS-KILE section 2.2.3). */
export type PaPacRequest = FromAll<"PA-PAC-REQUEST">;

/** Decodes one PA-DATA (RFC 4120 section 5.2.7). */
export function decodePaData(octets: Uint8Array, options?: DecodeOptions): PaData {
  return decode("PA-DATA", octets, options);
}

/** Decodes METHOD-DATA (RFC 4120 section 5.9.1). */
export function decodeMethodData(octets: Uint8Array, options?: DecodeOptions): MethodData {
  return decode("METHOD-DATA", octets, options);
}

/** Encodes what {@link decodeMethodData} decodes. */
export function encodeMethodData(value: To<"METHOD-DATA">): Uint8Array {
  return encode("METHOD-DATA", value);
}

/** Decodes TYPED-DATA (RFC 4120 section 5.9.1). */
export function decodeTypedData(octets: Uint8Array, options?: DecodeOptions): TypedData {
  return decode("TYPED-DATA", octets, options);
}

/** Encodes what {@link decodeTypedData} decodes. */
export function encodeTypedData(value: To<"TYPED-DATA">): Uint8Array {
  return encode("TYPED-DATA", value);
}

/** Decodes a PA-ENC-TS-ENC (RFC 4120 section 5.2.7.2). */
export function decodePaEncTsEnc(octets: Uint8Array, options?: DecodeOptions): PaEncTsEnc {
  return decode("PA-ENC-TS-ENC", octets, options);
}

/** Encodes what {@link decodePaEncTsEnc} decodes. */
export function encodePaEncTsEnc(value: To<"PA-ENC-TS-ENC">): Uint8Array {
  return encode("PA-ENC-TS-ENC", value);
}

/** Decodes ETYPE-INFO (RFC 4120 section 5.2.7.4). */
export function decodeEtypeInfo(octets: Uint8Array, options?: DecodeOptions): readonly EtypeInfoEntry[] {
  return decodeAny("ETYPE-INFO", octets, options);
}

/** Encodes what {@link decodeEtypeInfo} decodes. */
export function encodeEtypeInfo(value: ToAll<"ETYPE-INFO">): Uint8Array {
  return encodeAny("ETYPE-INFO", value);
}

/** Decodes ETYPE-INFO2 (RFC 4120 section 5.2.7.5). */
export function decodeEtypeInfo2(octets: Uint8Array, options?: DecodeOptions): readonly EtypeInfo2Entry[] {
  return decode("ETYPE-INFO2", octets, options);
}

/** Encodes what {@link decodeEtypeInfo2} decodes. */
export function encodeEtypeInfo2(value: To<"ETYPE-INFO2">): Uint8Array {
  return encode("ETYPE-INFO2", value);
}

/** Decodes a PA-PAC-REQUEST (MS-KILE section 2.2.3). */
export function decodePaPacRequest(octets: Uint8Array, options?: DecodeOptions): PaPacRequest {
  return decodeAny("PA-PAC-REQUEST", octets, options);
}

/** Encodes what {@link decodePaPacRequest} decodes. */
export function encodePaPacRequest(value: ToAll<"PA-PAC-REQUEST">): Uint8Array {
  return encodeAny("PA-PAC-REQUEST", value);
}
