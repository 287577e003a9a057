/**
 * Strict DER (X.690) and the notation in which `krb5/messages` writes its types. It knows not a Kerberos message.
 *
 * Layer 1: it may import `errors.ts`, `bytes` and `iana`; `crypto` and `asn1` do not know each other.
 */
export { kerberosFlags } from "./flags.ts";
export { IMPLICIT_WORDS } from "./implicit-words.ts";
export type { BitString, Decoded, Definitions, Encodable, MoreTypes, PrimitiveTypes } from "./inference.ts";
export { DER_LIMITS, DerInput } from "./input.ts";
export { int32, uint32, uint32OrSigned } from "./integers.ts";
export { MORE_WORDS } from "./more-words.ts";
export { createModule, type Module, type MoreWords } from "./notation.ts";
export { objectIdentifier, octetString } from "./octets.ts";
export { DerOutput } from "./output.ts";
export { PKINIT_WORDS } from "./pkinit-words.ts";
export { applicationTag, type DecodeOptions, decodeDer, encodeDer, type Schema, walkDer } from "./schema.ts";
export { sequenceOf } from "./sequence-of.ts";
export { SPNEGO_WORDS } from "./spnego-words.ts";
export { kerberosString } from "./text.ts";
export { kerberosTime } from "./time.ts";
export { utf8String } from "./utf8-string.ts";
