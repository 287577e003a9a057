import { decodeHex, equal } from "../../../src/bytes/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import { loadGroups } from "../../../src/curves/index.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import type { PaData } from "../../../src/krb5/index.ts";
import { findPaData, type LoginContext, spake } from "../../../src/preauth/index.ts";
import { later } from "../../support/later-types.ts";
import { readVectors } from "../corpus.ts";
import { derChange } from "../mutate/der.ts";
import { mutatedOctets } from "../mutate/octets.ts";
import { Finding, type FuzzTarget } from "../target.ts";

/** Challenges of SPAKE with changed octets: one is answered with a response only if another reader takes it for a good one. */
export async function spakeChallenges(root: string): Promise<FuzzTarget<never>> {
  const { vectors } = readVectors<{ vectors: readonly { readonly challenge: string }[] }>(root, "preauth/rfc9588.json");
  const corpus = vectors.map(({ challenge }) => decodeHex(challenge));
  const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());
  const key = encTypes.importKey(18, new Uint8Array(32).fill(7));
  const groups = await loadGroups();
  // Without P-521, an input of which takes as long as twenty of the others.
  const mechanism = spake({ groups: groups.slice(0, 2) });
  const login = {
    encTypes,
    hint: { etype: 18 },
    longTermKey: async () => key,
    trace: () => {},
  } as unknown as LoginContext;
  const target: FuzzTarget<readonly PaData[]> = {
    name: "spake",
    inputs: mutatedOctets(corpus, derChange(corpus)),
    async run(input) {
      const round = {
        body: new Uint8Array(1),
        nonce: 1,
        kdcTimeMs: Date.now,
        error: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED,
      };
      return await mechanism
        .begin(login)
        .answer({ ...round, offer: [{ padataType: PADATA.spake, padataValue: input }] });
    },
    verify(answer, input) {
      const message = findPaData(answer, PADATA.spake)?.padataValue as Uint8Array;
      if (message[0] === 0xa0) return;
      const { challenge } = later.decode("PA-SPAKE", input) as {
        readonly challenge?: {
          readonly group: number;
          readonly pubkey: Uint8Array;
          readonly factors: readonly { readonly type: number }[];
        };
      };
      const group = groups.find(({ number }) => number === challenge?.group);
      const isGood =
        challenge !== undefined &&
        group !== undefined &&
        challenge.factors.some(({ type }) => type === 1) &&
        equal(group.decode(challenge.pubkey).encode(), challenge.pubkey);
      if (!isGood) throw new Finding("answered, and it is not a good challenge");
    },
  };
  return target as FuzzTarget<never>;
}
