import { encodeText } from "../bytes/index.ts";
import { cf2, type ProtocolKey } from "../crypto/index.ts";
import { PreauthError, ProtocolError } from "../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../iana/index.ts";
import {
  decodeEncryptedData,
  decodePaEncTsEnc,
  type EncryptedData,
  encodeEncryptedData,
  encodePaEncTsEnc,
  openData,
  type PaData,
  sealData,
} from "../krb5/index.ts";
import type { KeyHint } from "./etype-info.ts";
import { hintFor, longTermReplyKey } from "./long-term-key.ts";
import type {
  LoginContext,
  OpenedReply,
  PreauthMechanism,
  PreauthReply,
  PreauthRound,
  PreauthRun,
} from "./mechanism.ts";
import { findPaData } from "./methods.ts";
import { timestampOf } from "./timestamp.ts";

/** PA-ENCRYPTED-CHALLENGE (RFC 6113 section 5.4.6): both sides prove the long-term key under the armor. */
export const encryptedChallenge: PreauthMechanism = {
  type: PADATA.encryptedChallenge,
  name: "PA-ENCRYPTED-CHALLENGE",
  place: "inside FAST",
  canAnswer: () => true,
  begin: (login) => new EncryptedChallengeRun(login),
};

const CLIENT = "clientchallengearmor";
const KDC = "kdcchallengearmor";

class EncryptedChallengeRun implements PreauthRun {
  readonly #login: LoginContext;
  #hint: KeyHint | undefined;
  #key: ProtocolKey | undefined;

  constructor(login: LoginContext) {
    this.#login = login;
  }

  get isFinal(): boolean {
    return this.#key !== undefined;
  }

  get hint(): KeyHint | undefined {
    return this.#hint;
  }

  /** As for a timestamp (rule P7). */
  goesOn(errorCode: number): boolean {
    return errorCode === KRB_ERROR.KRB_AP_ERR_SKEW;
  }

  async answer(round: PreauthRound): Promise<readonly PaData[]> {
    this.#hint ??= hintFor(encryptedChallenge.name, this.#login, round.offer);
    const key = await this.#login.longTermKey(this.#hint);
    const challenge = encodePaEncTsEnc(timestampOf(round.kdcTimeMs()));
    const sealed = sealData(this.#challengeKey(key, CLIENT), KEY_USAGE.encChallengeClient, challenge);
    this.#key = key;
    return [{ padataType: PADATA.encryptedChallenge, padataValue: encodeEncryptedData(sealed) }];
  }

  replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    return longTermReplyKey(this.#login, reply, this.#hint);
  }

  /** Rule EC1: the KDC's half MUST be verified (RFC 6113 section 5.4.6), since the armor may be an attacker's. */
  async check({ padata }: OpenedReply): Promise<void> {
    const answer = findPaData(padata, PADATA.encryptedChallenge);
    if (answer === undefined) throw unproven("it sent no answer to our challenge");
    let sealed: EncryptedData;
    try {
      sealed = decodeEncryptedData(answer.padataValue);
    } catch (cause) {
      throw unproven("its answer to our challenge does not decode", cause);
    }
    const key = this.#key as ProtocolKey;
    // Heimdal 7.8 seals its half with the client's pepper. Ours, sent back, has the other key usage and does not open.
    const opened = [KDC, CLIENT].some((pepper) => opens(this.#challengeKey(key, pepper), sealed));
    if (!opened) throw unproven("its answer to our challenge does not open");
    this.#login.trace({ type: "check", what: "encrypted challenge: the KDC has the long-term key" });
  }

  #challengeKey(key: ProtocolKey, pepper: string): ProtocolKey {
    const { armor, encTypes } = this.#login;
    if (armor === undefined) {
      throw new PreauthError("PREAUTH", "an encrypted challenge goes inside FAST alone: give armor", {
        mechanism: encryptedChallenge.name,
      });
    }
    return cf2(encTypes.provider, armor.key, key, encodeText(pepper), encodeText("challengelongterm"));
  }
}

function opens(key: ProtocolKey, sealed: EncryptedData): boolean {
  try {
    decodePaEncTsEnc(openData(key, KEY_USAGE.encChallengeKdc, sealed));
    return true;
  } catch {
    return false;
  }
}

function unproven(what: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    "REPLY_MODIFIED",
    `the KDC did not prove that it has the client's key: ${what} (RFC 6113 section 5.4.6); this may not be the KDC: check who answers at its address`,
    cause === undefined ? {} : { cause },
  );
}
