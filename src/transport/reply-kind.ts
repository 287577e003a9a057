import { KRB_ERROR, MESSAGE_TYPE } from "../iana/index.ts";

/**
 * What octets from a KDC are, by a look at the outside: `"reply"`: the caller decodes them; `"too-big"`: the reply does
 * not fit a datagram; `"unavailable"`: this KDC cannot answer now, another may; `"garbage"`: no answer to this request.
 */
export type ReplyKind = "reply" | "too-big" | "unavailable" | "garbage";

/** Tells the kind of octets that came from a KDC; it must not throw. */
export type Classify = (octets: Uint8Array) => ReplyKind;

const applicationConstructed = 0x60;
const tagOf = (messageType: number): number => applicationConstructed | messageType;

/** The kind of message that a request is, for traces. */
export function requestName(request: Uint8Array): "AS-REQ" | "TGS-REQ" | "KRB" {
  if (request[0] === tagOf(MESSAGE_TYPE.asReq)) return "AS-REQ";
  return request[0] === tagOf(MESSAGE_TYPE.tgsReq) ? "TGS-REQ" : "KRB";
}

/**
 * The {@link Classify} for the answers to `request`: an AS-REP, a TGS-REP or a KRB-ERROR (RFC 4120 section 5.10), as
 * one DER value from the first octet to the last. Nothing in them is believed: anyone who can send a datagram from the
 * KDC's address can send any of these.
 */
export function classifyReplyTo(request: Uint8Array): Classify {
  const wanted = requestName(request) === "KRB" ? undefined : (request[0] as number) + 1;
  return (octets) => {
    const tag = octets[0];
    const outer = readValue(octets, 0, octets.length);
    if (tag === undefined || outer === undefined || outer.end !== octets.length) return "garbage";
    if (tag === tagOf(MESSAGE_TYPE.krbError)) return kindOfError(octets, outer.start);
    return tag === wanted || (wanted === undefined && (tag & 0xe0) === applicationConstructed) ? "reply" : "garbage";
  };
}

function kindOfError(octets: Uint8Array, at: number): ReplyKind {
  switch (readErrorCode(octets, at)) {
    case KRB_ERROR.KRB_ERR_RESPONSE_TOO_BIG:
      return "too-big";
    case KRB_ERROR.KDC_ERR_SVC_UNAVAILABLE:
      return "unavailable";
    default:
      return "reply";
  }
}

/** KRB-ERROR's `error-code [6] Int32` (RFC 4120 section 5.9.1), if it has one octet, as those asked for have. */
function readErrorCode(octets: Uint8Array, at: number): number | undefined {
  const sequence = readValue(octets, at, octets.length);
  if (octets[at] !== 0x30 || sequence === undefined) return undefined;
  for (let next = sequence.start; next < sequence.end; ) {
    const field = readValue(octets, next, sequence.end);
    if (field === undefined) return undefined;
    const { start } = field;
    if (octets[next] === 0xa6) return octets[start] === 2 && octets[start + 1] === 1 ? octets[start + 2] : undefined;
    next = field.end;
  }
  return undefined;
}

/** Start and end of the contents of the DER value at `at`; undefined if it does not lie before `limit`. */
function readValue(octets: Uint8Array, at: number, limit: number): { start: number; end: number } | undefined {
  let start = at + 2;
  let length = octets[at + 1] ?? 0x80;
  if (length === 0x80 || length > 0x84) return undefined;
  if (length > 0x80) {
    const lengthEnd = start + length - 0x80;
    length = 0;
    for (; start < lengthEnd; start++) length = length * 256 + (octets[start] ?? Number.NaN);
  }
  const end = start + length;
  return end <= limit ? { start, end } : undefined;
}
