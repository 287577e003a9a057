import { DerInput, DerOutput, objectIdentifier } from "../asn1/index.ts";
import { equal, printableLine } from "../bytes/index.ts";
import { hasCode } from "../errors.ts";
import { defectiveToken } from "../gssapi/index.ts";
import { SPNEGO } from "./mechanisms.ts";

/** Nobody has longer tokens: a krb5 token with a large PAC has some tens of thousands of octets. */
const MAX_TOKEN_BYTES = 1_048_576;
/** Nobody has as many, and each costs a look. */
const MAX_MECHANISMS = 256;
const MAX_HINT_CHARACTERS = 256;

const OCTETS = 0x04;
const OID = 0x06;
const ENUMERATED = 0x0a;
const GENERAL_STRING = 0x1b;
const SEQUENCE = 0x30;
/** [APPLICATION 0], with elements within it (RFC 2743 section 3.1). */
const FRAME = 0x60;
/** `[n]`, with an element within it. */
function field(number: number): number {
  return 0xa0 | number;
}

/** negState (RFC 4178 section 4.2.2). */
export const STATE = { completed: 0, incomplete: 1, reject: 2, requestMic: 3 } as const;

/** NegTokenInit (RFC 4178 section 4.2.1) or NegTokenInit2 (MS-SPNG section 2.2.1). All octets are views. */
export interface NegTokenInit {
  /** Object identifiers, as contents octets: the one that the sender prefers is the first. */
  readonly mechanisms: readonly Uint8Array[];
  /** The DER of the MechTypeList, which MICs are over. */
  readonly list: Uint8Array;
  /** The first token of the first mechanism. */
  readonly token?: Uint8Array | undefined;
  readonly mic?: Uint8Array | undefined;
  /** What a server says of its name, cleaned: it proves nothing and decides nothing. */
  readonly hintName?: string | undefined;
}

/** NegTokenResp (RFC 4178 section 4.2.2). All octets are views. */
export interface NegTokenResp {
  readonly state?: number | undefined;
  readonly mechanism?: Uint8Array | undefined;
  readonly token?: Uint8Array | undefined;
  readonly mic?: Uint8Array | undefined;
}

/** Reads the first token of a negotiation. Throws GssError `GSS_DEFECTIVE_TOKEN`: the peer's fault. */
export function decodeInit(octets: Uint8Array): NegTokenInit {
  return decode("NegTokenInit", octets, (input) =>
    within(input, FRAME, () => {
      if (!equal(objectIdentifier.decode(input, OID), SPNEGO)) input.fail("another mechanism than SPNEGO");
      return within(input, field(0), () => within(input, SEQUENCE, () => readInit(input)));
    }),
  );
}

/** Reads a later token. Throws GssError `GSS_DEFECTIVE_TOKEN`: the peer's fault. */
export function decodeResponse(octets: Uint8Array): NegTokenResp {
  return decode("NegTokenResp", octets, (input) =>
    within(input, field(1), () => within(input, SEQUENCE, () => readResponse(input))),
  );
}

/** The DER of a MechTypeList. */
export function encodeMechanisms(mechanisms: readonly Uint8Array[]): Uint8Array {
  const out = new DerOutput("MechTypeList", 64);
  for (const mechanism of [...mechanisms].reverse()) element(out, OID, mechanism);
  out.header(SEQUENCE, 0);
  return out.finish();
}

/** A NegTokenInit, framed; with a hint it is a NegTokenInit2. */
export function encodeInit({ list, token, hintName }: Omit<NegTokenInit, "mechanisms" | "mic">): Uint8Array {
  const out = new DerOutput("NegTokenInit", list.length + (token?.length ?? 0) + 96);
  if (hintName !== undefined) {
    inField(out, 3, () => {
      const mark = out.written;
      inField(out, 0, () => element(out, GENERAL_STRING, new TextEncoder().encode(hintName)));
      out.header(SEQUENCE, mark);
    });
  }
  if (token !== undefined) inField(out, 2, () => element(out, OCTETS, token));
  inField(out, 0, () => out.bytes(list));
  out.header(SEQUENCE, 0);
  out.header(field(0), 0);
  element(out, OID, SPNEGO);
  out.header(FRAME, 0);
  return out.finish();
}

/** A NegTokenResp. */
export function encodeResponse({ state, mechanism, token, mic }: NegTokenResp): Uint8Array {
  const out = new DerOutput("NegTokenResp", (token?.length ?? 0) + 128);
  if (mic !== undefined) inField(out, 3, () => element(out, OCTETS, mic));
  if (token !== undefined) inField(out, 2, () => element(out, OCTETS, token));
  if (mechanism !== undefined) inField(out, 1, () => element(out, OID, mechanism));
  if (state !== undefined) inField(out, 0, () => element(out, ENUMERATED, Uint8Array.of(state)));
  out.header(SEQUENCE, 0);
  out.header(field(1), 0);
  return out.finish();
}

