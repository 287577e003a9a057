import { decodeBase64, decodeText } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { ownProblem } from "./failure.ts";

/** A block of PEM (RFC 7468), or DER with no label. */
export interface PemBlock {
  /** For example `CERTIFICATE`; undefined for DER. */
  readonly label: string | undefined;
  readonly octets: Uint8Array;
  /** Where the octets are encrypted as a block (RFC 1421 section 4.6.1.3). */
  readonly seal?: PemSeal;
}

/** What DEK-Info says. */
export interface PemSeal {
  readonly cipher: string;
  /** In hexadecimal. */
  readonly iv: string;
}

const MAX_TEXT = 1_048_576;
const BEGIN = "-----BEGIN ";
const DASHES = "-----";
const SEAL = /^\s{0,4}Proc-Type: {0,4}4,ENCRYPTED\r?\nDEK-Info: {0,4}([\w-]{1,32}),((?:[\dA-F]{16}){1,2})\r?\n\r?\n/i;

/**
 * The blocks of a text in PEM that are wanted; what stands between them does not count, nor what the others hold.
 * Octets are DER, or PEM where they are text. Throws DecodeError for a text with a block that is damaged, and
 * CredentialError for one that is encrypted as a block.
 */
export function readPem(
  given: string | Uint8Array,
  what: string,
  isWanted: (label: string | undefined) => boolean = () => true,
): readonly PemBlock[] {
  if (given.length > MAX_TEXT) throw new DecodeError(`more than ${MAX_TEXT} octets`, 0, what);
  if (typeof given !== "string" && given[0] === 0x30) return [{ label: undefined, octets: given }];
  const text = typeof given === "string" ? given : decodeText(given);
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
    const labelEnd = text.indexOf(DASHES, at + BEGIN.length);
    const label = text.slice(at + BEGIN.length, labelEnd);
    const end = labelEnd < 0 ? -1 : text.indexOf(`-----END ${label}-----`, labelEnd);
    if (end < 0 || label.length > 64) throw new DecodeError(`a PEM block without its end`, 0, what);
    if (isWanted(label)) blocks.push(blockOf(label, text.slice(labelEnd + DASHES.length, end), what));
    at = end + DASHES.length;
  }
  return blocks;
}

function blockOf(label: string, body: string, what: string): PemBlock {
  const [headers = "", cipher, iv] = SEAL.exec(body) ?? [];
  const text = body.slice(headers.length);
  if (text.includes(":")) {
    const why = "has headers in PEM that are not known here: write it with openssl pkcs8 -topk8 -in OLD -out NEW";
    throw ownProblem("type", `${what} ${why}`);
  }
  try {
    const octets = decodeBase64(text.replace(/\s+/g, ""));
    return { label, octets, ...(cipher !== undefined && iv !== undefined ? { seal: { cipher, iv } } : {}) };
  } catch {
    throw new DecodeError(`a PEM block that is not base64`, 0, what);
  }
}
