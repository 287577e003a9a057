import { PADATA } from "../../iana/index.ts";
import { encodeEtypeInfo2, type KdcReq, type PaData } from "../../krb5/index.ts";
import { type CookieParts, makeCookie, verifyCookie } from "./cookie.ts";
import type { Entry } from "./entry.ts";
import { etypeInfo2, replyKeys } from "./etype-info2.ts";
import type { FastDraft } from "./fast/draft.ts";
import type { KdcLogin, KdcMechanism, Proof } from "./mechanism.ts";
import { challenge } from "./mechanisms/challenge.ts";
import { otp } from "./mechanisms/otp.ts";
import { spake } from "./mechanisms/spake.ts";
import { timestamp } from "./mechanisms/timestamp.ts";
import type { PreauthName } from "./options.ts";
import { pkinit } from "./pkinit/mechanism.ts";
import type { KdcState } from "./state.ts";

const mechanisms: readonly KdcMechanism[] = [timestamp, challenge, spake, otp, pkinit];

/** One login of a client. */
export function loginOf(
  state: KdcState,
  entry: Entry,
  request: KdcReq,
  requestOctets: Uint8Array,
  fast: FastDraft | undefined,
): KdcLogin {
  const keys = replyKeys(entry, request.reqBody.etype).filter(({ etype }) => state.encTypes.has(etype));
  const login: KdcLogin = { state, entry, keys, request, requestOctets, fast, offers: () => offersOf(login) };
  return login;
}

/** Whether this client has to prove who it is. */
export function mustProve({ state, entry }: KdcLogin): boolean {
  const { requires = [], requirePreauth } = entry.options;
  return requires.length > 0 || (requirePreauth ?? state.policy.requirePreauth);
}

/**
 * What an answer offers to a client that has to pre-authenticate; the cookie makes it a conversation (RFC 6113 section
 * 5.2).
 */
function offersOf(login: KdcLogin): PaData[] {
  const { state, entry, keys, fast } = login;
  const usable = usableBy(login);
  // With SPAKE it is one (RFC 9588 section 2).
  const told = usable.includes(spake) ? keys.slice(0, 1) : keys;
  const isFastNews = fast === undefined && state.policy.preauth.includes("fast");
  const parts: CookieParts = {};
  return [
    { padataType: PADATA.etypeInfo2, padataValue: encodeEtypeInfo2(etypeInfo2(told)) },
    ...(isFastNews ? [{ padataType: PADATA.fxFast, padataValue: new Uint8Array(0) }] : []),
    ...usable.map((one) => ({ padataType: one.type, padataValue: one.offer(login, parts) })),
    ...usable.flatMap((one) => one.also?.(login) ?? []),
    { padataType: PADATA.fxCookie, padataValue: makeCookie(state, entry, parts) },
  ];
}

/** Verifies the first proof in a request that is one for this client; undefined without one. */
export function verifyPreauth(login: KdcLogin): Proof | undefined {
  const { state, entry, request } = login;
  const find = (type: number): PaData | undefined => request.padata?.find(({ padataType }) => padataType === type);
  for (const one of usableBy(login)) {
    const data = find(one.requestType ?? one.type);
    if (data === undefined) continue;
    const cookie = find(PADATA.fxCookie);
    if (cookie === undefined && state.policy.requireCookie) return undefined;
    const parts = cookie === undefined ? {} : verifyCookie(state, entry, cookie.padataValue);
    return one.verify(login, data.padataValue, parts);
  }
  return undefined;
}

/** What the realm offers and the principal may use, in the realm's order. */
function usableBy(login: KdcLogin): readonly KdcMechanism[] {
  const { state, entry, fast } = login;
  const { requires = [] } = entry.options;
  if (requires.includes("fast") && fast === undefined) return [];
  const proofs: readonly PreauthName[] = requires.filter((name) => name !== "fast");
  return state.policy.preauth.flatMap((name) => {
    const one = mechanisms.find((mechanism) => mechanism.name === name);
    const isMeant = proofs.length === 0 || proofs.includes(name);
    return one !== undefined && isMeant && one.isUsable(login) ? [one] : [];
  });
}
