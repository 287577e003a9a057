import type { ProtocolKey } from "../../../crypto/index.ts";
import { hasCode, hasName } from "../../../errors.ts";
import { KEY_USAGE, PADATA } from "../../../iana/index.ts";
import {
  decodeEncryptedData,
  type EncryptedData,
  encodeEncryptedData,
  encodePaEncTsEnc,
  openData,
  type PaData,
  sealData,
} from "../../../krb5/index.ts";
import type { StoredKey } from "../entry.ts";
import { combine } from "../fast/armor.ts";
import type { FastDraft } from "../fast/draft.ts";
import type { KdcLogin, KdcMechanism } from "../mechanism.ts";
import { refuseProof } from "../preauth-failed.ts";
import type { KdcState } from "../state.ts";
import { checkTime, timeOf } from "./timestamp.ts";

/** PA-ENCRYPTED-CHALLENGE (RFC 6113 section 5.4.6), which is inside FAST only. */
export const challenge: KdcMechanism = {
  name: "encrypted-challenge",
  type: PADATA.encryptedChallenge,
  isUsable: ({ fast }) => fast !== undefined,
  offer: () => new Uint8Array(0),
  verify(login, data) {
    const { state, entry } = login;
    const { key, time } = openChallenge(login, data);
    checkTime(state, time);
    entry.failures = 0;
    return {
      replyKey: key.key,
      replyKvno: key.kvno,
      padata: [kdcChallenge(state, challengeKey(login, key.key, "kdcchallengearmor"))],
    };
  },
};

function openChallenge(login: KdcLogin, data: Uint8Array): { readonly key: StoredKey; readonly time: Date } {
  const sealed = decoded(login, data);
  for (const key of login.keys) {
    const time = tryOpen(challengeKey(login, key.key, "clientchallengearmor"), sealed);
    if (time !== undefined) return { key, time };
  }
  return refuseProof(login, "the challenge does not open with the client's key");
}

function decoded(login: KdcLogin, data: Uint8Array): EncryptedData {
  try {
    return decodeEncryptedData(data);
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return refuseProof(login, "the challenge does not decode");
  }
}

function tryOpen(key: ProtocolKey, sealed: EncryptedData): Date | undefined {
  try {
    return timeOf(openData(key, KEY_USAGE.encChallengeClient, sealed));
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    return undefined;
  }
}

function challengeKey({ state, fast }: KdcLogin, longTerm: ProtocolKey, pepper: ChallengePepper): ProtocolKey {
  return keyOfChallenge(state, fast as FastDraft, longTerm, pepper);
}

type ChallengePepper = "clientchallengearmor" | "kdcchallengearmor";

/** The key of one of the two challenges. */
export function keyOfChallenge(
  state: KdcState,
  { armorKey }: FastDraft,
  longTerm: ProtocolKey,
  pepper: ChallengePepper,
): ProtocolKey {
  return combine(state, armorKey, pepper, longTerm, "challengelongterm");
}

/** The KDC's answer: it too has the client's key. */
export function kdcChallenge(state: KdcState, key: ProtocolKey, usage: number = KEY_USAGE.encChallengeKdc): PaData {
  const now = state.now();
  const patimestamp = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const plaintext = encodePaEncTsEnc({ patimestamp, pausec: (now.getTime() - patimestamp.getTime()) * 1000 });
  return { padataType: PADATA.encryptedChallenge, padataValue: encodeEncryptedData(sealData(key, usage, plaintext)) };
}
