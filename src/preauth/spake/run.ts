import { wipe } from "../../bytes/index.ts";
import type { ProtocolKey } from "../../crypto/index.ts";
import type { Group, Point } from "../../curves/index.ts";
import { PreauthError } from "../../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../iana/index.ts";
import { type PaData, sealData } from "../../krb5/index.ts";
import type { KeyHint } from "../etype-info.ts";
import { hintFor, longTermReplyKey } from "../long-term-key.ts";
import type { LoginContext, PreauthReply, PreauthRound, PreauthRun } from "../mechanism.ts";
import { findPaData } from "../methods.ts";
import { deriveKey, multiplierOctets, transcriptOf } from "./keys.ts";
import { type SpakeChallenge, spakeMessages } from "./messages.ts";

const NAME = "PA-SPAKE";

/** SF-NONE: the login has no second factor (RFC 9588 section 8). */
const SF_NONE = 1;

/** Gives the groups to offer in a login, best first; there is one at least. */
export type LoadGroups = (login: LoginContext) => Promise<readonly Group[]>;

/** One attempt: which groups there are, and the answer to one challenge (RFC 9588 section 4). */
export class SpakeRun implements PreauthRun {
  readonly #login: LoginContext;
  readonly #load: LoadGroups;
  #groups: readonly Group[] = [];
  #support: Uint8Array | undefined;
  #hint: KeyHint | undefined;
  #replyKey: ProtocolKey | undefined;

  constructor(login: LoginContext, load: LoadGroups) {
    this.#login = login;
    this.#load = load;
  }

  /** A message with our groups proves nothing; a response does. */
  get isFinal(): boolean {
    return this.#replyKey !== undefined;
  }

  get hint(): KeyHint | undefined {
    return this.#hint;
  }

  /** Rule SP4: one challenge is answered in an exchange; the KDC can take the response or refuse it. */
  goesOn(errorCode: number): boolean {
    return errorCode === KRB_ERROR.KDC_ERR_MORE_PREAUTH_DATA_REQUIRED && !this.isFinal;
  }

  async answer({ offer, body }: PreauthRound): Promise<readonly PaData[]> {
    this.#hint ??= this.#login.hint;
    if (this.#groups.length === 0) this.#groups = await this.#load(this.#login);
    // The salt comes with the KDC's first message, which is its challenge if the first request had our groups.
    if (findPaData(offer, PADATA.etypeInfo2) !== undefined) this.#hint = hintFor(NAME, this.#login, offer);
    const message = findPaData(offer, PADATA.spake)?.padataValue ?? new Uint8Array(0);
    if (message.length > 0) {
      const challenge = decodeChallenge(message);
      const group = this.#groups.find(({ number }) => number === challenge.group);
      if (group !== undefined) return [pa(await this.#respond(group, challenge, message, body))];
    }
    // RFC 9588 section 4.6: a challenge that came unasked, in a group that we do not have, is as if it were not there.
    if (this.#support === undefined) {
      this.#support = spakeMessages.encode("support", { groups: this.#groups.map(({ number }) => number) });
      return [pa(this.#support)];
    }
    throw refusal(
      message.length > 0
        ? `the KDC's challenge is in a group that we did not offer; we have ${this.#groups.map(({ name }) => name).join(", ")}`
        : "the KDC wants more pre-authentication data and sent no challenge",
    );
  }

  /** The reply key; a KDC that asked for no response uses the long-term key. */
  async replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    return this.#replyKey ?? (await longTermReplyKey(this.#login, reply, this.#hint));
  }

  /** RFC 9588 section 4.3. */
  async #respond(group: Group, challenge: SpakeChallenge, message: Uint8Array, body: Uint8Array): Promise<Uint8Array> {
    const { provider } = this.#login.encTypes;
    if (!challenge.factors.some(({ type }) => type === SF_NONE)) {
      throw refusal("the KDC wants a second factor, and none of its kinds is built here");
    }
    // Before a password is asked for: a point that is not of the group could give the key away (rule SP1).
    const kdcKey = decodePoint(group, challenge.pubkey);
    this.#hint ??= hintFor(NAME, this.#login, []);
    const key = await this.#login.longTermKey(this.#hint);
    const multiplier = multiplierOctets(key, group);
    const w = group.reduce(multiplier);
    // Drawn for this response alone (RFC 9588 section 5). Both secrets are multiples of the cofactor.
    const y = group.draw((length) => provider.randomBytes(length));
    const publicKey = group.base.clearCofactor().multiply(y).add(group.n.multiply(w)).encode();
    const point = kdcKey.add(group.m.multiply(w).negate()).clearCofactor();
    if (point.isIdentity) throw refusal("the KDC's public key is one that gives no secret");
    const shared = point.multiply(y).encode();
    const messages = this.#support === undefined ? [message] : [this.#support, message];
    const transcript = transcriptOf(provider, group, messages, publicKey);
    const material = { key, group, multiplier, shared, transcript, body };
    const factor = spakeMessages.encode("SPAKESecondFactor", { type: SF_NONE });
    const sealed = sealData(deriveKey(provider, material, 1), KEY_USAGE.spakeFactor, factor);
    this.#replyKey = deriveKey(provider, material, 0);
    wipe(multiplier, shared);
    this.#login.trace({ type: "note", text: `SPAKE in the group ${group.name}` });
    return spakeMessages.encode("response", { pubkey: publicKey, factor: sealed });
  }
}

function pa(padataValue: Uint8Array): PaData {
  return { padataType: PADATA.spake, padataValue };
}

function decodeChallenge(message: Uint8Array): SpakeChallenge {
  try {
    return spakeMessages.decode("challenge", message);
  } catch (cause) {
    throw refusal("the KDC's message is not a challenge, or does not decode", cause);
  }
}

function decodePoint(group: Group, octets: Uint8Array): Point {
  try {
    return group.decode(octets);
  } catch (cause) {
    throw refusal(`the KDC's public key is not a point of ${group.name}`, cause);
  }
}

function refusal(what: string, cause?: unknown): PreauthError {
  const words = `SPAKE: ${what}; nothing was proven, and no weaker mechanism is tried: ask the administrator of the KDC`;
  return new PreauthError("PREAUTH", words, { mechanism: NAME, ...(cause === undefined ? {} : { cause }) });
}
