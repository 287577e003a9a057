import { cf2, type ProtocolKey } from "../../../crypto/index.ts";
import type { PrincipalName } from "../../../krb5/index.ts";
import type { KdcState } from "../state.ts";

const text = new TextEncoder();

/** What an answer under FAST is made of (RFC 6113 section 5.4.3); a fault can change any one thing in it. */
export interface FastDraft {
  readonly armorKey: ProtocolKey;
  /** The option hide-client-names (RFC 6113 section 5.4.2). */
  readonly hidesNames: boolean;
  /** What the response is sealed with. */
  sealKey: ProtocolKey;
  nonce: number;
  /** What the response says of the strengthen-key; absent in an error. */
  strengthenKey?: ProtocolKey | undefined;
  /** The reply key as it was before it was strengthened. */
  weakKey?: ProtocolKey;
  hasFinished: boolean;
  /** Whom the reply names outside FAST, if not the client. */
  outerNames?: { readonly crealm?: string; readonly cname?: PrincipalName };
  /** Whom the finished part names, if not the client of the reply. */
  finishedName?: PrincipalName;
  /** The octets that the finished part's checksum is over, made of the ticket's. */
  checksummed(ticket: Uint8Array): Uint8Array;
  /** The code of the KRB-ERROR that the response is in, if not that of the one inside. */
  outerCode?: number;
  /** The answer has nothing of FAST. */
  isStripped: boolean;
  /** Octets in place of the response. */
  response?: Uint8Array;
}

/** A right answer under an armor key. */
export function draftFast(armorKey: ProtocolKey, nonce: number, hidesNames: boolean): FastDraft {
  return {
    armorKey,
    hidesNames,
    sealKey: armorKey,
    nonce,
    hasFinished: true,
    checksummed: (ticket) => ticket,
    isStripped: false,
  };
}

/** Draws a strengthen-key and gives the strengthened reply key (RFC 6113 section 5.4.3). */
export function strengthen({ encTypes }: KdcState, fast: FastDraft, replyKey: ProtocolKey): ProtocolKey {
  const { provider } = encTypes;
  const strengthenKey = encTypes.generateKey(replyKey.encType.etype);
  fast.strengthenKey = strengthenKey;
  fast.weakKey = replyKey;
  return cf2(provider, strengthenKey, replyKey, text.encode("strengthenkey"), text.encode("replykey"));
}
