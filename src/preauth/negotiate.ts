import type { ProtocolKey } from "../crypto/index.ts";
import { hasCode, hasName, type KerberosError, PreauthError } from "../errors.ts";
import { KRB_ERROR, PADATA } from "../iana/index.ts";
import {
  formatPrincipal,
  numbersAsNames,
  type PaData,
  type Principal,
  printableName,
  type RegisteredNames,
} from "../krb5/index.ts";
import { noKeyOf } from "./etype-info.ts";
import { longTermReplyKey } from "./long-term-key.ts";
import type { LoginContext, PreauthMechanism, PreauthReply, PreauthRound, PreauthRun } from "./mechanism.ts";
import { findPaData } from "./methods.ts";
import { missingWords } from "./missing-words.ts";

/** Types of mechanisms that would give away what an earlier login hid, until when that counts. */
export interface HiddenTypes {
  readonly types: readonly number[];
  /** In milliseconds since the epoch. */
  readonly untilMs: number;
}

/**
 * One conversation about pre-authentication (RFC 6113 section 2): which mechanism is tried, and what is tried after it.
 * Of what the KDC lists, our own order counts: a list in the clear could have been sorted by an attacker.
 */
export class Negotiation {
  readonly #login: LoginContext;
  readonly #mechanisms: readonly PreauthMechanism[];
  readonly #names: RegisteredNames;
  readonly #hidden: HiddenTypes | undefined;
  readonly #failed = new Set<PreauthMechanism>();
  /** Types that a stronger mechanism, which the KDC has offered or taken, replaces (rule SP5). */
  readonly #replaced = new Set<number>();
  /** Codes of errors after which the present run went on. */
  readonly #answered = new Set<number>();
  /** The last list of mechanisms, and its error: one that asks for more of a mechanism lists that one only. */
  #list: Pick<PreauthRound, "offer" | "error"> = { offer: [], error: 0 };
  #mechanism: PreauthMechanism | undefined;
  #run: PreauthRun | undefined;
  #isHiddenOffered = false;

  /**
   * `mechanisms` are those that may be used, best first; `names` is what the trace and errors call them; `hidden` what
   * an earlier login hid, which counts outside FAST.
   */
  constructor(
    login: LoginContext,
    mechanisms: readonly PreauthMechanism[],
    names: RegisteredNames = numbersAsNames,
    hidden?: HiddenTypes,
  ) {
    this.#login = login;
    this.#names = names;
    this.#hidden = login.armor === undefined ? hidden : undefined;
    const isArmored = login.armor !== undefined;
    this.#mechanisms = mechanisms.filter(({ place }) => place === "any" || (place === "inside FAST") === isArmored);
  }

  /** Whether the KDC has offered, outside FAST, a way to prove a password that gives nothing to guess it by. */
  get isHiddenOffered(): boolean {
    return this.#isHiddenOffered;
  }

  /** The mechanism whose answer went out last. */
  get mechanism(): PreauthMechanism | undefined {
    return this.#mechanism;
  }

  get run(): PreauthRun | undefined {
    return this.#run;
  }

