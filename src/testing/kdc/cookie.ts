import { Reader, Writer } from "../../bytes/index.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import { serviceKey } from "./database.ts";
import type { Entry, StoredKey } from "./entry.ts";
import { refuse } from "./failure.ts";
import { formatComponents } from "./names.ts";
import type { KdcState } from "./state.ts";

/** The usage under which this KDC seals its cookies; the number is its own affair (RFC 6113 section 5.2). */
const cookieUsage = 513;
/** How old a cookie may be. */
const cookieSeconds = 600;

/** What mechanisms keep from one message of a conversation to the next. */
export interface CookieParts {
  /** The KDC's secret number and the transcript of SPAKE. */
  spake?: Uint8Array;
  /** The nonce of an OTP challenge. */
  otpNonce?: Uint8Array;
}

const none = new Uint8Array(0);

/** Sealed with the TGS's key, so that no client can make one: whose conversation it is and when it began. */
export function makeCookie(
  state: KdcState,
  entry: Entry,
  { spake = none, otpNonce = none }: CookieParts = {},
): Uint8Array {
  const name = new TextEncoder().encode(formatComponents(entry.components));
  const seconds = Math.floor(state.now().getTime() / 1000);
  const plaintext = new Writer(64).uint64(BigInt(seconds)).data32(name).data32(spake).data32(otpNonce).finish();
  return cookieKey(state).key.usage(cookieUsage).encrypt(plaintext);
}

/** Opens a cookie of this client's. Throws KDC_ERR_PREAUTH_FAILED or KDC_ERR_PREAUTH_EXPIRED. */
export function verifyCookie(state: KdcState, entry: Entry, cookie: Uint8Array): CookieParts {
  const { began, name, ...parts } = openCookie(state, cookie);
  if (name !== formatComponents(entry.components)) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the cookie is of another client's conversation");
  }
  if (Math.abs(state.now().getTime() / 1000 - began) > cookieSeconds) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED, "the conversation is too old; begin a new one");
  }
  return parts;
}

function openCookie(
  state: KdcState,
  cookie: Uint8Array,
): CookieParts & { readonly began: number; readonly name: string } {
  try {
    const reader = new Reader(cookieKey(state).key.usage(cookieUsage).decrypt(cookie));
    const began = Number(reader.uint64());
    const name = new TextDecoder().decode(reader.data32());
    return { began, name, spake: reader.data32(), otpNonce: reader.data32() };
  } catch {
    return refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the cookie is not one of this KDC's");
  }
}

function cookieKey(state: KdcState): StoredKey {
  const key = serviceKey(state.database.get(`krbtgt/${state.realm}`));
  return key ?? refuse(KRB_ERROR.KDC_ERR_NULL_KEY, "the realm has no key of its own");
}
