import { PADATA } from "../../iana/index.ts";
import { decide } from "./answer.ts";
import type { FaultRow } from "./fault-rows.ts";
import type { PkinitFaultName } from "./fault-types.ts";

/** The answer is made again, with the fault in it: what PKINIT signs cannot be changed afterwards. */
function again(mischief: PkinitFaultName): FaultRow<unknown> {
  return {
    decide(outcome, _fault, state, received) {
      const isPkinit = received.request?.padata?.some(
        // Inside FAST it cannot be seen here.
        ({ padataType }) => padataType === PADATA.pkAsReq || padataType === PADATA.fxFast,
      );
      if (isPkinit !== true || state.pkinit === undefined) return undefined;
      if (outcome.type !== "reply" && mischief !== "freshness-stale") return undefined;
      return decide({ ...state, mischief }, received);
    },
  };
}

/** PK1 to PK12: what a client has to see through in a reply to PKINIT. */
export const pkinitFaults: { readonly [N in PkinitFaultName]: FaultRow<unknown> } = {
  "pkinit-reply-missing": again("pkinit-reply-missing"),
  "pkinit-chosen-key": again("pkinit-chosen-key"),
  "pkinit-nonce": again("pkinit-nonce"),
  "pkinit-content-type": again("pkinit-content-type"),
  "pkinit-unsigned": again("pkinit-unsigned"),
  "pkinit-signature": again("pkinit-signature"),
  "pkinit-key-range": again("pkinit-key-range"),
  "pkinit-kdf": again("pkinit-kdf"),
  "pkinit-other-kdc": again("pkinit-other-kdc"),
  "pkinit-nameless-kdc": again("pkinit-nameless-kdc"),
  "pkinit-expired-kdc": again("pkinit-expired-kdc"),
  "pkinit-unknown-authority": again("pkinit-unknown-authority"),
  "pkinit-kx-missing": again("pkinit-kx-missing"),
  "pkinit-kx-other": again("pkinit-kx-other"),
  "freshness-stale": again("freshness-stale"),
};
