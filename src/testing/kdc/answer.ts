import { hasCode } from "../../errors.ts";
import { KRB_ERROR, MESSAGE_TYPE } from "../../iana/index.ts";
import { decodeAsReq, decodeTgsReq, encodeKrbError, type KdcReq } from "../../krb5/index.ts";
import { answerAsReq } from "./as-exchange.ts";
import type { KrbErrorDraft } from "./drafts.ts";
import { KdcFailure } from "./failure.ts";
import type { FastDraft } from "./fast/draft.ts";
import { encodeFastError } from "./fast/reply.ts";
import { openAsFast } from "./fast/request.ts";
import { encodeReply, type ReplyDraft } from "./reply.ts";
import type { KdcState } from "./state.ts";
import { answerTgsReq, openTgsReq } from "./tgs-exchange.ts";

/** What the KDC has decided to say, not encoded yet. */
export type Outcome =
  | { readonly type: "reply"; readonly draft: ReplyDraft }
  | { readonly type: "error"; readonly draft: KrbErrorDraft; readonly fast?: FastDraft | undefined };

/** A request as it was recognized. */
export interface Received {
  readonly exchange: "as" | "tgs";
  /** Absent: it does not decode. */
  readonly request: KdcReq | undefined;
  readonly octets: Uint8Array;
}

const applicationConstructed = 0x60;

/** Recognizes a request by its APPLICATION tag; undefined for anything else. */
export function receive(octets: Uint8Array): Received | undefined {
  const isAs = octets[0] === (applicationConstructed | MESSAGE_TYPE.asReq);
  if (!isAs && octets[0] !== (applicationConstructed | MESSAGE_TYPE.tgsReq)) return undefined;
  const exchange = isAs ? "as" : "tgs";
  try {
    return { exchange, request: isAs ? decodeAsReq(octets) : decodeTgsReq(octets), octets };
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return { exchange, request: undefined, octets };
  }
}

/** Decides on an answer. It never throws: what nobody has thought of is KRB_ERR_GENERIC. */
export function decide(state: KdcState, received: Received): Outcome {
  const { exchange, octets } = received;
  let { request } = received;
  let fast: FastDraft | undefined;
  try {
    if (request === undefined) throw new KdcFailure(KRB_ERROR.KRB_ERR_GENERIC, "the request does not decode");
    if (exchange === "as") {
      ({ request, fast } = { fast, request, ...openAsFast(state, request) });
      return { type: "reply", draft: answerAsReq(state, request, octets, fast) };
    }
    const shown = openTgsReq(state, request);
    ({ request, fast } = shown);
    return { type: "reply", draft: answerTgsReq(state, shown, octets) };
  } catch (error) {
    return { type: "error", draft: draftError(state, request, error), fast };
  }
}

/** A KRB-ERROR with what is known of the request (RFC 4120 section 5.9.1). */
export function draftError(state: KdcState, request: KdcReq | undefined, cause: unknown): KrbErrorDraft {
  const failure = cause instanceof KdcFailure ? cause : undefined;
  const now = state.now();
  const seconds = Math.floor(now.getTime() / 1000);
  const { cname, sname, realm } = request?.reqBody ?? {};
  return {
    pvno: 5,
    msgType: MESSAGE_TYPE.krbError,
    stime: new Date(seconds * 1000),
    susec: Math.floor((now.getTime() - seconds * 1000) * 1000),
    errorCode: failure?.errorCode ?? KRB_ERROR.KRB_ERR_GENERIC,
    crealm: failure?.crealm ?? (cname === undefined ? undefined : realm),
    cname,
    realm: realm ?? state.realm,
    sname: sname ?? { nameType: 2, nameString: ["krbtgt", state.realm] },
    eText: failure === undefined ? "the test KDC failed" : failure.message,
    eData: failure?.eData,
  };
}

/** What an answer has around it of FAST. */
export function fastOf(outcome: Outcome): FastDraft | undefined {
  return outcome.type === "reply" ? outcome.draft.fast : outcome.fast;
}

/** Encodes what was decided. */
export function encodeOutcome(outcome: Outcome): Uint8Array {
  if (outcome.type === "reply") return encodeReply(outcome.draft);
  const { draft, fast } = outcome;
  return fast === undefined || fast.isStripped ? encodeKrbError(draft) : encodeFastError(draft, fast);
}
