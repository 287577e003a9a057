import { decodeBase64, decodeText } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { ownProblem } from "./failure.ts";

/** A block of PEM (RFC 7468), or DER with no label. */
export interface PemBlock {
  /** For example `CERTIFICATE`; undefined for DER. */
  readonly label: string | undefined;
  readonly octets: Uint8Array;
}

const MAX_TEXT = 1_048_576;
const BEGIN = "-----BEGIN ";
const DASHES = "-----";

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
    if (isWanted(label)) blocks.push({ label, octets: octetsOf(text.slice(labelEnd + DASHES.length, end), what) });
    at = end + DASHES.length;
  }
  return blocks;
}

function octetsOf(body: string, what: string): Uint8Array {
  if (body.includes(":")) {
    const why = "is encrypted in the old way of PEM (Proc-Type), which is weak: write it with openssl pkcs8 -topk8";
    throw ownProblem("type", `${what} ${why}`);
  }
  try {
    return decodeBase64(body.replace(/\s+/g, ""));
  } catch {
    throw new DecodeError(`a PEM block that is not base64`, 0, what);
  }
}
