import type { KerberosError } from "../../errors.ts";
import { KEY_USAGE, KRB_ERROR, MESSAGE_TYPE, PADATA } from "../../iana/index.ts";
import {
  applicationTag,
  decodeAsRep,
  decodeKrbError,
  type KrbError,
  krbErrorDetails,
  krbErrorToError,
  type PaData,
} from "../../krb5/index.ts";
import {
  type CompletePrompts,
  completePrompts,
  type Envelope,
  findPaData,
  type KeyHint,
  modified,
  Negotiation,
  type OpenedError,
  type PreauthRound,
  type PreauthRun,
  plainEnvelope,
} from "../../preauth/index.ts";
import { otherMessage } from "../reply-checks.ts";
import { type AsExchangeOptions, type AsStep, type GivenProof, usableMechanisms } from "./as-options.ts";
import { acceptAsReply } from "./as-reply.ts";
import { AsRequests, type SentAsReq } from "./as-requests.ts";
import type { EarlierProof } from "./earlier-logins.ts";
import { KdcClock } from "./kdc-clock.ts";
import type { Login } from "./login.ts";
import { LoginNames } from "./login-names.ts";
import { LoginSecret } from "./login-secret.ts";

/**
 * The AS exchange (RFC 4120 section 3.1) as a state machine with no I/O: give each reply to {@link AsExchange.step} and
 * do what it says. What fails stays failed; nothing here is used twice. A mechanism of pre-authentication knows what a
 * proof is, and the envelope what goes around the messages.
 */
export class AsExchange {
  readonly options: AsExchangeOptions;
  /** Whether the last error came inside FAST, under a key that only the KDC has. */
  isErrorProven = false;
  #envelope: Envelope;
  readonly #names: LoginNames;
  readonly #secret: LoginSecret;
  readonly #clock: KdcClock;
  readonly #requests: AsRequests;
  /** One for all rounds: what was answered once is known. */
  readonly #ask: CompletePrompts;
  #negotiation: Negotiation;
  #hasBegunAnew = false;
  /** When the KDC was asked what it offers, if this login did not ask. */
  #unasked: Pick<EarlierProof, "askedAtMs"> | undefined;
  #isOver = false;
  #login: Login | undefined;

