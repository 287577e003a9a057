/**
 * SPAKE (RFC 9588) for the small client, whose list of mechanisms is its caller's: a login by password from which an
 * attacker who listens, or plays the KDC, cannot guess the password offline. The main client has it by itself.
 *
 * ```ts
 * import { createClient, encTimestamp } from "krb5-remctl/lean";
 * import { spake } from "krb5-remctl/spake";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["https://gateway.example.org/KdcProxy"],
 *   preauth: [spake(), encTimestamp],
 * });
 * ```
 *
 * @module
 */
export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  EncTypeSet,
  HashName,
  Mac,
  OtherCipher,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../crypto/index.ts";
export { edwards25519, type Group, type Point, p256, p384, p521 } from "../curves/index.ts";
export type { PaData, Principal } from "../krb5/index.ts";
export {
  type Armor,
  type Ask,
  type CompletePrompts,
  type KdcTrust,
  type KeyHint,
  type LoginContext,
  type OpenedReply,
  type OtpQuestion,
  type OtpToken,
  type Pem,
  type PinNotice,
  type PkinitIdentity,
  type PreauthMechanism,
  type PreauthOffer,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
  type Prompts,
  type Question,
  type SecretKind,
  type Sign,
  type SignatureAlgorithm,
  type SpakeOptions,
  spake,
  type TokenQuestion,
} from "../preauth/index.ts";
export type { Trace, TraceContext, TracedOperation, TraceStep } from "../trace.ts";
