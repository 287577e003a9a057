import { PADATA } from "../iana/index.ts";
import type { PaData } from "./messages/index.ts";

/** Types of PA-DATA that prove nothing of a client: what it asks for, and what is the KDC's own. */
const NO_PROOF: ReadonlySet<number> = new Set([
  PADATA.fxCookie,
  PADATA.reqEncPaRep,
  PADATA.asFreshness,
  PADATA.pacRequest,
  PADATA.pacOptions,
]);

/** Whether the PA-DATA of an AS-REQ may prove the client's key: a KDC counts a wrong one as a failed login. */
export function mayProveKey(padata: readonly PaData[]): boolean {
  return padata.some(({ padataType }) => !NO_PROOF.has(padataType));
}
