/**
 * Pre-authentication (RFC 4120 section 5.2.7, RFC 6113): how a client proves itself to a KDC before it gets a ticket. A
 * mechanism is one file and one line of {@link preauthMechanisms}; {@link Negotiation} chooses among them, and an
 * {@link Envelope} goes around what they say.
 *
 * Layer 4: it may import `krb5`, `crypto` and what is below them; it knows no transport, and no secret: the client
 * makes keys for it.
 */
import { encTimestamp } from "./enc-timestamp.ts";
import type { PreauthMechanism } from "./mechanism.ts";

export { encTimestamp } from "./enc-timestamp.ts";
export { encryptedChallenge } from "./encrypted-challenge.ts";
export {
  type Armor,
  type Envelope,
  type OpenedError,
  plainEnvelope,
  type RequestBody,
  type TgsEnvelopeParts,
  type UnwrappedReply,
} from "./envelope.ts";
export { chooseEtypeInfo, type KeyHint } from "./etype-info.ts";
export { type ArmorParts, createArmor, type FastArmor } from "./fast/armor.ts";
export { asEnvelope } from "./fast/as-envelope.ts";
export { explicitEnvelope } from "./fast/explicit-envelope.ts";
export { type FastResponse, fastMessages } from "./fast/messages.ts";
export { tgsEnvelope } from "./fast/tgs-envelope.ts";
export type { KdcTrust, Pem, PkinitIdentity, Sign, SignatureAlgorithm } from "./identity.ts";
export { hintFor, longTermReplyKey } from "./long-term-key.ts";
export type {
  LoginContext,
  OpenedReply,
  PreauthMechanism,
  PreauthOffer,
  PreauthReply,
  PreauthRound,
  PreauthRun,
  SecretKind,
} from "./mechanism.ts";
export { findPaData, methodsOf } from "./methods.ts";
export { modified } from "./modified.ts";
export { type HiddenTypes, Negotiation } from "./negotiate.ts";
export { checkMechanisms } from "./option-checks.ts";
export { otpMessages } from "./otp/messages.ts";
export { otp } from "./otp/otp.ts";
export { decodePkinit } from "./pkinit/messages.ts";
export { pkinit } from "./pkinit/pkinit.ts";
export {
  type Ask,
  type CompletePrompts,
  completePrompts,
  type OtpQuestion,
  type OtpToken,
  type PinNotice,
  type Prompts,
  type Question,
  type TokenQuestion,
} from "./prompts.ts";
export { reqEncPaRep, verifyEncPaRep } from "./req-enc-pa-rep.ts";
export { decodePaSpake } from "./spake/messages.ts";
export { type SpakeOptions, spake } from "./spake/spake.ts";
export { type MechanismSettings, usualMechanisms } from "./usual-mechanisms.ts";

/** The mechanisms of a client without a configuration that was given no others, best first. */
export const preauthMechanisms: readonly PreauthMechanism[] = [encTimestamp];
