// An envelope that is not FAST and does what FAST does: it seals the PA-DATA of requests, errors and replies, names the client,
// and strengthens the reply key. Both halves of it.

import { cf2, loadNobleProvider, type ProtocolKey } from "../../src/crypto/index.ts";
import { ProtocolError } from "../../src/errors.ts";
import { KRB_ERROR } from "../../src/iana/index.ts";
import {
  decodeKrbError,
  decodeMethodData,
  decodePrincipalName,
  encodeKrbError,
  encodeMethodData,
  encodePrincipalName,
  type PaData,
  toPrincipal,
} from "../../src/krb5/index.ts";
import type { Envelope } from "../../src/preauth/index.ts";
import type { KrbErrorDraft } from "../../src/testing/kdc/drafts.ts";
import type { ReplyDraft } from "../../src/testing/kdc/reply.ts";

/** The type of the PA-DATA that has everything in it. */
export const SEALED = -2000;
const ERROR = -2001;
const SEED = -2002;
const CLIENT = -2003;
const USAGE = 2000;

const provider = await loadNobleProvider();

function octetsOf(padata: readonly PaData[], type: number): Uint8Array {
  const value = padata.find(({ padataType }) => padataType === type)?.padataValue;
  if (value === undefined) throw new ProtocolError("REPLY_MODIFIED", `the envelope has no ${type}`);
  return value;
}

function sealPadata(armor: ProtocolKey, padata: readonly PaData[]): PaData {
  return { padataType: SEALED, padataValue: armor.usage(USAGE).encrypt(encodeMethodData(padata)) };
}

/** The PA-DATA in an envelope. Throws ProtocolError if there is none: nothing outside of it counts. */
export function openPadata(armor: ProtocolKey, padata: readonly PaData[] | undefined): PaData[] {
  return [...decodeMethodData(armor.usage(USAGE).decrypt(octetsOf(padata ?? [], SEALED)))];
}

function strengthened(key: ProtocolKey, armor: ProtocolKey, seed: Uint8Array): ProtocolKey {
  return cf2(provider, key, armor, seed, Uint8Array.of(...seed, 1));
}

/** The client's half. */
export function sealedEnvelope(armor: ProtocolKey): Envelope {
  return {
    armor: { key: armor },
    request: (_, padata) => [sealPadata(armor, padata)],
    error(outer) {
      const inner = openPadata(armor, decodeMethodData(outer.eData ?? new Uint8Array(0)));
      const methods = inner.filter(({ padataType }) => padataType !== ERROR);
      return { error: decodeKrbError(octetsOf(inner, ERROR)), isTrusted: true, methods: () => methods };
    },
    reply({ padata, crealm }) {
      const inner = openPadata(armor, padata);
      return {
        padata: inner,
        client: toPrincipal(crealm, decodePrincipalName(octetsOf(inner, CLIENT))),
        strengthen: (key) => strengthened(key, armor, octetsOf(inner, SEED)),
      };
    },
  };
}

/** The KDC's half of an error: the outer one says another code, and nothing that counts. */
export function sealError(armor: ProtocolKey, error: KrbErrorDraft): KrbErrorDraft {
  const { eData, ...rest } = error;
  const inner = { padataType: ERROR, padataValue: encodeKrbError(rest) };
  const methods = eData === undefined ? [] : decodeMethodData(eData);
  const sealed = encodeMethodData([sealPadata(armor, [...methods, inner])]);
  return { ...error, errorCode: KRB_ERROR.KRB_ERR_GENERIC, eData: sealed };
}

/** The KDC's half of a reply: the outer one names another client. */
export function sealReply(armor: ProtocolKey, draft: Pick<ReplyDraft, "padata" | "cname" | "replyKey">): void {
  const seed = provider.randomBytes(16);
  const inner = [
    ...draft.padata,
    { padataType: SEED, padataValue: seed },
    { padataType: CLIENT, padataValue: encodePrincipalName(draft.cname) },
  ];
  draft.padata = [sealPadata(armor, inner)];
  draft.cname = { nameType: 1, nameString: ["outer"] };
  draft.replyKey = strengthened(draft.replyKey, armor, seed);
}
