import { decodeText } from "../bytes/index.ts";
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
    if (tag === tagOf(MESSAGE_TYPE.krbError)) return kindOfError(octets, outer);
    return tag === wanted || (wanted === undefined && (tag & 0xe0) === applicationConstructed) ? "reply" : "garbage";
  };
}

/**
 * Rule TR14: whether a KRB-ERROR is about another realm or service than the request: then it is a stray or forged one.
 * A KDC that cannot tell what it was asked names nothing, or its own ticket-granting service.
 */
export function isErrorOfAnother(request: Uint8Array, octets: Uint8Array): boolean {
  if (octets[0] !== tagOf(MESSAGE_TYPE.krbError) || requestName(request) === "KRB") return false;
  const error = fieldsOf(octets, readValue(octets, 0, octets.length));
  const outer = fieldsOf(request, readValue(request, 0, request.length));
  const asked = fieldsOf(request, outer.get(4));
  const [realm, wanted] = [textOf(octets, error.get(9)), textOf(request, asked.get(2))];
  const [name, service] = [namesOf(octets, error.get(10)), namesOf(request, asked.get(3))];
  if (realm === undefined || wanted === undefined || name === undefined || service === undefined) return false;
  if (name.length === 0) return false;
  const isTgs = name.length === 2 && name[0] === "krbtgt" && name[1] === realm;
  return realm !== wanted || !(isTgs || name.join("\0") === service.join("\0"));
}

type Span = { readonly start: number; readonly end: number };

/** The contents of the fields of the SEQUENCE in a value, by their context tags. */
function fieldsOf(octets: Uint8Array, outer: Span | undefined): ReadonlyMap<number, Span> {
  const fields = new Map<number, Span>();
  const sequence = outer && readValue(octets, outer.start, outer.end);
  if (sequence === undefined || octets[outer?.start ?? 0] !== 0x30) return fields;
  for (let next = sequence.start; next < sequence.end; ) {
    const field = readValue(octets, next, sequence.end);
    if (field === undefined) break;
    fields.set((octets[next] as number) & 0x1f, field);
    next = field.end;
  }
  return fields;
}

/** A name as Active Directory compares it, which answers in its own case. */
function textOf(octets: Uint8Array, field: Span | undefined): string | undefined {
  const value = field && readValue(octets, field.start, field.end);
  return value && decodeText(octets.subarray(value.start, value.end)).toLowerCase();
}

/** The components of a PrincipalName. */
function namesOf(octets: Uint8Array, field: Span | undefined): readonly string[] | undefined {
  const list = fieldsOf(octets, field).get(1);
  const sequence = list && readValue(octets, list.start, list.end);
  if (sequence === undefined) return undefined;
  const names: string[] = [];
  for (let next = sequence.start; next < sequence.end; ) {
    const value = readValue(octets, next, sequence.end);
    if (value === undefined) return undefined;
    names.push(decodeText(octets.subarray(value.start, value.end)).toLowerCase());
    next = value.end;
  }
  return names;
}

function kindOfError(octets: Uint8Array, outer: Span): ReplyKind {
  switch (readErrorCode(octets, outer)) {
    case KRB_ERROR.KRB_ERR_RESPONSE_TOO_BIG:
      return "too-big";
    case KRB_ERROR.KDC_ERR_SVC_UNAVAILABLE:
      return "unavailable";
    default:
      return "reply";
  }
}

/** KRB-ERROR's `error-code [6] Int32` (RFC 4120 section 5.9.1), if it has one octet, as those asked for have. */
function readErrorCode(octets: Uint8Array, outer: Span): number | undefined {
  const start = fieldsOf(octets, outer).get(6)?.start;
  if (start === undefined || octets[start] !== 2 || octets[start + 1] !== 1) return undefined;
  return octets[start + 2];
}

/** Start and end of the contents of the DER value at `at`; undefined if it does not lie before `limit`. */
function readValue(octets: Uint8Array, at: number, limit: number): Span | undefined {
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
