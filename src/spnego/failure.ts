import { GssError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import type { TokenMechanism } from "./describe.ts";
import { namesOf } from "./describe.ts";

/** No mechanism of both sides: the peer offered others. */
export function noCommonMechanism(offered: readonly TokenMechanism[], service: string): GssError {
  return new GssError(
    "SPNEGO_NO_COMMON_MECHANISM",
    "GSS_S_BAD_MECH",
    `the client offered ${namesOf(offered)} only: it got no ticket for ${service}. Look whether the KDC knows that name ` +
      "(setspn -Q, kvno), whether the client uses it, and whether it trusts this server with Kerberos (intranet zone, " +
      "negotiate-auth list)",
  );
}

/** The MIC of the list is wrong, or is missing where it has to be. */
export function badListMic(message: string, cause?: unknown): GssError {
  return new GssError("SPNEGO_BAD_MIC", "GSS_S_BAD_MIC", `${message}: do not go on`, { cause });
}

/** The peer says no, and no more. */
export function rejected(who: string): GssError {
  const message = `the ${who} rejects the negotiation and does not say why: look at its log`;
  return new GssError("SPNEGO_REJECTED", "GSS_S_BAD_MECH", message);
}

/** Rule SN2 in SECURITY.md: the list of mechanisms is the one that the initiator sent. */
export function verifyListMic(context: SecurityContext, list: Uint8Array, mic: Uint8Array): void {
  try {
    context.verifyMic(list, mic);
  } catch (cause) {
    throw badListMic(
      "the MIC of the mechanism list is wrong: what was negotiated is not what the two sides offered, or it was changed",
      cause,
    );
  }
}
