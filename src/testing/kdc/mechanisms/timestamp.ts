import { CryptoError, hasCode, hasName } from "../../../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import { decodeEncryptedData, decodePaEncTsEnc } from "../../../krb5/index.ts";
import type { StoredKey } from "../entry.ts";
import { refuse } from "../failure.ts";
import type { KdcLogin, KdcMechanism } from "../mechanism.ts";
import { refuseProof } from "../preauth-failed.ts";
import type { KdcState } from "../state.ts";

/** PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2). */
export const timestamp: KdcMechanism = {
  name: "encrypted-timestamp",
  type: PADATA.encTimestamp,
  // Under an armor the encrypted challenge does the same and proves the KDC too (RFC 6113 section 5.4.6).
  isUsable: ({ fast, state }) => fast === undefined || !state.policy.preauth.includes("encrypted-challenge"),
  offer: () => new Uint8Array(0),
  verify(login, data) {
    const { state, entry } = login;
    checkTime(state, openTimestamp(login, data));
    entry.failures = 0;
    return {};
  },
};

function openTimestamp(login: KdcLogin, octets: Uint8Array): Date {
  try {
    const { etype, cipher } = decodeEncryptedData(octets);
    const key: StoredKey | undefined = login.keys.find((one) => one.etype === etype);
    if (key === undefined)
      throw new CryptoError("ETYPE_NOT_PERMITTED", "not one of the client's keys: use one of them");
    return timeOf(key.key.usage(KEY_USAGE.asReqPaEncTimestamp).decrypt(cipher));
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    return refuseProof(login, "the timestamp does not open with the client's key");
  }
}

/** The time in a PA-ENC-TS-ENC. */
export function timeOf(plaintext: Uint8Array): Date {
  const { patimestamp, pausec = 0 } = decodePaEncTsEnc(plaintext);
  return new Date(patimestamp.getTime() + pausec / 1000);
}

export function checkTime(state: KdcState, time: Date): void {
  const skewMs = Math.abs(time.getTime() - state.now().getTime());
  if (skewMs > state.policy.clockSkewSeconds * 1000) {
    refuse(KRB_ERROR.KRB_AP_ERR_SKEW, "the client's clock is too far from the KDC's");
  }
}
