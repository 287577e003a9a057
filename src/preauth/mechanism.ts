import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import type { PaData, Principal } from "../krb5/index.ts";
import type { Trace } from "../trace.ts";
import type { Armor } from "./envelope.ts";
import type { KeyHint } from "./etype-info.ts";
import type { PkinitIdentity } from "./identity.ts";
import type { CompletePrompts } from "./prompts.ts";

/** What a login has to prove who logs in. */
export type SecretKind = "password" | "keytab" | "certificate" | "anonymous" | "otp";

/**
 * A pre-authentication mechanism (RFC 4120 section 5.2.7, RFC 6113 section 2): a value with no state, which any number
 * of logins may use at once.
 */
export interface PreauthMechanism {
  /** The PA-DATA type that a KDC lists when it accepts the mechanism. */
  readonly type: number;
  /** The registered name of the type. */
  readonly name: string;
  /** Where it may be used: some mechanisms need the armor of FAST (RFC 6113 section 5.4), others must not have it. */
  readonly place: "any" | "inside FAST" | "outside FAST";
  /** The kinds of secret that it can prove. Default: those with a long-term key, a password and a keytab. */
  readonly secrets?: readonly SecretKind[] | undefined;
  /** Types of weaker mechanisms that would give away what this one hides: none goes to a KDC that offers this one. */
  readonly replaces?: readonly number[] | undefined;
  /**
   * Tells whether it can answer this offer. It asks the user nothing and makes no key.
   *
   * @param offer What the KDC's list says of the mechanism.
   * @returns Whether {@link begin} is worth a try.
   */
  canAnswer(offer: PreauthOffer): boolean;
  /**
   * Makes ready what does not depend on the KDC's answer, while the first request is under way: keys of the attempt, a
   * certificate that is read. It asks the user nothing, and is not called where a proof goes out unasked. What fails
   * here fails again, and counts, in the attempt.
   *
   * @param login What the attempt may use: the same object that {@link begin} is given.
   */
  prepare?(login: LoginContext): Promise<void>;
  /**
   * Begins one attempt: a new one for each login, after KDC_ERR_PREAUTH_EXPIRED, and after a referral.
   *
   * @param login What the attempt may use.
   * @returns The attempt, which has sent nothing yet.
   */
  begin(login: LoginContext): PreauthRun;
}

/** A mechanism's place in the KDC's list. */
export interface PreauthOffer {
  /** The value of the mechanism's own PA-DATA; often empty. */
  readonly value: Uint8Array;
  /** The whole list, in the KDC's order. */
  readonly padata: readonly PaData[];
}

/** One attempt of a mechanism: its state over the rounds of one conversation (RFC 6113 section 2). */
export interface PreauthRun {
  /**
   * Gives the PA-DATA for the next request. The request's body is final: a proof may bind its octets.
   *
   * @param round What the KDC said last, and the request that will answer it.
   * @returns The PA-DATA, without the KDC's cookie, which is added.
   * @throws PreauthError if the mechanism cannot go on; the next one of the KDC's list is then tried, unless
   * {@link isFinal}. Any other error ends the login.
   */
  answer(round: PreauthRound): Promise<readonly PaData[]>;
  /**
   * Tells whether {@link answer} can go on after an error: for example after KDC_ERR_MORE_PREAUTH_DATA_REQUIRED (91),
   * where the mechanism has more than one message.
   *
   * @param errorCode The code (RFC 4120 section 7.5.9). Each but 91 is answered once.
   * @returns Whether {@link answer} is to be called with the error.
   */
  goesOn(errorCode: number): boolean;
  /** Whether a proof went out: no other mechanism is tried after it, and a KDC that asks for one is refused. */
  readonly isFinal: boolean;
  /**
   * Whether the proof may be made anew after KDC_ERR_PREAUTH_EXPIRED, which anybody could send: a signature tells
   * nothing of a key, where a one-time password would be spent. Default: only if the KDC vouches for the error.
   */
  readonly isRepeatable?: boolean;
  /**
   * Gives the key that the reply is under, before FAST strengthens it (RFC 6113 section 5.4.3).
   *
   * @param reply The reply, not opened yet.
   * @returns The key, of the enctype of the reply.
   */
  replyKey(reply: PreauthReply): Promise<ProtocolKey>;
  /**
   * Verifies what else the KDC had to prove, after the reply has been opened (rule P13).
   *
   * @param reply The reply, which has passed the checks of RFC 4120 section 3.1.5.
   * @throws Any error: it refuses the reply.
   */
  check?(reply: OpenedReply): Promise<void>;
  /**
   * Gives the error for a KDC that refused the proof. Absent: the secret's, or the KDC's own words.
   *
   * @param cause The KDC's error.
   * @returns What the login ends with.
   */
  refused?(cause: Error): Error;
  /**
   * Gives the error for another refusal of the KDC, where the mechanism knows more of it than its number says.
   *
   * @param errorCode The code (RFC 4120 section 7.5.9).
   * @param offer What the KDC says beside it.
   * @param cause The KDC's error.
   * @returns What the login ends with; undefined: the KDC's own words.
   */
  explain?(errorCode: number, offer: readonly PaData[], cause: Error): Error | undefined;
  /**
   * How the long-term key is made that the run proves. A later login of the same secret begins with it, unasked.
   * Absent: the run proves no long-term key, or must be asked first.
   */
  readonly hint?: KeyHint | undefined;
}

