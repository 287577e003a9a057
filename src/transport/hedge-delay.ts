import { MESSAGE_TYPE } from "../iana/index.ts";
import { applicationTag, decodeAsReq, mayProveKey } from "../krb5/index.ts";

/**
 * A KDC that has not answered by then is likely to be far or dead: most answer within a few milliseconds. No request
 * asks the next one earlier.
 */
export const ASK_MS = 150;
/** As libkrb5 waits. */
const PROVE_MS = 1000;

/**
 * How long a KDC may be silent before the next is asked as well. An AS-REQ that carries a proof of the password gets
 * more time: two KDCs that each see a wrong one may count two failed logins, and lock the account.
 */
export function hedgeDelayMsOf(request: Uint8Array): number {
  if (applicationTag(request) !== MESSAGE_TYPE.asReq) return ASK_MS;
  try {
    const { padata = [] } = decodeAsReq(request);
    return mayProveKey(padata) ? PROVE_MS : ASK_MS;
  } catch {
    return PROVE_MS;
  }
}
