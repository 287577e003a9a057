import { DerInput, DerOutput } from "../asn1/index.ts";
import { equal } from "../bytes/index.ts";
import { hasCode } from "../errors.ts";
import { KRB5_MECHANISM } from "../iana/index.ts";
import { defectiveToken } from "./failure.ts";

const MECHANISM = Uint8Array.from([0x06, KRB5_MECHANISM.length, ...KRB5_MECHANISM]);
/** [APPLICATION 0], with elements within it. */
const TAG = 0x60;
/** A tag, and a length of at most four octets. */
const MAX_HEADER_BYTES = 6;
/** Mechanism and token id. */
const PREFIX_BYTES = MECHANISM.length + 2;

/** What a context token carries. */
export interface ContextToken {
  /** TOKEN_ID: apReq, apRep or error. */
  readonly tokenId: number;
  /** The Kerberos message: a view of the token. */
  readonly message: Uint8Array;
}

/** A context token: the framing of RFC 2743 section 3.1 around a Kerberos message (RFC 4121 section 4.1). */
export function encodeContextToken(tokenId: number, message: Uint8Array): Uint8Array {
  const out = new DerOutput("context token", message.length + PREFIX_BYTES + MAX_HEADER_BYTES);
  out.bytes(message);
  out.octet(tokenId & 0xff);
  out.octet(tokenId >>> 8);
  out.bytes(MECHANISM);
  out.header(TAG, 0);
  return out.finish();
}

/**
 * Takes the framing off (rule C5 in SECURITY.md): tag 0x60, a minimal DER length that ends where the token ends, the
 * krb5 mechanism and no other, a token id. Throws GssError `GSS_DEFECTIVE_TOKEN`: the peer's fault.
 */
export function decodeContextToken(token: Uint8Array): ContextToken {
  if (token.length === 0) throw defectiveToken("the context token is empty");
  const start = contentsOf(token);
  if (token.length - start < PREFIX_BYTES) throw defectiveToken("the context token is too short");
  const at = start + MECHANISM.length;
  if (!equal(token.subarray(start, at), MECHANISM)) {
    throw defectiveToken("the context token is of another mechanism than Kerberos 5 (1.2.840.113554.1.2.2)");
  }
  return {
    tokenId: ((token[at] as number) << 8) | (token[at + 1] as number),
    message: token.subarray(at + 2),
  };
}

/** Checks the tag, and the length against the token's own; gives the place of the contents. */
function contentsOf(token: Uint8Array): number {
  const input = new DerInput(token, "the context token");
  let end: number;
  try {
    end = input.header(TAG);
  } catch (cause) {
    if (!hasCode(cause, "DECODE")) throw cause;
    throw defectiveToken(cause.message, cause);
  }
  if (end === token.length) return input.at;
  throw defectiveToken(`the context token ends ${token.length - end} octets before what was received does`);
}