  constructor(options: AsExchangeOptions) {
    this.options = options;
    this.#envelope = options.envelope ?? plainEnvelope;
    this.#names = new LoginNames(options.client, options.service, options.canonicalize === true);
    this.#ask = completePrompts(options.prompts ?? {});
    this.#secret = new LoginSecret(options, this.#ask);
    this.#clock = new KdcClock(options.now, options.trace);
    this.#requests = new AsRequests({
      options,
      requested: this.#secret.offered,
      names: this.#names,
      clock: this.#clock,
      envelope: () => this.#envelope,
    });
    this.#negotiation = this.#negotiate(this.#secret.hint);
  }

  /** The first request: without pre-authentication, to learn what the KDC wants. */
  start(): AsStep {
    return this.#requests.send(this.#requests.create(), []);
  }

  /** See {@link Negotiation.preparation}. */
  get preparation(): Negotiation["preparation"] {
    return this.#negotiation.preparation;
  }

  /** The first request with a proof that nobody has asked for: the one that the KDC took at an earlier login. */
  async startWithProof(proof: EarlierProof): Promise<AsStep> {
    const { mechanism, hint, clockOffsetMs } = proof;
    this.#unasked = proof;
    this.#clock.offsetMs = clockOffsetMs;
    this.#negotiation = this.#negotiate(hint);
    return await this.#answer([], 0, (round) => this.#negotiation.start(mechanism, round));
  }

  /**
   * The proof that the KDC took, for the next login; undefined if it asked for none, or was not the one asked first.
   */
  get proof(): EarlierProof | undefined {
    const { mechanism, run } = this.#negotiation;
    if (this.#login === undefined || this.#names.isReferred || run?.hint === undefined) return undefined;
    // A password can be guessed from what is sent unasked, and the KDC has a way to prove it that hides it. A keytab's
    // key is not one that anybody guesses.
    const isGuessable = this.#secret.kind === "password" && mechanism?.type === PADATA.encTimestamp;
    const isAskedFirst = isGuessable && this.#negotiation.isHiddenOffered;
    const askedAtMs = this.#unasked === undefined ? this.options.now() : this.#unasked.askedAtMs;
    const clockOffsetMs = this.#clock.offsetMs;
    return mechanism && { mechanism: mechanism.type, hint: run.hint, clockOffsetMs, askedAtMs, isAskedFirst };
  }

  /** What of the secret is given away; undefined: nothing, or the KDC vouches for the error that ended the login. */
  get given(): GivenProof | undefined {
    const { mechanism, run } = this.#negotiation;
    if (mechanism === undefined || run === undefined || this.isErrorProven) return undefined;
    const { hint, isFinal } = run;
    // The same key by the same mechanism once more tells nothing new, unless the mechanism lets a KDC guess once a run.
    const isKnown = hint !== undefined && mechanism.replaces === undefined;
    return {
      mechanism: mechanism.type,
      hint,
      isRepeatable: !isFinal || run.isRepeatable === true || isKnown,
      unasked: this.#unasked && { clockOffsetMs: this.#clock.offsetMs, askedAtMs: this.#unasked.askedAtMs },
    };
  }

  /** The types of mechanisms that would have given away what this login hid; none before it is done. */
  get hidden(): readonly number[] {
    const { mechanism } = this.#negotiation;
    if (this.#login === undefined || mechanism === undefined) return [];
    return this.#envelope.armor === undefined ? (mechanism.replaces ?? []) : [PADATA.encTimestamp];
  }

  /** The ticket, with what the KDC said beside it, once there is one. */
  get login(): Login | undefined {
    return this.#login;
  }

  /** Whether another KDC may be asked from the beginning: no proof that is good once went out, nor half of one. */
  get mayBeginElsewhere(): boolean {
    const { run } = this.#negotiation;
    return run === undefined || (run.isFinal && run.hint !== undefined);
  }

  /** Takes the KDC's reply to the last request. Throws a KerberosError; after that the exchange is over. */
  async step(reply: Uint8Array): Promise<AsStep> {
    const { sent } = this.#requests;
    if (this.#isOver || sent === undefined)
      throw new TypeError("this AS exchange is over or was not started: begin another");
    try {
      const tag = applicationTag(reply);
      // Rule A1: what it is comes first, by its APPLICATION tag.
      if (tag === MESSAGE_TYPE.krbError) return await this.#onError(decodeKrbError(reply));
      if (tag !== MESSAGE_TYPE.asRep) {
        throw otherMessage("an AS-REQ", tag);
      }
      this.#login = await this.#onReply(reply, sent);
      this.#isOver = true;
      return { type: "done", ticket: this.#login.ticket };
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  /** RFC 4120 section 3.1.6, RFC 6113 sections 2.3 and 5.2. */
  async #onError(outer: KrbError): Promise<AsStep> {
    const opened = this.#envelope.error(outer);
    const { error } = opened;
    this.isErrorProven = opened.isTrusted;
    const { trace, names } = this.options;
    const { client, service } = this.#names;
    const negotiation = this.#negotiation;
    const { run } = negotiation;
    const failure = krbErrorToError(error, {
      client,
      service,
      realm: client.realm,
      requested: this.#secret.requested,
      isLogin: true,
      refusals: this.options.secret.refusals,
      names,
    });
    const details = krbErrorDetails(error, names);
    const { errorCode } = details;
    trace({ type: "kdc-error", realm: client.realm, ...details });
    switch (errorCode) {
      case KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED:
        // Rule P5: a KDC that has our proof and asks for another could be after a weaker one.
        if (run?.isFinal === true && !(opened.isTrusted && negotiation.goesOn(errorCode))) break;
        if (run?.isFinal === true) return await this.#goOn(error, opened);
        if (run === undefined && (await this.#upgrade(opened))) return this.#beginAnew();
        return await this.#answerError(error, opened.methods(), (round) =>
          negotiation.choose(round, run === undefined ? undefined : failure),
        );
      case KRB_ERROR.KDC_ERR_PREAUTH_FAILED:
      case KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY:
        if (run === undefined) break;
        if (run.isFinal) throw this.#refused(run, failure);
        return await this.#answerError(error, offerOf(opened), (round) => negotiation.choose(round, failure));
      case KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED:
        // Rule P12: an error with no MAC could have us prove a wrong password once more, or under another salt.
        if (run === undefined) break;
        if ((this.#hasBegunAnew || (run.isFinal && run.isRepeatable !== true)) && !opened.isTrusted) break;
        this.#hasBegunAnew = true;
        return this.#beginAnew();
      case KRB_ERROR.KDC_ERR_WRONG_REALM:
        // Rule A15: not after a proof was sent.
        if (run !== undefined) break;
        this.#names.follow(error.crealm, failure, trace);
        this.#clock.offsetMs = 0;
        await this.#rearm();
        return this.#beginAnew();
      default:
        if (!negotiation.goesOn(errorCode)) break;
        return await this.#goOn(error, opened);
    }
    throw run?.explain?.(errorCode, offerOf(opened), failure) ?? failure;
  }

  async #goOn(error: KrbError, opened: OpenedError): Promise<AsStep> {
    return await this.#answerError(error, offerOf(opened), (round) => this.#negotiation.goOn(round));
  }

  /** The error for a proof that the KDC refused: the mechanism's, that of the long-term key, or the KDC's own words. */
  #refused(run: PreauthRun, failure: KerberosError): Error {
    if (run.refused !== undefined) return run.refused(failure);
    return run.hint === undefined ? failure : this.#secret.rejected(this.#names.client, failure);
  }

  /** RFC 4120 section 3.1.5, with the reply key of RFC 6113 sections 3.1 and 5.4.3. */
  async #onReply(octets: Uint8Array, { request, octets: requestOctets }: SentAsReq): Promise<Login> {
    const negotiation = this.#negotiation;
    const rep = decodeAsRep(octets);
    const { etype } = rep.encPart;
    // Rule A3: an etype that we asked for, before a key is made for it.
    if (!this.#secret.requested.includes(etype)) {
      throw modified(`it is encrypted with etype ${etype}, which we did not ask for`);
    }
    this.#secret.isAnswered = true;
    const opened = this.#envelope.reply(rep);
    const reply = { padata: opened.padata, etype, requestOctets };
    const replyKey = opened.strengthen(await negotiation.replyKey(reply));
    const login = acceptAsReply(rep, request, requestOctets, replyKey, {
      ...this.options,
      client: opened.client,
      kind: this.#secret.kind,
      isProofSent: negotiation.run !== undefined,
      usage: KEY_USAGE.asRepEncPart,
    });
    const { client, sessionKey } = login.ticket;
    await negotiation.run?.check?.({ ...reply, replyKey, sessionKey, client });
    return negotiation.mechanism === undefined ? login : { ...login, preauthType: negotiation.mechanism.type };
  }

  /** Armor for the realm where the client is now: a KDC opens only that of its realm. */
  async #rearm(): Promise<void> {
    if (this.#envelope.armor === undefined) return;
    this.#envelope = (await this.options.rearm?.(this.#names.client.realm)) ?? this.#envelope;
  }

  /** Takes up FAST where the KDC offers it, and armor is at hand that is not required (RFC 6113 section 5.4.2). */
  async #upgrade(opened: OpenedError): Promise<boolean> {
    const { rearm, trace } = this.options;
    if (rearm === undefined || this.#envelope.armor !== undefined) return false;
    if (findPaData(offerOf(opened), PADATA.fxFast) === undefined) return false;
    try {
      this.#envelope = await rearm(this.#names.client.realm);
      return true;
    } catch (error) {
      trace({ type: "note", text: `FAST: no armor, going on without: ${String(error)}` });
      return false;
    }
  }

  /** A conversation from its beginning, with the KDC of the realm where the client is now. */
  #beginAnew(): AsStep {
    this.#requests.cookie = undefined;
    this.#negotiation = this.#negotiate(this.#secret.hint);
    return this.start();
  }

  #negotiate(hint: KeyHint | undefined): Negotiation {
    const { encTypes, trace, now, names } = this.options;
    const secret = this.#secret;
    const context = {
      ...this.#names.now,
      encTypes,
      requested: secret.requested,
      armor: this.#envelope.armor,
      hint,
      identity: this.options.secret.pkinit,
      longTermKey: (made: KeyHint) => secret.key(made),
      ask: this.#ask,
      trace,
      now,
    };
    return new Negotiation(context, usableMechanisms(this.options), names, this.options.hidden);
  }

  async #answerError(error: KrbError, offer: readonly PaData[], ask: Ask): Promise<AsStep> {
    // An error that says nothing about pre-authentication, such as KRB_AP_ERR_SKEW, leaves the conversation where it
    // was.
    if (offer.length > 0) this.#requests.cookie = findPaData(offer, PADATA.fxCookie);
    this.#clock.note(error, this.#names.client.realm);
    return await this.#answer(offer, error.errorCode, ask);
  }

  /** The body of the next request comes first: a proof may bind it. */
  async #answer(offer: readonly PaData[], error: number, ask: Ask): Promise<AsStep> {
    const request = this.#requests.create();
    const negotiation = this.#negotiation;
    const clock = this.#clock;
    const before = negotiation.run;
    const padata = await ask({
      body: request.octets,
      nonce: request.nonce,
      kdcTimeMs: () => clock.timeMs,
      offer,
      error,
    });
    const { run, mechanism } = negotiation;
    if (run !== before && mechanism !== undefined) {
      this.#secret.report(this.options.trace, mechanism.name, run?.hint, this.#names.client);
    }
    return this.#requests.send(request, padata);
  }
}

/** Asks the negotiation for the PA-DATA of a round. */
type Ask = (round: PreauthRound) => Promise<readonly PaData[]>;

/** What an error offers, if its e-data are about that: those of an Active Directory are not (MS-KILE section 2.2.2). */
function offerOf(opened: OpenedError): readonly PaData[] {
  try {
    return opened.methods();
  } catch {
    return [];
  }
}
