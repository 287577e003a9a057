// Mechanisms that only tests have, with the KDC's half of each: what the seam must carry.

import { concat } from "../../src/bytes/index.ts";
import { cf2, makeKeyedChecksum, type ProtocolKey, verifyKeyedChecksum } from "../../src/crypto/index.ts";
import { PreauthError } from "../../src/errors.ts";
import { KRB_ERROR, PADATA } from "../../src/iana/index.ts";
import { decodeChecksum, encodeChecksum, type PaData } from "../../src/krb5/index.ts";
import {
  findPaData,
  hintFor,
  type KeyHint,
  type LoginContext,
  type OpenedReply,
  type PreauthMechanism,
  type PreauthReply,
  type PreauthRound,
  type PreauthRun,
} from "../../src/preauth/index.ts";
import { encTypes, find, type PreauthKdc, type Script } from "./preauth-kdc.ts";

const { provider } = encTypes;
const { KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_PREAUTH_FAILED, KDC_ERR_MORE_PREAUTH_DATA_REQUIRED } = KRB_ERROR;
const CLIENT_PROOF = 1024;
const KDC_PROOF = 1025;

/** PA-DATA of a type. */
export const pa = (padataType: number, padataValue: Uint8Array = new Uint8Array(0)): PaData => ({
  padataType,
  padataValue,
});

/**
 * Two rounds and a state: the client sends a number of its own, the KDC another, with a cookie. The proof binds both and the
 * octets of the request's body. The reply key is made of all three, and the KDC proves in the reply that it has it.
 */
export const twoRounds: PreauthMechanism = {
  type: -1000,
  name: "PA-TWO-ROUNDS",
  place: "any",
  canAnswer: () => true,
  begin: (login) => new TwoRoundsRun(login),
};

class TwoRoundsRun implements PreauthRun {
  readonly #login: LoginContext;
  readonly #own = provider.randomBytes(16);
  #challenge: Uint8Array | undefined;
  #key: ProtocolKey | undefined;
  hint: KeyHint | undefined;
  isFinal = false;

  constructor(login: LoginContext) {
    this.#login = login;
  }

  goesOn(errorCode: number): boolean {
    return errorCode === KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
  }

  async answer({ offer, error, body }: PreauthRound): Promise<readonly PaData[]> {
    this.hint ??= hintFor(twoRounds.name, this.#login, offer);
    if (error !== KDC_ERR_MORE_PREAUTH_DATA_REQUIRED) return [pa(twoRounds.type, this.#own)];
    this.#challenge = findPaData(offer, twoRounds.type)?.padataValue.slice();
    if (this.#challenge?.length !== 16) throw new PreauthError("PREAUTH", "a challenge that is none");
    this.#key = await this.#login.longTermKey(this.hint);
    this.isFinal = true;
    const proof = makeKeyedChecksum(this.#key, CLIENT_PROOF, body, this.#own, this.#challenge);
    return [pa(twoRounds.type, encodeChecksum(proof))];
  }

  async replyKey(_: PreauthReply): Promise<ProtocolKey> {
    return replyKeyOf(this.#key as ProtocolKey, this.#own, this.#challenge as Uint8Array);
  }

  async check({ padata, sessionKey }: OpenedReply): Promise<void> {
    const { cksumtype, checksum } = decodeChecksum(findPaData(padata, twoRounds.type)?.padataValue as Uint8Array);
    verifyKeyedChecksum(this.#key as ProtocolKey, KDC_PROOF, cksumtype, checksum, this.#own);
    if (sessionKey.octets.length !== 32) throw new Error("no session key");
  }
}

function replyKeyOf(key: ProtocolKey, own: Uint8Array, challenge: Uint8Array): ProtocolKey {
  return cf2(provider, key, key, own, challenge);
}

/** The KDC's half; `proof` is what it answers the right proof with, beside the ticket: by default that it has the key. */
export function twoRoundsKdc(proof = (kdc: PreauthKdc, own: Uint8Array) => kdcProof(kdc.key, own)): Script {
  const first = provider.randomBytes(8);
  return ({ padata, reqBody }, _, kdc) => {
    const said = find(padata, twoRounds.type);
    const cookie = find(padata, PADATA.fxCookie);
    if (said === undefined) {
      const methods = [kdc.etypeInfo, pa(twoRounds.type), pa(PADATA.fxCookie, first)];
      return { code: KDC_ERR_PREAUTH_REQUIRED, methods };
    }
    if (said.length === 16) {
      // A client that begins unasked has no cookie yet.
      if (cookie !== undefined && Buffer.compare(cookie, first) !== 0) return { code: KDC_ERR_PREAUTH_FAILED };
      const challenge = provider.randomBytes(16);
      const methods = [pa(twoRounds.type, challenge), pa(PADATA.fxCookie, concat(said, challenge))];
      return { code: KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, methods };
    }
    const [own, challenge] = [cookie?.slice(0, 16), cookie?.slice(16)];
    if (own === undefined || challenge?.length !== 16) return { code: KDC_ERR_PREAUTH_FAILED };
    try {
      const { cksumtype, checksum } = decodeChecksum(said);
      verifyKeyedChecksum(kdc.key, CLIENT_PROOF, cksumtype, checksum, reqBody.octets, own, challenge);
    } catch {
      return { code: KDC_ERR_PREAUTH_FAILED };
    }
    return { replyKey: replyKeyOf(kdc.key, own, challenge), padata: [pa(twoRounds.type, proof(kdc, own))] };
  };
}

function kdcProof(key: ProtocolKey, own: Uint8Array): Uint8Array {
  return encodeChecksum(makeKeyedChecksum(key, KDC_PROOF, own));
}

/** A mechanism of one message that is no proof, or does what a test says. */
export function oneMessage(type: number, change: Partial<PreauthMechanism> & { run?: Partial<PreauthRun> } = {}) {
  const { run, ...rest } = change;
  const mechanism: PreauthMechanism = {
    type,
    name: `PA-TEST${type}`,
    place: "any",
    canAnswer: () => true,
    begin: (login) => {
      const usual: PreauthRun = {
        answer: async () => [pa(type, Uint8Array.of(1))],
        goesOn: () => false,
        isFinal: false,
        replyKey: () => login.longTermKey({ etype: 18, salt: "salt-of-alice" }),
      };
      // With its getters.
      return Object.defineProperties(usual, Object.getOwnPropertyDescriptors(run ?? {}));
    },
    ...rest,
  };
  return mechanism;
}

/** A mechanism that is watched: its runs, and the rounds of each. */
export function watched(inner: PreauthMechanism): PreauthMechanism & { readonly runs: WatchedRun[] } {
  const runs: WatchedRun[] = [];
  return {
    ...inner,
    runs,
    begin(login) {
      const run = inner.begin(login);
      const rounds: PreauthRound[] = [];
      runs.push({ run, rounds });
      return {
        answer(round) {
          rounds.push(round);
          return run.answer(round);
        },
        goesOn: (code) => run.goesOn(code),
        get isFinal() {
          return run.isFinal;
        },
        get isRepeatable() {
          return run.isRepeatable === true;
        },
        get hint() {
          return run.hint;
        },
        replyKey: (reply) => run.replyKey(reply),
        ...(run.refused === undefined ? {} : { refused: (cause) => run.refused?.(cause) ?? cause }),
        ...(run.check === undefined ? {} : { check: (reply: OpenedReply) => run.check?.(reply) as Promise<void> }),
      };
    },
  };
}

interface WatchedRun {
  readonly run: PreauthRun;
  readonly rounds: readonly PreauthRound[];
}
