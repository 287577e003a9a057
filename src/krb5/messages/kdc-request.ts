import type { DecodeOptions } from "../../asn1/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** An AS-REQ or TGS-REQ (RFC 4120 section 5.4.1). `reqBody.octets` are those received, over which checksums are. */
export type KdcReq = From<"KDC-REQ">;

/** What is asked of the KDC (RFC 4120 section 5.4.1). */
export type KdcReqBody = From<"KDC-REQ-BODY">;

/** Decodes an AS-REQ (RFC 4120 section 5.4.1). */
export function decodeAsReq(octets: Uint8Array, options?: DecodeOptions): KdcReq {
  return decode("AS-REQ", octets, options);
}

/** Encodes what {@link decodeAsReq} decodes. */
export function encodeAsReq(value: To<"AS-REQ">): Uint8Array {
  return encode("AS-REQ", value);
}

/** Decodes a TGS-REQ (RFC 4120 section 5.4.1). */
export function decodeTgsReq(octets: Uint8Array, options?: DecodeOptions): KdcReq {
  return decode("TGS-REQ", octets, options);
}

/** Encodes what {@link decodeTgsReq} decodes. */
export function encodeTgsReq(value: To<"TGS-REQ">): Uint8Array {
  return encode("TGS-REQ", value);
}

/** Decodes a KDC-REQ-BODY (RFC 4120 section 5.4.1). */
export function decodeKdcReqBody(octets: Uint8Array, options?: DecodeOptions): KdcReqBody {
  return decode("KDC-REQ-BODY", octets, options);
}

/** Encodes a KDC-REQ-BODY: what the checksum of a TGS-REQ is over (RFC 4120 section 3.3.2). */
export function encodeKdcReqBody(value: To<"KDC-REQ-BODY">): Uint8Array {
  return encode("KDC-REQ-BODY", value);
}
