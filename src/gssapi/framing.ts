import { equal } from "../bytes/index.ts";
import { KRB5_MECHANISM } from "../iana/index.ts";
import { defectiveToken } from "./failure.ts";

const MECHANISM = Uint8Array.from([0x06, KRB5_MECHANISM.length, ...KRB5_MECHANISM]);
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
  const contents = PREFIX_BYTES + message.length;
  const length = encodeLength(contents);
  const out = new Uint8Array(1 + length.length + contents);
  out[0] = 0x60;
  out.set(length, 1);
  let at = 1 + length.length;
  out.set(MECHANISM, at);
  at += MECHANISM.length;
  out[at] = tokenId >>> 8;
  out[at + 1] = tokenId & 0xff;
  out.set(message, at + 2);
  return out;
}

/**
 * Takes the framing off (rule C5 in SECURITY.md): tag 0x60, a minimal DER length that ends where the token ends, the
 * krb5 mechanism and no other, a token id. Throws GssError `GSS_DEFECTIVE_TOKEN`: the peer's fault.
 */
export function decodeContextToken(token: Uint8Array): ContextToken {
  if (token.length === 0) throw defectiveToken("the context token is empty");
  if (token[0] !== 0x60) throw defectiveToken("the context token does not begin with the GSS-API framing (0x60)");
  const start = readLength(token);
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

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** Checks the length octets against the token's own length; gives the place of the contents. */
function readLength(token: Uint8Array): number {
  const first = token[1];
  if (first === undefined) throw defectiveToken("the context token is cut off");
  const count = first < 0x80 ? 0 : first & 0x7f;
  const start = 2 + count;
  if (first === 0x80 || start > token.length) throw defectiveToken("the length of the context token is malformed");
  let length = count === 0 ? first : 0;
  for (let i = 2; i < start; i++) length = length * 256 + (token[i] as number);
  const isMinimal = count === 0 || (count === 1 ? length >= 0x80 : (token[2] as number) !== 0);
  if (!isMinimal) throw defectiveToken("the length of the context token is not minimal DER");
  if (length !== token.length - start) {
    throw defectiveToken(`the context token says ${length} octets and has ${token.length - start}`);
  }
  return start;
}
