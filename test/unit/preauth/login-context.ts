// A login that a mechanism or a negotiation is shown, without a client around it.

import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { encodeEtypeInfo2, type PaData, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { completePrompts, type LoginContext, type PreauthRound } from "../../../src/preauth/index.ts";

export const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider()).restrict([18, 17]);
export const ALICE = parsePrincipal("alice@TEST.EXAMPLE");
export const NOW = Date.UTC(2026, 5, 1, 12);

/** Alice's login; what is not given is not there. */
export function loginContext(change: Partial<LoginContext> = {}): LoginContext {
  return {
    client: ALICE,
    service: tgsPrincipal("TEST.EXAMPLE"),
    encTypes,
    requested: [18, 17],
    longTermKey: async ({ etype }) => encTypes.generateKey(etype),
    ask: completePrompts({}),
    trace: () => {},
    now: () => NOW,
    ...change,
  };
}

/** A round in which a KDC offers this. */
export function roundOf(offer: readonly PaData[] = [], error = 25): PreauthRound {
  return { body: Uint8Array.of(1), nonce: 7, kdcTimeMs: () => NOW, offer, error };
}

/** PA-ETYPE-INFO2 with these entries. */
export function etypeInfo2(...entries: Parameters<typeof encodeEtypeInfo2>[0]): PaData {
  return { padataType: PADATA.etypeInfo2, padataValue: encodeEtypeInfo2(entries) };
}
