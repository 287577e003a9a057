import type { ProtocolKey } from "../crypto/index.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../iana/index.ts";
import { encodeEncryptedData, encodePaEncTsEnc, type PaData, sealData } from "../krb5/index.ts";
import type { KeyHint } from "./etype-info.ts";
import { hintFor, longTermReplyKey } from "./long-term-key.ts";
import type { LoginContext, PreauthMechanism, PreauthReply, PreauthRound, PreauthRun } from "./mechanism.ts";
import { timestampOf } from "./timestamp.ts";

/** PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2): the KDC's time, encrypted in the long-term key. */
export const encTimestamp: PreauthMechanism = {
  type: PADATA.encTimestamp,
  name: "PA-ENC-TIMESTAMP",
  place: "any",
  canAnswer: () => true,
  begin: (login) => new EncTimestampRun(login),
};

class EncTimestampRun implements PreauthRun {
  readonly #login: LoginContext;
  #hint: KeyHint | undefined;
  #isFinal = false;

  constructor(login: LoginContext) {
    this.#login = login;
  }

  get isFinal(): boolean {
    return this.#isFinal;
  }

  get hint(): KeyHint | undefined {
    return this.#hint;
  }

  /** Rule P7: the time is sent once more, adapted to the KDC's, if the KDC's clock was too far away. */
  goesOn(errorCode: number): boolean {
    return errorCode === KRB_ERROR.KRB_AP_ERR_SKEW;
  }

  async answer(round: PreauthRound): Promise<readonly PaData[]> {
    this.#hint ??= hintFor(encTimestamp.name, this.#login, round.offer);
    const key = await this.#login.longTermKey(this.#hint);
    const timestamp = encodePaEncTsEnc(timestampOf(round.kdcTimeMs()));
    const sealed = sealData(key, KEY_USAGE.asReqPaEncTimestamp, timestamp);
    this.#isFinal = true;
    return [{ padataType: PADATA.encTimestamp, padataValue: encodeEncryptedData(sealed) }];
  }

  replyKey(reply: PreauthReply): Promise<ProtocolKey> {
    return longTermReplyKey(this.#login, reply, this.#hint);
  }
}
