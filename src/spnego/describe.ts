import { equal, printableLine } from "../bytes/index.ts";
import { hasCode } from "../errors.ts";
import { KRB5, mechanismName, oidText, SPNEGO } from "./mechanisms.ts";
import { decodeInit, decodeResponse, type NegTokenResp } from "./tokens.ts";

/** A mechanism as a token names it. */
export interface TokenMechanism {
  /** The object identifier: `1.2.840.113554.1.2.2`. */
  readonly oid: string;
  /** What it is called: `Kerberos 5`, `NTLM`; the object identifier where that is not known. */
  readonly name: string;
}

/** What octets are that came as a context token. Nothing of it is proven. */
export type TokenDescription =
  | {
      /** The first token of a negotiation, NegTokenInit or NegTokenInit2. */
      readonly kind: "spnego-init";
      /** What the sender offers, the one that it prefers first. */
      readonly mechanisms: readonly TokenMechanism[];
      /** What the token of the first mechanism is, if there is one. */
      readonly token: TokenDescription | undefined;
      /** Whether there is a MIC of the list. */
      readonly hasMic: boolean;
      /** What a server says of its name. */
      readonly hintName: string | undefined;
    }
  | {
      /** A later token of a negotiation, NegTokenResp. */
      readonly kind: "spnego-response";
      readonly state: "accept-completed" | "accept-incomplete" | "reject" | "request-mic" | undefined;
      readonly mechanism: TokenMechanism | undefined;
      readonly token: TokenDescription | undefined;
      readonly hasMic: boolean;
    }
  | {
      /** A token of Kerberos 5 itself (RFC 4121 section 4.1). */
      readonly kind: "krb5";
      /** Which message is in it: `AP-REQ`, `AP-REP`, `KRB-ERROR`; undefined for another. */
      readonly message: string | undefined;
    }
  | {
      /** A message of NTLM (MS-NLMP section 2.2.1). */
      readonly kind: "ntlm";
      readonly message: "NEGOTIATE" | "CHALLENGE" | "AUTHENTICATE" | undefined;
    }
  | { /** A message of NegoEx (MS-NEGOEX). */ readonly kind: "negoex" }
  | {
      /** A token of another mechanism, by its framing (RFC 2743 section 3.1). */
      readonly kind: "other";
      readonly mechanism: TokenMechanism;
    }
  | {
      readonly kind: "unknown";
      /** What is wrong with it as a token. */
      readonly reason: string;
    };

const STATES = ["accept-completed", "accept-incomplete", "reject", "request-mic"] as const;
const NTLM_MESSAGES = ["NEGOTIATE", "CHALLENGE", "AUTHENTICATE"] as const;
const KRB5_MESSAGES: Readonly<Record<number, string>> = { 256: "AP-REQ", 512: "AP-REP", 768: "KRB-ERROR" };
/** Tokens within tokens. */
const MAX_DEPTH = 3;
/** How many mechanisms a sentence names. */
const MAX_NAMED = 6;

/**
 * Says what a context token is, of whichever mechanism, without believing it: for errors, logs and tools. Any octets
 * have a description.
 *
 * @param octets the token, as it came: from an `Authorization: Negotiate` header, a SASL exchange
 * @returns its kind, with what can be read of it
 * @throws TypeError for what is not octets: the caller's mistake
 * @example
 * ```ts
 * import { describeToken } from "krb5-remctl/spnego";
 *
 * const token = describeToken(octets);
 * if (token.kind === "ntlm") console.log("the client got no ticket, and sent NTLM");
 * ```
 */
export function describeToken(octets: Uint8Array): TokenDescription {
  if (!(octets instanceof Uint8Array)) throw new TypeError("describeToken: octets must be a Uint8Array");
  return describe(octets, 0);
}

/** The mechanism's token within one of SPNEGO; undefined without one. */
export function tokenOf(octets: Uint8Array): Uint8Array | undefined {
  return (octets[0] === 0xa1 ? decodeResponse(octets) : decodeInit(octets)).token;
}

