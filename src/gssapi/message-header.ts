import { getUint32, setUint32 } from "../bytes/index.ts";
import { TOKEN_ID } from "../iana/index.ts";
import { badMic, defectiveToken } from "./failure.ts";

export const HEADER_BYTES = 16;

/** Bits of the flags octet (RFC 4121 section 4.2.2). */
export const MESSAGE_FLAG = { sentByAcceptor: 1, sealed: 2, acceptorSubkey: 4 } as const;

/**
 * The header of a Wrap or MIC token (RFC 4121 section 4.2.6), 16 octets that are changed in place from token to token.
 */
export function createHeader(tokenId: number, flags: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = tokenId >>> 8;
  header[1] = tokenId & 0xff;
  header[2] = flags;
  header[3] = 0xff;
  if (tokenId === TOKEN_ID.mic) header.fill(0xff, 4, 8);
  return header;
}

/** Writes EC (RFC 4121 section 4.2.3). */
export function setExtraCount(header: Uint8Array, extraCount: number): void {
  header[4] = extraCount >>> 8;
  header[5] = extraCount & 0xff;
}

/** Writes SND_SEQ, 64 bits given as two halves. */
export function setSequenceNumber(header: Uint8Array, high: number, low: number): void {
  setUint32(header, 8, high);
  setUint32(header, 12, low);
}

export function getUint16(octets: Uint8Array, at: number): number {
  return ((octets[at] as number) << 8) | (octets[at + 1] as number);
}

/** What the receiver of a token expects of its header: facts of the context. */
export interface ExpectedHeader {
  readonly tokenId: number;
  /** We are the initiator, so the peer is the acceptor. */
  readonly fromAcceptor: boolean;
  readonly acceptorSubkey: boolean;
}

/**
 * The checks on a header that need no key (rules W2 to W5 and W12 in SECURITY.md), in the order of the octets. What
 * they read is authenticated afterwards; they are here so that a token of another kind or direction never reaches a
 * key.
 */
export function checkHeader(token: Uint8Array, expected: ExpectedHeader): void {
  const kind = expected.tokenId === TOKEN_ID.mic ? "MIC" : "Wrap";
  if (token.length < HEADER_BYTES)
    throw defectiveToken(`the ${kind} token has ${token.length} octets, 16 are the least`);
  const tokenId = getUint16(token, 0);
  if (tokenId !== expected.tokenId) throw wrongTokenId(tokenId, kind);
  const flags = token[2] as number;
  const isFillerRight = token[3] === 0xff && (tokenId !== TOKEN_ID.mic || getUint32(token, 4) === 0xffffffff);
  if (!isFillerRight) throw defectiveToken(`the filler of the ${kind} token is not FF`);
  const isFromAcceptor = (flags & MESSAGE_FLAG.sentByAcceptor) !== 0;
  if (isFromAcceptor !== expected.fromAcceptor)
    throw badMic(`the ${kind} token was sent by this side: it was reflected`);
  const isUnderSubkey = (flags & MESSAGE_FLAG.acceptorSubkey) !== 0;
  if (isUnderSubkey !== expected.acceptorSubkey) {
    const present = expected.acceptorSubkey ? "there is an" : "there is no";
    throw defectiveToken(`the ${kind} token names another key than the context has: ${present} acceptor subkey`);
  }
  if (tokenId === TOKEN_ID.mic && (flags & MESSAGE_FLAG.sealed) !== 0) {
    throw defectiveToken("the MIC token says that it is sealed (RFC 4121 section 4.2.2)");
  }
}

function wrongTokenId(tokenId: number, kind: string): Error {
  const id = tokenId.toString(16).padStart(4, "0");
  if (tokenId >>> 8 === 0x60) {
    return defectiveToken(`a ${kind} token in GSS-API framing, which RFC 4121 section 4.2 does not have`);
  }
  if (tokenId === 0x0101 || tokenId === 0x0201 || tokenId === 0x0102) {
    return defectiveToken(`token id ${id} of RFC 1964 in a context whose key is of a newer enctype`);
  }
  return defectiveToken(`token id ${id} where a ${kind} token was expected`);
}
