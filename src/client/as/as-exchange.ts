import type { EncTypeSet, ProtocolKey } from "../../crypto/index.ts";
import { CredentialError, type KerberosError, PreauthError, ProtocolError } from "../../errors.ts";
import { enctypeName, KEY_USAGE, KRB_ERROR, MESSAGE_TYPE, NAME_TYPE, PADATA, padataName } from "../../iana/index.ts";
import {
  applicationTag,
  decodeAsRep,
  decodeKrbError,
  decodeMethodData,
  encodeAsReq,
  equalPrincipals,
  formatPrincipal,
  type KrbError,
  krbErrorToError,
  type PaData,
  type Principal,
  type ServiceTicket,
  type TicketElement,
  tgsPrincipal,
} from "../../krb5/index.ts";
import {
  chooseEtypeInfo,
  findPaData,
  type KeyHint,
  type PreauthMechanism,
  preauthMechanisms,
  reqEncPaRep,
} from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";
import { defaultSalt, isSameHint, type Secret } from "../credentials/secret.ts";
import { createKdcRequest, type KdcRequest, LAST_KDC_TIME_MS, type TicketOptions } from "../kdc-request.ts";
import { acceptAsReply } from "./as-reply.ts";
import type { EarlierProof } from "./earlier-logins.ts";
import type { Login } from "./login.ts";

/** What an {@link AsExchange} works with. */
export interface AsExchangeOptions extends TicketOptions {
  readonly client: Principal;
  /** Usually `krbtgt/REALM@REALM`. */
  readonly service: Principal;
  readonly secret: Secret;
  readonly encTypes: EncTypeSet;
  readonly trace: Trace;
  /** The local clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly skewMs: number;
  /** When a postdated ticket shall begin. */
  readonly startTime?: Date;
  readonly addresses?: readonly TicketElement[];
  /** The enctypes to ask for, best first; default: all that are permitted and that the secret has. */
  readonly etypes?: readonly number[];
  /** Whether the KDC's clock is adopted, as its reply proves it (rule A11). Default true. */
  readonly isTimeLearned?: boolean;
  /** Types of pre-authentication that are not used, as `disable_encrypted_timestamp` asks. */
  readonly disabledPreauth?: readonly number[];
  /** A proof that the KDC refused a moment ago: the same is not sent again. */
  readonly refused?: { readonly hint: KeyHint; readonly error: KerberosError };
}

/** What to do next: send a request to the KDC of a realm, or stop, with a ticket. */
export type AsStep =
  | { readonly type: "send"; readonly realm: string; readonly request: Uint8Array }
  | { readonly type: "done"; readonly ticket: ServiceTicket };

const encTimestamp = preauthMechanisms.find(({ type }) => type === PADATA.encTimestamp) as PreauthMechanism;

/** Rule A14: no KDC can keep us asking for longer. */
const maxRounds = 16;
/** Client referrals that are followed (RFC 6806 section 7). */
const maxReferrals = 5;

/**
 * The AS exchange (RFC 4120 section 3.1) as a state machine with no I/O: give each reply to {@link AsExchange.step} and do
 * what it says. What fails stays failed; nothing here is used twice.
 */
export class AsExchange {
  readonly #options: AsExchangeOptions;
  #client: Principal;
  #service: Principal;
  #etypes: readonly number[];
  #request: KdcRequest | undefined;
  #requestOctets: Uint8Array = new Uint8Array(0);
  #cookie: PaData | undefined;
  #mechanism: PreauthMechanism | undefined;
  #key: ProtocolKey | undefined;
  #hint: KeyHint | undefined;
  /** Milliseconds to add to the local clock, from an unauthenticated KRB-ERROR: for PA-ENC-TIMESTAMP only (rule P7). */
  #offsetMs = 0;
  #hasAdaptedToSkew = false;
  #rounds = 0;
  #referrals = 0;
  #isOver = false;
  #login: Login | undefined;

  constructor(options: AsExchangeOptions) {
    this.#options = options;
    this.#client = options.client;
    this.#service = options.service;
    const own = options.secret.etypes(options.encTypes);
    this.#etypes = options.etypes?.filter((etype) => own.includes(etype)) ?? own;
    if (this.#etypes.length === 0) {
      const client = formatPrincipal(options.client);
      throw new CredentialError(
        "KEYTAB_NO_KEY",
        own.length === 0
          ? `the keytab has no key of a permitted enctype for ${client}`
          : `there is no key of ${client} of the enctypes that were asked for: ${options.etypes?.map(enctypeName).join(", ")}`,
        { principal: client },
      );
    }
  }

  /** The first request: without pre-authentication, to learn what the KDC wants. */
  start(): AsStep {
    return this.#send([]);
  }

  /** The first request with the proof that the KDC took of this secret at an earlier login. */
  async startWithProof({ hint, clockOffsetMs }: EarlierProof): Promise<AsStep> {
    this.#offsetMs = clockOffsetMs;
    return await this.#prove(encTimestamp, hint);
  }