function describe(octets: Uint8Array, depth: number): TokenDescription {
  const text = String.fromCharCode(...octets.subarray(0, 8));
  if (text === "NTLMSSP\0") return { kind: "ntlm", message: NTLM_MESSAGES[(octets[8] ?? 0) - 1] };
  if (text === "NEGOEXTS") return { kind: "negoex" };
  const inner = (token: Uint8Array | undefined): TokenDescription | undefined =>
    token === undefined ? undefined : depth < MAX_DEPTH ? describe(token, depth + 1) : unknown("a token too deep");
  try {
    if (octets[0] === 0xa1) return describeResponse(decodeResponse(octets), inner);
    const framed = mechanismOfFrame(octets);
    if (framed === undefined) return unknown("neither a token of GSS-API nor of NTLM");
    if (equal(framed.oid, KRB5)) {
      const id = octets.subarray(framed.end, framed.end + 2);
      return { kind: "krb5", message: KRB5_MESSAGES[((id[0] ?? 0) << 8) | (id[1] ?? 0)] };
    }
    if (!equal(framed.oid, SPNEGO)) return { kind: "other", mechanism: mechanismOf(framed.oid) };
    const { mechanisms, token, mic, hintName } = decodeInit(octets);
    return {
      kind: "spnego-init",
      mechanisms: mechanisms.map(mechanismOf),
      token: inner(token),
      hasMic: mic !== undefined,
      hintName,
    };
  } catch (error) {
    if (!hasCode(error, "GSS_DEFECTIVE_TOKEN")) throw error;
    return unknown(error.message);
  }
}

function describeResponse(
  { state, mechanism, token, mic }: NegTokenResp,
  inner: (token: Uint8Array | undefined) => TokenDescription | undefined,
): TokenDescription {
  return {
    kind: "spnego-response",
    state: STATES[state ?? STATES.length],
    mechanism: mechanism && mechanismOf(mechanism),
    token: inner(token),
    hasMic: mic !== undefined,
  };
}

function unknown(reason: string): TokenDescription {
  return { kind: "unknown", reason };
}

/** A mechanism by its object identifier, from contents octets. */
export function mechanismOf(contents: Uint8Array): TokenMechanism {
  const oid = oidText(contents);
  return { oid, name: mechanismName(oid) };
}

/** The mechanism in the framing of RFC 2743 section 3.1, and where it ends; undefined if that is not there. */
export function mechanismOfFrame(octets: Uint8Array): { readonly oid: Uint8Array; readonly end: number } | undefined {
  if (octets[0] !== 0x60 || octets.length < 4) return undefined;
  const first = octets[1] as number;
  const at = first < 0x80 ? 2 : 2 + (first & 0x7f);
  const length = octets[at + 1];
  if (octets[at] !== 0x06 || length === undefined || length > 64 || at + 2 + length > octets.length) return undefined;
  return { oid: octets.subarray(at + 2, at + 2 + length), end: at + 2 + length };
}

/** The description in words: `NTLM NEGOTIATE`, `an offer of Kerberos 5 and NTLM`. */
export function tokenWords(token: TokenDescription): string {
  switch (token.kind) {
    case "spnego-init":
      return `an offer of ${namesOf(token.mechanisms)}`;
    case "spnego-response":
      return `an answer (${token.state ?? "without a state"})`;
    case "krb5":
      return `a token of Kerberos 5 (${token.message ?? "not a message that makes a context"})`;
    case "ntlm":
      return `a message of NTLM (${token.message ?? "unknown"})`;
    case "negoex":
      return "a message of NegoEx";
    case "other":
      return `a token of ${token.mechanism.name}`;
    case "unknown":
      return printableLine(token.reason, 200);
  }
}

/** `NegoEx and NTLM`. */
export function namesOf(mechanisms: readonly TokenMechanism[]): string {
  const names = [...new Set(mechanisms.map(({ name }) => name))];
  const shown = names.slice(0, MAX_NAMED);
  if (names.length > MAX_NAMED) shown.push(`${names.length - MAX_NAMED} more`);
  const last = shown.pop();
  return shown.length === 0 ? `${last}` : `${shown.join(", ")} and ${last}`;
}
