import { DecodeError } from "../errors.ts";

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Text of a KerberosString. RFC 4120 section 5.2.1 allows only IA5, the field uses UTF-8, old realms use Latin-1, and two
 * names are equal only if their octets are: so an octet that is not part of valid UTF-8 becomes the lone
 * surrogate U+DC80 + (octet - 0x80), which no valid UTF-8 gives. The mapping loses nothing either way.
 */
export function decodeText(octets: Uint8Array): string {
  try {
    return strict.decode(octets);
  } catch {
    return decodeLossless(octets);
  }
}

/** The octets of {@link decodeText}'s strings; a string from anywhere else is encoded as UTF-8. */
export function encodeText(text: string): Uint8Array {
  let escaped = false;
  for (let i = 0; i < text.length && !escaped; i++) escaped = isEscape(text, i);
  if (!escaped) return utf8.encode(text);
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (isEscape(text, i)) {
      out.push(text.charCodeAt(i) - 0xdc00);
    } else {
      const point = text.codePointAt(i) as number;
      for (const octet of utf8.encode(String.fromCodePoint(point))) out.push(octet);
      if (point > 0xffff) i++;
    }
  }
  return Uint8Array.from(out);
}

/** Text for people: undecodable octets become U+FFFD, control characters (terminal escapes) become `?`. */
export function printableText(octets: Uint8Array | string, maxLength = 1024): string {
  const text = typeof octets === "string" ? octets : new TextDecoder().decode(octets);
  const clean = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "?");
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}...` : clean;
}

/** The same in one line: a peer that nobody vouches for adds none to a log. */
export function printableLine(octets: Uint8Array | string, maxLength = 1024): string {
  return printableText(octets, maxLength).replace(/[\t\n]+/g, " ");
}

/** Strict UTF-8, for formats that allow nothing else. */
export function decodeUtf8(octets: Uint8Array): string {
  try {
    return strict.decode(octets);
  } catch (cause) {
    throw new DecodeError("not UTF-8", 0, "", { cause });
  }
}

/** A lone low surrogate U+DC80 to U+DCFF: one that no high surrogate precedes. */
function isEscape(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xdc80 || unit > 0xdcff) return false;
  const before = at === 0 ? 0 : text.charCodeAt(at - 1);
  return before < 0xd800 || before > 0xdbff;
}

function decodeLossless(octets: Uint8Array): string {
  let text = "";
  let at = 0;
  while (at < octets.length) {
    const length = sequenceLength(octets[at] as number);
    let piece: string | undefined;
    if (length > 0 && at + length <= octets.length) {
      try {
        piece = strict.decode(octets.subarray(at, at + length));
      } catch {
        piece = undefined;
      }
    }
    text += piece ?? String.fromCharCode(0xdc00 + (octets[at] as number));
    at += piece === undefined ? 1 : length;
  }
  return text;
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}