  /** The proof that the KDC took, for the next login; undefined if it asked for none, or was not the one asked first. */
  get proof(): EarlierProof | undefined {
    if (this.#login === undefined || this.#mechanism !== encTimestamp || this.#referrals > 0) return undefined;
    return this.#hint === undefined ? undefined : { hint: this.#hint, clockOffsetMs: this.#offsetMs };
  }

  /** The ticket, with what the KDC said beside it, once there is one. */
  get login(): Login | undefined {
    return this.#login;
  }

  /** Takes the KDC's reply to the last request. Throws a KerberosError; after that the exchange is over. */
  async step(reply: Uint8Array): Promise<AsStep> {
    if (this.#isOver || this.#request === undefined) throw new TypeError("this AS exchange is over or was not started");
    try {
      const tag = applicationTag(reply);
      // Rule A1: what it is comes first, by its APPLICATION tag.
      if (tag === MESSAGE_TYPE.krbError) return await this.#onError(decodeKrbError(reply));
      if (tag !== MESSAGE_TYPE.asRep) {
        throw new ProtocolError(
          "REPLY_MODIFIED",
          `the KDC answered an AS-REQ with something else (${tag === undefined ? "no Kerberos message" : `APPLICATION ${tag}`})`,
        );
      }
      this.#login = await this.#onReply(reply);
      this.#isOver = true;
      return { type: "done", ticket: this.#login.ticket };
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #kdcTimeMs(): number {
    return this.#options.now() + this.#offsetMs;
  }

  #send(preauth: readonly PaData[]): AsStep {
    this.#rounds += 1;
    if (this.#rounds > maxRounds) {
      throw new ProtocolError(
        "TOO_MANY_ROUNDS",
        `the KDC of ${this.#client.realm} gave no ticket and no clear answer in ${maxRounds} rounds`,
      );
    }
    // A nonce of its own for each request (rule A6).
    this.#request = createKdcRequest(this.#client, this.#service, this.#options.encTypes, this.#kdcTimeMs(), {
      ...this.#options,
      ...(this.#client.nameType === NAME_TYPE.enterprise ? { canonicalize: true } : {}),
      withClient: true,
      etypes: this.#etypes,
    });
    const cookie = this.#cookie === undefined ? [] : [this.#cookie];
    this.#requestOctets = encodeAsReq({
      pvno: 5,
      msgType: MESSAGE_TYPE.asReq,
      padata: [...preauth, ...cookie, reqEncPaRep],
      reqBody: this.#request.body,
    });
    return { type: "send", realm: this.#client.realm, request: this.#requestOctets };
  }

  async #onError(error: KrbError): Promise<AsStep> {
    const { trace } = this.#options;
    const failure = krbErrorToError(error, { client: this.#client, service: this.#service });
    trace({
      type: "kdc-error",
      realm: this.#client.realm,
      errorCode: failure.errorCode,
      errorName: failure.errorName,
      ...(failure.text === undefined ? {} : { text: failure.text }),
    });
    switch (error.errorCode) {
      case KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED:
        // Rule P5: a KDC that has our proof and asks for another could be after a weaker one.
        if (this.#mechanism !== undefined) break;
        return await this.#preauthenticate(error);
      case KRB_ERROR.KRB_AP_ERR_SKEW:
        // Rule P7: once.
        if (this.#mechanism === undefined || this.#key === undefined || this.#hasAdaptedToSkew) break;
        this.#hasAdaptedToSkew = true;
        this.#noteTime(error);
        return this.#send(await this.#mechanism.respond({ key: this.#key, kdcTimeMs: this.#kdcTimeMs() }));
      case KRB_ERROR.KDC_ERR_PREAUTH_FAILED:
      case KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY:
        if (this.#mechanism !== undefined) throw this.#rejected(failure);
        break;
      case KRB_ERROR.KDC_ERR_WRONG_REALM:
        return this.#followReferral(error, failure);
    }
    throw failure;
  }

  async #preauthenticate(error: KrbError): Promise<AsStep> {
    const { trace, secret, refused } = this.#options;
    let offered: readonly PaData[];
    try {
      offered = error.eData === undefined ? [] : decodeMethodData(error.eData);
    } catch (cause) {
      throw new PreauthError("PREAUTH", "the KDC's list of pre-authentication mechanisms does not decode", { cause });
    }
    const types = offered.map(({ padataType }) => padataType);
    trace({ type: "preauth-offered", realm: this.#client.realm, mechanisms: types.map(padataName) });
    const allowed = preauthMechanisms.filter(({ type }) => this.#options.disabledPreauth?.includes(type) !== true);
    const mechanism = allowed.find(({ type }) => types.includes(type));
    if (mechanism === undefined) {
      throw new PreauthError(
        "PREAUTH_UNSUPPORTED",
        `the KDC of ${this.#client.realm} wants a pre-authentication that is not built here: it offers ${types.map(padataName).join(", ") || "nothing"}, ` +
          `we have ${allowed.map(({ name }) => name).join(", ") || "none that the configuration allows"}; allow that for ${formatPrincipal(this.#client)} on the KDC`,
        { offered: types },
      );
    }
    const hint =
      chooseEtypeInfo(offered, this.#etypes) ??
      // A keytab needs no salt; a password without its salt would only be a wrong guess, and that counts as a failed login.
      (secret.kind === "keytab" ? { etype: this.#etypes[0] as number } : undefined);
    if (hint === undefined) {
      throw new PreauthError(
        "PREAUTH",
        "the KDC wants pre-authentication and gave no PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5)",
        {
          mechanism: mechanism.name,
          offered: types,
        },
      );
    }
    // Rule P11: it would only be refused again, and counted again.
    if (refused !== undefined && isSameHint(hint, refused.hint)) throw refused.error;
    this.#cookie = findPaData(offered, PADATA.fxCookie);
    this.#noteTime(error);
    return await this.#prove(mechanism, hint);
  }

  /** Sends the proof that we know the key of that enctype and salt. */
  async #prove(mechanism: PreauthMechanism, hint: KeyHint): Promise<AsStep> {
    const { trace, encTypes, secret } = this.#options;
    this.#key = await secret.key(encTypes, hint);
    this.#hint = hint;
    this.#mechanism = mechanism;
    const params = hint.s2kparams;
    trace({
      type: "preauth-chosen",
      mechanism: mechanism.name,
      etype: encTypes.get(hint.etype).name,
      salt: secret.kind === "keytab" ? "" : (hint.salt ?? defaultSalt(this.#client)),
      ...(params === undefined ? {} : { iterations: new DataView(params.buffer, params.byteOffset).getUint32(0) }),
    });
    return this.#send(await mechanism.respond({ key: this.#key, kdcTimeMs: this.#kdcTimeMs() }));
  }

  #followReferral(error: KrbError, failure: KerberosError): AsStep {
    const realm = error.crealm;
    const mayFollow = this.#options.canonicalize === true || this.#client.nameType === NAME_TYPE.enterprise;
    // Rule A15: only if we asked for it, to a realm that differs, and not after a proof was sent.
    if (
      !mayFollow ||
      realm === undefined ||
      realm === "" ||
      realm === this.#client.realm ||
      this.#mechanism !== undefined
    ) {
      throw failure;
    }
    this.#referrals += 1;
    if (this.#referrals > maxReferrals) {
      throw new ProtocolError(
        "REFERRAL",
        `more than ${maxReferrals} referrals of ${formatPrincipal(this.#options.client)} from realm to realm`,
      );
    }
    this.#options.trace({ type: "referral", from: this.#client.realm, to: realm });
    const isTgs = equalPrincipals(this.#service, tgsPrincipal(this.#client.realm));
    this.#client = { ...this.#client, realm };
    this.#service = isTgs ? tgsPrincipal(realm) : { ...this.#service, realm };
    this.#cookie = undefined;
    this.#offsetMs = 0;
    return this.#send([]);
  }

  #noteTime(error: KrbError): void {
    this.#offsetMs = Math.min(error.stime.getTime(), LAST_KDC_TIME_MS) - this.#options.now();
    if (Math.abs(this.#offsetMs) > 2000) {
      this.#options.trace({
        type: "clock-offset",
        realm: this.#client.realm,
        seconds: Math.round(this.#offsetMs / 1000),
      });
    }
  }

  #rejected(cause: KerberosError): KerberosError {
    const client = formatPrincipal(this.#client);
    return this.#options.secret.kind === "password"
      ? new PreauthError(
          "WRONG_PASSWORD",
          `the KDC rejected the password of ${client}; it was tried once and is not tried again by itself`,
          { cause },
        )
      : new CredentialError(
          "KEYTAB",
          `the KDC rejected the keytab's key of ${client}: the key was changed since the keytab was written; write a new keytab`,
          { principal: client, cause },
        );
  }

  async #onReply(reply: Uint8Array): Promise<Login> {
    const { encTypes, secret } = this.#options;
    const rep = decodeAsRep(reply);
    const request = this.#request as KdcRequest;
    // Rule A3: an etype that we asked for, before a key is made for it.
    if (!this.#etypes.includes(rep.encPart.etype)) {
      throw new ProtocolError(
        "REPLY_MODIFIED",
        `the KDC's reply is encrypted with etype ${rep.encPart.etype}, which we did not ask for`,
      );
    }
    const replyHint = chooseEtypeInfo(rep.padata, [rep.encPart.etype]);
    const hint = replyHint ?? (this.#hint?.etype === rep.encPart.etype ? this.#hint : { etype: rep.encPart.etype });
    const key = await secret.key(encTypes, hint);
    const login = acceptAsReply(rep, request, this.#requestOctets, key, {
      ...this.#options,
      kind: secret.kind,
      isProofSent: this.#mechanism !== undefined,
      usage: KEY_USAGE.asRepEncPart,
    });
    return this.#mechanism === undefined ? login : { ...login, preauthType: this.#mechanism.type };
  }
}
