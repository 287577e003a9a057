/**
 * Strict DER (X.690) and the notation in which `krb5/messages` writes its types. It knows no Kerberos message.
 *
 * Layer 1: it may import `errors.ts`, `bytes` and `iana`; `crypto` and `asn1` do not know each other.
 */
export {
  application,
  type Field,
  type Fields,
  field,
  optional,
  type SequenceOf,
  sequence,
  sequenceOf,
  type WithOctets,
  withOctets,
} from "./combinators.ts";
export { DER_LIMITS, DerInput } from "./input.ts";
export {
  createModule,
  type Decoded,
  type Definitions,
  type Encodable,
  type Module,
  type PrimitiveTypes,
} from "./notation.ts";
export { DerOutput } from "./output.ts";
export {
  boolean,
  int32,
  int32OrUint32,
  integerOf,
  integerOfApplication,
  kerberosFlags,
  kerberosString,
  microseconds,
  objectIdentifier,
  octetString,
  uint32,
  uint32Echoed,
  uint32OrSigned,
} from "./primitives.ts";
export {
  applicationTag,
  type DecodeOptions,
  decodeDer,
  encodeDer,
  type Infer,
  type Schema,
  walkDer,
} from "./schema.ts";
export { kerberosTime } from "./time.ts";