function decode<T>(name: string, octets: Uint8Array, read: (input: DerInput) => T): T {
  if (octets.length > MAX_TOKEN_BYTES) throw defectiveToken(`a negotiation token of ${octets.length} octets`);
  const input = new DerInput(octets, name);
  try {
    const value = read(input);
    if (input.at !== octets.length) input.fail("octets after the token");
    return value;
  } catch (cause) {
    if (!hasCode(cause, "DECODE")) throw cause;
    throw defectiveToken(`the negotiation token is defective: ${cause.message}`, cause);
  }
}

function readInit(input: DerInput): NegTokenInit {
  const from = input.at;
  const mechanisms = within(input, field(0), () => readMechanisms(input));
  // reqFlags are obsolete, and nothing protects them (RFC 4178 section 4.2.1).
  optional(input, 1, () => input.passOver());
  const token = optional(input, 2, () => contents(input, OCTETS));
  const hasHints = input.octets[input.at] === field(3) && innerTag(input) === SEQUENCE;
  const hintName = hasHints ? optional(input, 3, () => within(input, SEQUENCE, () => readHints(input))) : undefined;
  const mic = optional(input, hasHints ? 4 : 3, () => contents(input, OCTETS));
  const end = listEnd(input.octets, from);
  return { mechanisms, list: input.octets.subarray(end.start, end.end), token, mic, hintName };
}

/** Where the MechTypeList stands: within the field that begins at `at`, which was read before. */
function listEnd(octets: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const input = new DerInput(octets.subarray(at), "mechTypes");
  const end = at + input.header(field(0));
  return { start: at + input.at, end };
}

/** The tag of the element within the field that is next. */
function innerTag(input: DerInput): number | undefined {
  const inner = new DerInput(input.octets.subarray(input.at, input.end), "negHints");
  inner.header(field(3));
  return inner.octets[inner.at];
}

function readMechanisms(input: DerInput): readonly Uint8Array[] {
  return within(input, SEQUENCE, () => {
    const mechanisms: Uint8Array[] = [];
    while (input.at < input.end) {
      if (mechanisms.length === MAX_MECHANISMS) input.fail(`more than ${MAX_MECHANISMS} mechanisms`);
      mechanisms.push(objectIdentifier.decode(input, OID));
    }
    if (mechanisms.length === 0) input.fail("a list of no mechanism");
    return mechanisms;
  });
}

function readHints(input: DerInput): string | undefined {
  const name = optional(input, 0, () => contents(input, GENERAL_STRING));
  optional(input, 1, () => contents(input, OCTETS));
  return name && printableLine(name, MAX_HINT_CHARACTERS);
}

function readResponse(input: DerInput): NegTokenResp {
  const state = optional(input, 0, () => {
    const [value, ...more] = contents(input, ENUMERATED);
    if (value === undefined || more.length > 0 || value > STATE.requestMic)
      input.fail("a negState that has no meaning");
    return value;
  });
  const mechanism = optional(input, 1, () => objectIdentifier.decode(input, OID));
  const token = optional(input, 2, () => contents(input, OCTETS));
  const mic = optional(input, 3, () => contents(input, OCTETS));
  // Windows 2000 sends the token once more where the MIC belongs (MS-SPNG appendix A).
  const isCopy = mic !== undefined && token !== undefined && equal(mic, token);
  return { state, mechanism, token, mic: isCopy ? undefined : mic };
}

/** Reads what is within one element, to its end. */
function within<T>(input: DerInput, tag: number, read: () => T): T {
  const outer = input.end;
  const end = input.header(tag);
  input.end = end;
  const value = read();
  if (input.at !== end) input.fail("octets that no field is");
  input.end = outer;
  return value;
}

function optional<T>(input: DerInput, number: number, read: () => T): T | undefined {
  if (input.at >= input.end || input.octets[input.at] !== field(number)) return undefined;
  return within(input, field(number), read);
}

function contents(input: DerInput, tag: number): Uint8Array {
  const end = input.header(tag);
  const octets = input.octets.subarray(input.at, end);
  input.at = end;
  return octets;
}

function inField(out: DerOutput, number: number, write: () => void): void {
  const mark = out.written;
  write();
  out.header(field(number), mark);
}

function element(out: DerOutput, tag: number, octets: Uint8Array): void {
  const mark = out.written;
  out.bytes(octets);
  out.header(tag, mark);
}