/** One round: what the KDC said last, and the request that will answer it. */
export interface PreauthRound {
  /** The DER of the KDC-REQ-BODY. */
  readonly body: Uint8Array;
  /** The nonce in that body. */
  readonly nonce: number;
  /** The KDC's time now, as far as it is known, in milliseconds since the epoch: ask last, after keys and prompts. */
  readonly kdcTimeMs: () => number;
  /** What the KDC's error offers; empty in a first request that proves itself unasked. */
  readonly offer: readonly PaData[];
  /** The code of the error that offered it; 0 where it was not offered. */
  readonly error: number;
}

/** An AS-REP that is not opened yet. */
export interface PreauthReply {
  /** Its PA-DATA; under FAST, that of the KrbFastResponse. */
  readonly padata: readonly PaData[];
  /** The enctype of its encrypted part, which is one that was asked for. */
  readonly etype: number;
  /** The whole AS-REQ that it answers, as it was sent. */
  readonly requestOctets: Uint8Array;
}

/** An AS-REP that was opened and has passed the checks of RFC 4120 section 3.1.5. */
export interface OpenedReply extends PreauthReply {
  /** The key that opened it. */
  readonly replyKey: ProtocolKey;
  /** The session key of the ticket in it. */
  readonly sessionKey: ProtocolKey;
  /** The client that it is for. */
  readonly client: Principal;
}

/** What a mechanism may use of the login that it serves. */
export interface LoginContext {
  /** Who logs in. */
  readonly client: Principal;
  /** What for: usually the ticket-granting service. */
  readonly service: Principal;
  /** The enctypes that are permitted, and what computes them. */
  readonly encTypes: EncTypeSet;
  /** The enctypes that the request asks for, best first. */
  readonly requested: readonly number[];
  /** The armor, inside FAST. */
  readonly armor?: Armor | undefined;
  /**
   * How the long-term key is made where the KDC does not say: what an earlier login used, or the enctype of a keytab's
   * key.
   */
  readonly hint?: KeyHint | undefined;
  /** The certificate, and how the KDC is known, where the login is by PKINIT. */
  readonly identity?: PkinitIdentity | undefined;
  /**
   * Makes the client's long-term key.
   *
   * @param hint How it is made, as `hintFor` says.
   * @returns The key.
   * @throws CryptoError, CredentialError or PreauthError if the secret lacks the key, or if the KDC refused it a moment
   *   ago.
   */
  longTermKey(hint: KeyHint): Promise<ProtocolKey>;
  /** Asks the user. A question that nobody answers here is PreauthError `PROMPT_NEEDED`. */
  readonly ask: CompletePrompts;
  /** Reports a step to the caller's listener. */
  readonly trace: Trace;
  /** The local clock, in milliseconds since the epoch. */
  readonly now: () => number;
}
