import { createModule, SPNEGO_WORDS } from "../asn1/index.ts";
import { equal, printableLine } from "../bytes/index.ts";
import { hasCode } from "../errors.ts";
import { defectiveToken } from "../gssapi/index.ts";
import { SPNEGO } from "./mechanisms.ts";

/** Nobody has as many, and each costs a look. */
const MAX_MECHANISMS = 256;
const MAX_HINT_CHARACTERS = 256;
const SEQUENCE = 0x30;

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

/** The types in the notation of asn1. */
export const TOKEN_TYPES = {
  // RFC 2743 section 3.1: the frame of a first token.
  NegTokenInit: "[APPLICATION 0] IMPLICIT Frame",
  Frame: { thisMech: "OBJECT IDENTIFIER", offer: "[0] Offer" },
  Offer: {
    mechTypes: "[0] WITH OCTETS MechTypeList",
    // Obsolete, and nothing protects them (RFC 4178 section 4.2.1).
    reqFlags: "[1] ANY OPTIONAL",
    token: "[2] OCTET STRING OPTIONAL",
    // mechListMIC of NegTokenInit, negHints of NegTokenInit2.
    micOrHints: "[3] ANY OPTIONAL",
    mic: "[4] OCTET STRING OPTIONAL",
  },
  MechTypeList: "SEQUENCE OF OBJECT IDENTIFIER",
  MIC: "OCTET STRING",
  NegHints: { hintName: "[0] KerberosString OPTIONAL", hintAddress: "[1] OCTET STRING OPTIONAL" },
  NegTokenResp: "[1] Answer",
  Answer: {
    state: "[0] ENUMERATED OPTIONAL",
    mechanism: "[1] OBJECT IDENTIFIER OPTIONAL",
    token: "[2] OCTET STRING OPTIONAL",
    mic: "[3] OCTET STRING OPTIONAL",
  },
} as const;
const types = createModule(TOKEN_TYPES, SPNEGO_WORDS);

/** Reads the first token of a negotiation. Throws GssError `GSS_DEFECTIVE_TOKEN`: the peer's fault. */
export function decodeInit(octets: Uint8Array): NegTokenInit {
  return asPeersFault(() => {
    const { thisMech, offer } = types.decode("NegTokenInit", octets);
    if (!equal(thisMech, SPNEGO)) throw defective("another mechanism than SPNEGO");
    const { mechTypes: mechanisms, token, micOrHints, mic } = offer;
    const list = mechanisms.octets;
    if (mechanisms.length === 0) throw defective("a list of no mechanism");
    if (mechanisms.length > MAX_MECHANISMS) throw defective(`more than ${MAX_MECHANISMS} mechanisms`);
    if (micOrHints?.[0] !== SEQUENCE) {
      if (mic !== undefined) throw defective("a field [4] without hints");
      return { mechanisms, list, token, mic: micOrHints && types.decode("MIC", micOrHints) };
    }
    const { hintName } = types.decode("NegHints", micOrHints);
    return { mechanisms, list, token, mic, hintName: hintName && printableLine(hintName, MAX_HINT_CHARACTERS) };
  });
}

/** Reads a later token. Throws GssError `GSS_DEFECTIVE_TOKEN`: the peer's fault. */
export function decodeResponse(octets: Uint8Array): NegTokenResp {
  return asPeersFault(() => {
    const { state, mechanism, token, mic } = types.decode("NegTokenResp", octets);
    if (state !== undefined && (state < 0 || state > STATE.requestMic))
      throw defective("a negState that has no meaning");
    // Windows 2000 sends the token once more where the MIC belongs (MS-SPNG appendix A).
    const isCopy = mic !== undefined && token !== undefined && equal(mic, token);
    return { state, mechanism, token, mic: isCopy ? undefined : mic };
  });
}

/** The DER of a MechTypeList. */
export function encodeMechanisms(mechanisms: readonly Uint8Array[]): Uint8Array {
  return types.encode("MechTypeList", mechanisms);
}

/** A NegTokenInit, framed; with a hint it is a NegTokenInit2. */
export function encodeInit({ list, token, hintName }: Omit<NegTokenInit, "mechanisms" | "mic">): Uint8Array {
  const micOrHints = hintName === undefined ? undefined : types.encode("NegHints", { hintName });
  return types.encode("NegTokenInit", { thisMech: SPNEGO, offer: { mechTypes: { octets: list }, token, micOrHints } });
}

/** A NegTokenResp. */
export function encodeResponse(response: NegTokenResp): Uint8Array {
  return types.encode("NegTokenResp", response);
}

function asPeersFault<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!hasCode(cause, "DECODE")) throw cause;
    throw defective(cause.message, cause);
  }
}

function defective(what: string, cause?: unknown): Error {
  return defectiveToken(`the negotiation token is defective: ${what}`, cause);
}
