import { NAME_TYPE, PADATA } from "../../iana/index.ts";
import { fastOf } from "./answer.ts";
import type { FastDraft } from "./fast/draft.ts";
import type { FaultRow } from "./fault-rows.ts";
import type { FastFaultName } from "./fault-types.ts";
import type { KdcState } from "./state.ts";

/** One thing in what FAST puts around an answer, whatever the answer. */
function changeFast(change: (fast: FastDraft, state: KdcState) => unknown): FaultRow<unknown> {
  return {
    decide(outcome, _fault, state) {
      const fast = fastOf(outcome);
      if (fast === undefined) return undefined;
      change(fast, state);
      return outcome;
    },
  };
}

/** The same of a reply with a ticket only. */
function changeFastReply(change: (fast: FastDraft) => unknown): FaultRow<unknown> {
  return {
    decide(outcome) {
      if (outcome.type !== "reply" || outcome.draft.fast === undefined) return undefined;
      change(outcome.draft.fast);
      return outcome;
    },
  };
}

/** The encrypted challenge of the KDC in a reply; undefined takes it out. */
function changeChallenge(change: (value: Uint8Array) => Uint8Array | undefined): FaultRow<unknown> {
  return {
    decide(outcome) {
      if (outcome.type !== "reply") return undefined;
      const { draft } = outcome;
      if (!draft.padata.some(({ padataType }) => padataType === PADATA.encryptedChallenge)) return undefined;
      draft.padata = draft.padata.flatMap((data) => {
        if (data.padataType !== PADATA.encryptedChallenge) return data;
        const padataValue = change(data.padataValue);
        return padataValue === undefined ? [] : { ...data, padataValue };
      });
      return outcome;
    },
  };
}

/** What a client has to see through in an answer inside FAST (RFC 6113 section 5.4). */
export const fastFaults: { readonly [N in FastFaultName]: FaultRow<unknown> } = {
  "fast-stripped": changeFast((fast) => Object.assign(fast, { isStripped: true })),
  "fast-nonce": changeFast((fast) => Object.assign(fast, { nonce: (fast.nonce + 1) >>> 0 })),
  "fast-finished-missing": changeFastReply((fast) => Object.assign(fast, { hasFinished: false })),
  "fast-finished-name": changeFastReply((fast) =>
    Object.assign(fast, { finishedName: { nameType: NAME_TYPE.principal, nameString: ["mallory"] } }),
  ),
  "fast-finished-ticket": changeFastReply((fast) =>
    Object.assign(fast, { checksummed: (ticket: Uint8Array) => Uint8Array.of(...ticket, 0) }),
  ),
  "fast-strengthen-hidden": changeFastReply((fast) => Object.assign(fast, { strengthenKey: undefined })),
  "fast-key": changeFast((fast, { allEncTypes }) =>
    Object.assign(fast, { sealKey: allEncTypes.generateKey(fast.armorKey.encType.etype) }),
  ),
  "fast-undecodable": changeFast((fast) => Object.assign(fast, { response: Uint8Array.of(0x30, 0x80, 0, 0) })),
  "challenge-missing": changeChallenge(() => undefined),
  "challenge-other": changeChallenge((value) => value.map((octet, i) => (i === value.length - 1 ? octet ^ 1 : octet))),
};
