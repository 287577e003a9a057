import type { ProtocolKey } from "../../crypto/index.ts";
import { hasName, PreauthError, ProtocolError } from "../../errors.ts";
import { KRB_ERROR, PADATA } from "../../iana/index.ts";
import type { PaData } from "../../krb5/index.ts";
import { ownProblem } from "../../x509/index.ts";
import type { PkinitIdentity } from "../identity.ts";
import type { LoginContext, OpenedReply, PreauthReply, PreauthRound } from "../mechanism.ts";
import { findPaData } from "../methods.ts";
import { createPkAsReq } from "./auth-pack.ts";
import { p256, p384 } from "./ecdh.ts";
import type { Agreement, Group } from "./group.ts";
import { checkKeyExchange } from "./key-exchange.ts";
import { decodePkinit } from "./messages.ts";
import { modp14, modp16 } from "./modp.ts";
import { type ReadyIdentity, readyIdentity } from "./ready-identity.ts";
import { openReply } from "./reply.ts";

/** In the order in which they are begun with: every KDC has the first, few have curves. */
const GROUPS: readonly Group[] = [modp14, modp16, p256, p384];
const DEFAULT_MIN_BITS = 2048;

/** One PKINIT login (RFC 4556 section 3): what is loaded when a KDC offers it and a credential wants it. */
export class PkinitExchange {
  readonly #login: LoginContext;
  readonly #identity: PkinitIdentity;
  #group: Group;
  #hasChecksum2 = false;
  #freshnessToken: Uint8Array | undefined;
  #preparing: Promise<void> | undefined;
  #prepared: { readonly group: Group; readonly agreement: Agreement } | undefined;
  #sent: { readonly agreement: Agreement; readonly ready: ReadyIdentity; readonly nonce: number } | undefined;

  constructor(login: LoginContext, identity: PkinitIdentity) {
    this.#login = login;
    this.#identity = identity;
    this.#group = groupsFrom(identity)[0] as Group;
  }

  /**
   * Reads the identity, unless a passphrase must be asked for, and makes a key of the first group. What fails fails
   * again in {@link answer}.
   */
  prepare(): Promise<void> {
    this.#preparing = this.#prepare().catch(() => undefined);
    return this.#preparing;
  }

  async #prepare(): Promise<void> {
    const group = this.#group;
    this.#prepared = { group, agreement: await group.begin(this.#login.encTypes.provider) };
    await readyIdentity(this.#identity, this.#login);
  }

  async answer(round: PreauthRound): Promise<readonly PaData[]> {
    const { ask, encTypes, trace } = this.#login;
    const { provider } = encTypes;
    await this.#preparing;
    const ready = await readyIdentity(this.#identity, this.#login, ask.passphrase);
    this.#checkOwn(ready, round.kdcTimeMs());
    if (round.error === KRB_ERROR.KDC_ERR_KEY_TOO_WEAK) this.#group = this.#other(round.offer);
    if (round.error === KRB_ERROR.KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED) this.#hasChecksum2 = true;
    const token = findPaData(round.offer, PADATA.asFreshness)?.padataValue;
    if (token !== undefined && token.length > 0 && this.#identity.freshness !== false)
      this.#freshnessToken = token.slice();
    const agreement = await this.#agreement();
    const padataValue = await createPkAsReq(round, {
      provider,
      agreement,
      signer: ready.signer,
      // RFC 8070 section 4: a token is signed, and an anonymous client signs nothing.
      freshnessToken: ready.signer === undefined ? undefined : this.#freshnessToken,
      hasChecksum2: this.#hasChecksum2,
    });
    trace({ type: "note", text: `PKINIT: a key is agreed on in ${this.#group.name}${this.#words()}` });
    this.#sent = { agreement, ready, nonce: round.nonce };
    return [{ padataType: PADATA.pkAsReq, padataValue }];
  }

  async replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    const value = findPaData(reply.padata, PADATA.pkAsRep)?.padataValue;
    if (value === undefined || this.#sent === undefined) {
      throw new ProtocolError(
        "REPLY_MODIFIED",
        "the KDC's reply to PKINIT has no PA-PK-AS-REP: the KDC is not proven; look at it",
      );
    }
    const login = this.#login;
    // The time here: no reply vouches for another one yet.
    const parts = { ...this.#sent, login, identity: this.#identity, now: new Date(login.now()) };
    return await openReply(value, reply, parts);
  }

  async check(reply: OpenedReply): Promise<void> {
    const isAnonymous = this.#sent?.ready.signer === undefined;
    checkKeyExchange(reply, this.#login.encTypes, this.#login.client.realm, isAnonymous);
  }

  /** A key of the group, which serves one request. */
  async #agreement(): Promise<Agreement> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared?.group === this.#group) return prepared.agreement;
    return await this.#group.begin(this.#login.encTypes.provider);
  }

  /** A certificate that the KDC will refuse is not sent to it. */
  #checkOwn({ signer }: ReadyIdentity, timeMs: number): void {
    if (signer === undefined) return;
    const { notBefore, notAfter } = signer.certificate;
    if (timeMs > notAfter.getTime()) {
      throw ownProblem("expired", `the certificate expired at ${notAfter.toISOString()}: get a new one`);
    }
    if (timeMs < notBefore.getTime()) {
      throw ownProblem("expired", `the certificate is not valid before ${notBefore.toISOString()}: check the clock`);
    }
  }

  /** The group to go on with (RFC 4556 section 3.2.2): the first of the KDC's that we have, and no weaker one. */
  #other(offer: readonly PaData[]): Group {
    const { realm } = this.#login.client;
    const wanted = algorithmsOf(findPaData(offer, PADATA.tdDhParameters)?.padataValue);
    const groups = groupsFrom(this.#identity).filter((group) => group !== this.#group);
    for (const algorithm of wanted) {
      const found = groups.find((group) => isSame(group, algorithm));
      if (found !== undefined) return found;
    }
    throw new PreauthError(
      "PREAUTH_UNSUPPORTED",
      `the KDC of ${realm} refuses ${this.#group.name} for PKINIT and offers no other group of ours: ` +
        `we have ${groupsFrom(this.#identity)
          .map(({ name }) => name)
          .join(", ")}`,
      { realm, mechanism: "PA-PK-AS-REQ" },
    );
  }

  #words(): string {
    const words = [
      ...(this.#freshnessToken === undefined ? [] : ["with the KDC's fresh token"]),
      ...(this.#hasChecksum2 ? ["with paChecksum2"] : []),
    ];
    return words.length === 0 ? "" : `, ${words.join(", ")}`;
  }
}

function groupsFrom({ dhMinBits = DEFAULT_MIN_BITS }: PkinitIdentity): readonly Group[] {
  return GROUPS.filter(({ bits }) => bits >= dhMinBits);
}

function algorithmsOf(value: Uint8Array | undefined): ReturnType<typeof decodePkinit<"TD-DH-PARAMETERS">> {
  try {
    return value === undefined ? [] : decodePkinit("TD-DH-PARAMETERS", value);
  } catch (error) {
    if (!hasName(error, "DecodeError")) throw error;
    return [];
  }
}

function isSame(group: Group, algorithm: Parameters<Group["isSame"]>[0]): boolean {
  try {
    return group.isSame(algorithm);
  } catch (error) {
    if (!hasName(error, "DecodeError")) throw error;
    return false;
  }
}
