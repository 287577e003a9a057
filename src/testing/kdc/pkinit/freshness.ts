import { Reader, Writer } from "../../../bytes/index.ts";
import { KRB_ERROR } from "../../../iana/index.ts";
import { serviceKey } from "../database.ts";
import { refuse } from "../failure.ts";
import type { KdcState } from "../state.ts";

/** The key usage of tokens (RFC 8070 section 7); they are the KDC's own affair. */
const USAGE = 60;
const MAX_AGE_SECONDS = 300;

/** A token that says when it was made (RFC 8070 section 2.2). */
export function makeFreshnessToken(state: KdcState): Uint8Array {
  const seconds = BigInt(Math.floor(state.now().getTime() / 1000));
  return keyOf(state).usage(USAGE).encrypt(new Writer(8).uint64(seconds).finish());
}

/** Verifies the token that a client has signed (RFC 8070 section 2.4). */
export function checkFreshness(state: KdcState, token: Uint8Array | undefined): void {
  if (token === undefined) {
    if (state.policy.requireFreshness) refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "a fresh token is needed");
  } else if (state.mischief === "freshness-stale" || ageOf(state, token) > MAX_AGE_SECONDS) {
    refuse(KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED, "the token is stale");
  }
}

function ageOf(state: KdcState, token: Uint8Array): number {
  try {
    const made = new Reader(keyOf(state).usage(USAGE).decrypt(token)).uint64();
    return Math.abs(state.now().getTime() / 1000 - Number(made));
  } catch {
    return refuse(KRB_ERROR.KDC_ERR_PREAUTH_FAILED, "the token is not one of this KDC's");
  }
}

function keyOf(state: KdcState) {
  const key = serviceKey(state.database.get(`krbtgt/${state.realm}`));
  return key?.key ?? refuse(KRB_ERROR.KDC_ERR_NULL_KEY, "the realm has no key of its own");
}
