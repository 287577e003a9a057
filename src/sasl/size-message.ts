import { concat, decodeUtf8, encodeText, getUint32, setUint32 } from "../bytes/index.ts";
import { protocolError } from "./failure.ts";

/** What fits the three octets of a size. */
export const MAX_SIZE = 0xff_ffff;

/** What a peer takes that cannot say it, and what we take unless said: the buffer of Cyrus SASL. */
export const UNSAID_SIZE = 65_536;

const HEADER_BYTES = 4;

/** What both messages of the negotiation say (RFC 4752 section 3.3). */
export interface Sizes {
  /** Bits of layers: those that are offered, or the one that is chosen. */
  readonly mask: number;
  /** The longest token that its sender takes. */
  readonly maxTokenBytes: number;
}

/** The client's message. */
export interface SizeMessage extends Sizes {
  /** Whom the client wants to act as; empty: itself. The server's message does not have it. */
  readonly authorizationId: string;
}

export function encodeSizeMessage({ mask, maxTokenBytes, authorizationId }: SizeMessage): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  setUint32(header, 0, maxTokenBytes);
  header[0] = mask;
  return concat(header, encodeText(authorizationId));
}

/** The server's message: four octets and no more (RFC 4752 section 3.1). Throws GssError `SASL_PROTOCOL`. */
export function decodeOffer(octets: Uint8Array): Sizes {
  if (octets.length === HEADER_BYTES) return sizesOf(octets);
  throw protocolError(`the server's offer of layers has ${octets.length} octets where RFC 4752 says four`);
}

/** The client's message, an authorization identity after the four octets. Throws GssError `SASL_PROTOCOL`. */
export function decodeSizeMessage(octets: Uint8Array): SizeMessage {
  if (octets.length < HEADER_BYTES) {
    throw protocolError(`the client's choice of a layer has ${octets.length} octets where RFC 4752 says four or more`);
  }
  return { ...sizesOf(octets), authorizationId: decodeAuthorizationId(octets.subarray(HEADER_BYTES)) };
}

function sizesOf(octets: Uint8Array): Sizes {
  return { mask: octets[0] as number, maxTokenBytes: getUint32(octets, 0) & MAX_SIZE };
}

/** UTF-8 without a NUL (RFC 4752 section 3.1, RFC 5801 section 4). Throws GssError `SASL_PROTOCOL`. */
export function decodeAuthorizationId(octets: Uint8Array): string {
  let text: string;
  try {
    text = decodeUtf8(octets);
  } catch (cause) {
    throw protocolError("the client's authorization identity is not UTF-8", cause);
  }
  if (text.includes("\0")) throw protocolError("the client's authorization identity has a NUL in it");
  return text;
}
