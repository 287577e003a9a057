import { Reader, Writer } from "../../bytes/index.ts";
import { CryptoError, hasCode, hasName } from "../../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../iana/index.ts";
import {
  decodeEncryptedData,
  decodePaEncTsEnc,
  type EtypeInfo2Entry,
  encodeEtypeInfo2,
  encodeMethodData,
  type KdcReq,
  type PaData,
} from "../../krb5/index.ts";
import { currentKeys, encodeIterations, serviceKey } from "./database.ts";
import type { Entry, StoredKey } from "./entry.ts";
import { refuse } from "./failure.ts";
import { formatComponents } from "./names.ts";
import type { KdcState } from "./state.ts";

/** The usage under which this KDC seals its cookies; the number is its own affair (RFC 6113 section 5.2). */
const cookieUsage = 513;
/** How old a cookie may be. */
const cookieSeconds = 600;

/** The client's keys of the enctypes that it asked for, in its order. */
export function replyKeys(entry: Entry, etypes: readonly number[]): StoredKey[] {
  const keys = currentKeys(entry);
  return etypes.flatMap((etype) => keys.find((key) => key.etype === etype) ?? []);
}

/** PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5): how each key is made of the password. */
export function etypeInfo2(keys: readonly StoredKey[]): EtypeInfo2Entry[] {
  return keys.map(({ etype, salt, iterations }) => ({
    etype,
    ...(salt === undefined ? {} : { salt }),
    ...(iterations === undefined ? {} : { s2kparams: encodeIterations(iterations) }),
  }));
}

/**
 * What an answer offers to a client that has to pre-authenticate; `cookie` makes it a conversation (RFC 6113 section
 * 5.2).
 */
export function offers(state: KdcState, entry: Entry, keys: readonly StoredKey[]): PaData[] {
  return [
    { padataType: PADATA.etypeInfo2, padataValue: encodeEtypeInfo2(etypeInfo2(keys)) },
    { padataType: PADATA.encTimestamp, padataValue: new Uint8Array(0) },
    { padataType: PADATA.fxCookie, padataValue: makeCookie(state, entry) },
  ];
}

/**
 * Verifies encrypted-timestamp pre-authentication (RFC 4120 section 5.2.7.2) and gives the key that the client proved
 * to have, or undefined if the request has none.
 */
export function verifyPreauth(
  state: KdcState,
  entry: Entry,
  keys: readonly StoredKey[],
  { padata = [] }: KdcReq,
): StoredKey | undefined {
  const find = (type: number): PaData | undefined => padata.find(({ padataType }) => padataType === type);
  const timestamp = find(PADATA.encTimestamp);
  if (timestamp === undefined) return undefined;
  const cookie = find(PADATA.fxCookie);
  if (cookie !== undefined) verifyCookie(state, entry, cookie.padataValue);
  else if (state.policy.requireCookie) return undefined;
  const { key, time } = openTimestamp(state, entry, keys, timestamp.padataValue);
  const skewMs = Math.abs(time.getTime() - state.now().getTime());
  if (skewMs > state.policy.clockSkewSeconds * 1000) {
    refuse(KRB_ERROR.KRB_AP_ERR_SKEW, "the client's clock is too far from the KDC's");
  }
  entry.failures = 0;
  return key;
}

function openTimestamp(
  state: KdcState,
  entry: Entry,
  keys: readonly StoredKey[],
  octets: Uint8Array,
): { readonly key: StoredKey; readonly time: Date } {
  try {
    const { etype, cipher } = decodeEncryptedData(octets);
    const key = keys.find((one) => one.etype === etype);
    if (key === undefined) throw new CryptoError("ETYPE_NOT_PERMITTED", "not one of the client's keys");
    const plaintext = key.key.usage(KEY_USAGE.asReqPaEncTimestamp).decrypt(cipher);
    const { patimestamp, pausec = 0 } = decodePaEncTsEnc(plaintext);
    return { key, time: new Date(patimestamp.getTime() + pausec / 1000) };
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    entry.failures++;
    return refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the timestamp does not open with the client's key", {
      eData: encodeMethodData(offers(state, entry, keys)),
    });
  }
}

/** Sealed with the TGS's key, so that no client can make one: whose conversation it is and when it began. */
function makeCookie(state: KdcState, entry: Entry): Uint8Array {
  const name = new TextEncoder().encode(formatComponents(entry.components));
  const seconds = Math.floor(state.now().getTime() / 1000);
  const plaintext = new Writer(16).uint64(BigInt(seconds)).data32(name).finish();
  return cookieKey(state).key.usage(cookieUsage).encrypt(plaintext);
}

function verifyCookie(state: KdcState, entry: Entry, cookie: Uint8Array): void {
  const { began, name } = openCookie(state, cookie);
  if (name !== formatComponents(entry.components)) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the cookie is of another client's conversation");
  }
  if (Math.abs(state.now().getTime() / 1000 - began) > cookieSeconds) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED, "the conversation is too old; begin a new one");
  }
}

function openCookie(state: KdcState, cookie: Uint8Array): { readonly began: number; readonly name: string } {
  try {
    const reader = new Reader(cookieKey(state).key.usage(cookieUsage).decrypt(cookie));
    return { began: Number(reader.uint64()), name: new TextDecoder().decode(reader.data32()) };
  } catch {
    return refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the cookie is not one of this KDC's");
  }
}

function cookieKey(state: KdcState): StoredKey {
  const key = serviceKey(state.database.get(`krbtgt/${state.realm}`));
  return key ?? refuse(KRB_ERROR.KDC_ERR_NULL_KEY, "the realm has no key of its own");
}