  /** Makes ready what the mechanisms can while the first request is under way; undefined: nothing, or one has begun. */
  get preparation(): (() => Promise<unknown>) | undefined {
    const able = this.#mechanisms.filter(({ prepare }) => prepare !== undefined);
    if (able.length === 0 || this.#run !== undefined) return undefined;
    // What fails fails again where it counts.
    return () => Promise.allSettled(able.map(async (one) => one.prepare?.(this.#login)));
  }

  /**
   * Begins with a mechanism that the KDC took of this secret before, and has not asked for yet (RFC 6113 section 2.3).
   */
  async start(type: number, round: PreauthRound): Promise<readonly PaData[]> {
    const mechanism = this.#mechanisms.find((one) => one.type === type);
    if (mechanism === undefined) throw new TypeError(`no mechanism of type ${type} may be used here`);
    this.#replace(mechanism);
    return await this.#begin(mechanism, round);
  }

  /**
   * Answers with the first mechanism that can. The one that was tried before has failed; so has each one that cannot go
   * on.
   *
   * @throws The KDC's `refusal` of what was tried before, the first failure, or PreauthError `PREAUTH_UNSUPPORTED`.
   */
  async choose(round: PreauthRound, refusal?: KerberosError): Promise<readonly PaData[]> {
    const { offer, error } = round;
    this.#list = { offer, error };
    this.#login.trace({
      type: "preauth-offered",
      realm: this.#login.client.realm,
      mechanisms: offer.map(({ padataType }) => this.#names.padata(padataType)),
    });
    this.#isHiddenOffered ||= this.#login.armor === undefined && HIDING.some((type) => findPaData(offer, type));
    if (this.#mechanism !== undefined) this.#failed.add(this.#mechanism);
    for (const mechanism of this.#mechanisms) if (findPaData(offer, mechanism.type)) this.#replace(mechanism);
    let failure = refusal;
    for (const mechanism of this.#mechanisms) {
      const { type } = mechanism;
      const value = findPaData(offer, type)?.padataValue;
      if (value === undefined || this.#failed.has(mechanism) || this.#isWeaker(type)) continue;
      if (!mechanism.canAnswer({ value, padata: offer })) continue;
      try {
        return await this.#begin(mechanism, round);
      } catch (error) {
        // A prompt that was cancelled, for example, ends the login: the user wants none of the others either.
        if (!hasName(error, "PreauthError") && !hasCode(error, "ETYPE_NOT_PERMITTED")) throw error;
        this.#failed.add(mechanism);
        failure ??= error;
      }
    }
    // What failed here was offered, and is not weaker.
    if (failure === refusal) this.#refuseWeaker(offer);
    throw failure ?? this.#unsupported(offer);
  }

  /** Whether the mechanism goes on after an error of this code; each code but 91 counts once. */
  goesOn(errorCode: number): boolean {
    const isMore = errorCode === KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    return this.#run?.goesOn(errorCode) === true && (isMore || !this.#answered.has(errorCode));
  }

  /** Goes on with the mechanism; with the next one if it cannot, and no proof went out. */
  async goOn(round: PreauthRound): Promise<readonly PaData[]> {
    const run = this.#run as PreauthRun;
    this.#answered.add(round.error);
    try {
      return await run.answer(round);
    } catch (error) {
      if (run.isFinal || !hasName(error, "PreauthError")) throw error;
      return await this.choose({ ...round, ...this.#list }, error);
    }
  }

  /** The reply key. A KDC that asked for no proof uses the long-term key (RFC 4120 section 3.1.3). */
  async replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    return await (this.#run?.replyKey(reply) ?? longTermReplyKey(this.#login, reply));
  }

  async #begin(mechanism: PreauthMechanism, round: PreauthRound): Promise<readonly PaData[]> {
    const run = mechanism.begin(this.#login);
    const padata = await run.answer(round);
    if (mechanism.type === PADATA.encTimestamp && findPaData(round.offer, PADATA.spake)) this.#warnOfTimestamp();
    this.#mechanism = mechanism;
    this.#run = run;
    this.#answered.clear();
    return padata;
  }

  #warnOfTimestamp(): void {
    const text =
      "warning: the KDC offers SPAKE and this list of mechanisms has none: anyone who hears the timestamp that is sent " +
      "instead can guess the password offline; add spake() of krb5-remctl/spake to the option `preauth`";
    this.#login.trace({ type: "note", text });
  }

  #isWeaker(type: number): boolean {
    return this.#replaced.has(type) || this.#hidden?.types.includes(type) === true;
  }

  #replace({ replaces = [] }: PreauthMechanism): void {
    for (const type of replaces) this.#replaced.add(type);
  }

  /** Throws PreauthError `PREAUTH_DOWNGRADE` if what an earlier login hid is all that is offered (rule P17). */
  #refuseWeaker(offer: readonly PaData[]): void {
    const hidden = this.#hidden;
    if (hidden === undefined) return;
    const offered = this.#mechanisms.filter(({ type }) => findPaData(offer, type) !== undefined);
    const isWeaker = offered.some(({ type }) => hidden.types.includes(type));
    if (!isWeaker || offered.some(({ replaces }) => replaces !== undefined)) return;
    throw downgraded(
      this.#login.client,
      offered.map(({ name }) => name),
      hidden,
    );
  }

  #unsupported(offer: readonly PaData[]): KerberosError {
    const { client, requested } = this.#login;
    // MIT's KDC offers what needs a key, and its salt, only if it has a key of an enctype that was asked for.
    if (requested.length > 0 && offer.every(({ padataType }) => ASIDE.has(padataType))) {
      return noKeyOf(client, requested);
    }
    const offered = offer.map(({ padataType }) => padataType);
    const ours = this.#mechanisms.map(({ name }) => name).join(", ");
    return new PreauthError(
      "PREAUTH_UNSUPPORTED",
      `the KDC of ${client.realm} wants a mechanism that this login does not have: it offers ${offered.map(this.#names.padata).join(", ") || "nothing"}, ` +
        `we have ${ours || "none that the configuration allows"}; ` +
        (missingWords(this.#login, offered) || `allow that for ${printableName(client)} on the KDC`),
      { realm: client.realm, principal: formatPrincipal(client), offered },
    );
  }
}

/** Types of PA-DATA by which a password is proven, and nobody who listens can guess it. */
const HIDING: readonly number[] = [PADATA.spake, PADATA.fxFast];

/** Rule P17. */
function downgraded(client: Principal, offered: readonly string[], { untilMs }: HiddenTypes): PreauthError {
  const until = new Date(untilMs);
  return new PreauthError(
    "PREAUTH_DOWNGRADE",
    `the KDC of ${client.realm} offers ${offered.join(", ")} to ${printableName(client)}, from which who listens can guess ` +
      "a password, and it took something stronger at an earlier login: nothing is proven, since an attacker could be " +
      "hiding it; if some KDCs of the realm do not have it, log in with the option `allowPreauthDowngrade`, or after " +
      until.toISOString(),
    { realm: client.realm, principal: formatPrincipal(client), retryAfter: until },
  );
}

/** Types of PA-DATA that do not log in by themselves, and say nothing of a key. */
const ASIDE: ReadonlySet<number> = new Set([
  PADATA.svrReferralInfo,
  PADATA.pacRequest,
  PADATA.fxCookie,
  PADATA.fxFast,
  PADATA.pkinitKx,
  PADATA.reqEncPaRep,
  PADATA.asFreshness,
  PADATA.pacOptions,
]);
