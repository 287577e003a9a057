import { applicationTag, type DecodeOptions } from "../../asn1/index.ts";
import { APPLICATION } from "../../iana/index.ts";
import { decode, encode, type From, type To } from "./module.ts";

/** An AS-REP or TGS-REP (RFC 4120 section 5.4.2). Only `encPart` is protected. */
export type KdcRep = From<"KDC-REP">;

/** What only the client can read (RFC 4120 section 5.4.2, RFC 6806 section 11). */
export type EncKdcRepPart = From<"EncKDCRepPart">;

/** When the client was last seen (RFC 4120 section 5.4.2). */
export type LastReq = From<"LastReq">;

/** An {@link EncKdcRepPart} with the number of the APPLICATION tag it had. */
export type TaggedEncKdcRepPart = EncKdcRepPart & {
  /** 25 (EncASRepPart) or 26 (EncTGSRepPart). */
  readonly application: number;
};

/** Decodes an AS-REP (RFC 4120 section 5.4.2). */
export function decodeAsRep(octets: Uint8Array, options?: DecodeOptions): KdcRep {
  return decode("AS-REP", octets, options);
}

/** Encodes what {@link decodeAsRep} decodes. */
export function encodeAsRep(value: To<"AS-REP">): Uint8Array {
  return encode("AS-REP", value);
}

/** Decodes a TGS-REP (RFC 4120 section 5.4.2). */
export function decodeTgsRep(octets: Uint8Array, options?: DecodeOptions): KdcRep {
  return decode("TGS-REP", octets, options);
}

/** Encodes what {@link decodeTgsRep} decodes. */
export function encodeTgsRep(value: To<"TGS-REP">): Uint8Array {
  return encode("TGS-REP", value);
}

/**
 * Decodes an EncASRepPart or EncTGSRepPart (RFC 4120 section 5.4.2). Either tag is taken for either message, since that
 * section says that some KDCs send 26 in an AS-REP (rule A5); `application` tells which came.
 */
export function decodeEncKdcRepPart(octets: Uint8Array, options?: DecodeOptions): TaggedEncKdcRepPart {
  const isTgs = applicationTag(octets) === APPLICATION.encTgsRepPart;
  const value = decode(isTgs ? "EncTGSRepPart" : "EncASRepPart", octets, options);
  return { ...value, application: isTgs ? APPLICATION.encTgsRepPart : APPLICATION.encAsRepPart };
}

/** Encodes an EncASRepPart: tag 25. */
export function encodeEncAsRepPart(value: To<"EncASRepPart">): Uint8Array {
  return encode("EncASRepPart", value);
}

/** Encodes an EncTGSRepPart: tag 26. */
export function encodeEncTgsRepPart(value: To<"EncTGSRepPart">): Uint8Array {
  return encode("EncTGSRepPart", value);
}
