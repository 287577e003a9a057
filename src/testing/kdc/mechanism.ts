import type { ProtocolKey } from "../../crypto/index.ts";
import type { KdcReq, PaData } from "../../krb5/index.ts";
import type { CookieParts } from "./cookie.ts";
import type { Entry, StoredKey } from "./entry.ts";
import type { FastDraft } from "./fast/draft.ts";
import type { ProofName } from "./options.ts";
import type { KdcState } from "./state.ts";

/** One login, as far as a proof of the client's identity is concerned. */
export interface KdcLogin {
  readonly state: KdcState;
  readonly entry: Entry;
  /** The client's keys of the enctypes that it asked for, in its order. */
  readonly keys: readonly StoredKey[];
  /** Inside FAST, the inner request. */
  readonly request: KdcReq;
  readonly fast: FastDraft | undefined;
  /** The whole outer request, as it came. */
  readonly requestOctets: Uint8Array;
  /** What an answer offers to a client that has to prove who it is. */
  offers(): PaData[];
}

/** What a client has proven, and what the reply is to have of it. */
export interface Proof {
  /** Absent: the long-term key of the client's first enctype. */
  readonly replyKey?: ProtocolKey;
  /** The version of the reply key, if it is a long-term one. */
  readonly replyKvno?: number;
  readonly padata?: readonly PaData[];
  /** The client has no name in the ticket (RFC 8062). */
  readonly isAnonymous?: boolean;
  /** Makes the session key, where the mechanism has a part in it. */
  readonly sessionKey?: (etype: number) => { readonly key: ProtocolKey; readonly padata: readonly PaData[] };
}

/** One way to prove who one is, as the KDC sees it. */
export interface KdcMechanism {
  readonly name: ProofName;
  /** Its number in offers and requests; OTP has another for requests. */
  readonly type: number;
  readonly requestType?: number;
  isUsable(login: KdcLogin): boolean;
  /** The value of its offer; `cookie` is what the next message brings back. */
  offer(login: KdcLogin, cookie: CookieParts): Uint8Array;
  /** What it offers beside that. */
  also?(login: KdcLogin): readonly PaData[];
  /** Throws KdcFailure, also to ask for more. `cookie` is what came, empty if none did. */
  verify(login: KdcLogin, data: Uint8Array, cookie: CookieParts): Proof;
}
