import type { DecodeOptions } from "../../asn1/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** An AP-REQ (RFC 4120 section 5.5.1). */
export type ApReq = From<"AP-REQ">;

/** What proves the use of a ticket to be fresh (RFC 4120 section 5.5.1). */
export type Authenticator = From<"Authenticator">;

/** An AP-REP (RFC 4120 section 5.5.2). */
export type ApRep = From<"AP-REP">;

/** What proves the service to the client (RFC 4120 section 5.5.2). */
export type EncApRepPart = From<"EncAPRepPart">;

/** Decodes an AP-REQ (RFC 4120 section 5.5.1). */
export function decodeApReq(octets: Uint8Array, options?: DecodeOptions): ApReq {
  return decode("AP-REQ", octets, options);
}

/** Encodes an AP-REQ; `ticket` may be `{ octets }` alone. */
export function encodeApReq(value: To<"AP-REQ">): Uint8Array {
  return encode("AP-REQ", value);
}

/** Decodes an Authenticator (RFC 4120 section 5.5.1). */
export function decodeAuthenticator(octets: Uint8Array, options?: DecodeOptions): Authenticator {
  return decode("Authenticator", octets, options);
}

/** Encodes what {@link decodeAuthenticator} decodes. */
export function encodeAuthenticator(value: To<"Authenticator">): Uint8Array {
  return encode("Authenticator", value);
}

/** Decodes an AP-REP (RFC 4120 section 5.5.2). */
export function decodeApRep(octets: Uint8Array, options?: DecodeOptions): ApRep {
  return decode("AP-REP", octets, options);
}

/** Encodes what {@link decodeApRep} decodes. */
export function encodeApRep(value: To<"AP-REP">): Uint8Array {
  return encode("AP-REP", value);
}

/** Decodes an EncAPRepPart (RFC 4120 section 5.5.2). */
export function decodeEncApRepPart(octets: Uint8Array, options?: DecodeOptions): EncApRepPart {
  return decode("EncAPRepPart", octets, options);
}

/** Encodes what {@link decodeEncApRepPart} decodes. */
export function encodeEncApRepPart(value: To<"EncAPRepPart">): Uint8Array {
  return encode("EncAPRepPart", value);
}
