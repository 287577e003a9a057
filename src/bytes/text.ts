import { DecodeError, plainText } from "../errors.ts";

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();
/** The most octets of one character. */
const MAX_UTF8_BYTES = 4;

/**
 * Text of a KerberosString. RFC 4120 section 5.2.1 allows only IA5, the field uses UTF-8, old realms use Latin-1, and
 * two names are equal only if their octets are: so an octet that is not part of valid UTF-8 becomes the lone surrogate
 * U+DC80 + (octet - 0x80), which no valid UTF-8 gives. The mapping loses nothing either way.
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
  let at = nextEscape(text, 0);
  if (at === text.length) return utf8.encode(text);
  // Three octets a unit is the most that UTF-8 takes.
  const out = new Uint8Array(3 * text.length);
  let written = 0;
  let start = 0;
  while (start < text.length) {
    // In a run of escapes each call would have nothing to do, and cost more than the octet.
    if (at > start) written += utf8.encodeInto(text.slice(start, at), out.subarray(written)).written;
    if (at < text.length) out[written++] = text.charCodeAt(at) - 0xdc00;
    start = at + 1;
    at = nextEscape(text, start);
  }
  return out.slice(0, written);
}

/**
 * Text for people: undecodable octets become U+FFFD, control characters (terminal escapes) become `?`. What is past
 * `maxLength` is not looked at: a stranger's text costs no more than what is shown of it.
 */
export function printableText(octets: Uint8Array | string, maxLength = 1024): string {
  const text =
    typeof octets === "string"
      ? octets.slice(0, maxLength + 1)
      : lenient.decode(octets.subarray(0, MAX_UTF8_BYTES * (maxLength + 1)));
  const clean = plainText(text);
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}...` : clean;
}

/** The same in one line: an unauthenticated peer cannot add lines to a log. */
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

/**
 * The text without the `character`s at its end. A regular expression would look at each run of them again and again.
 */
export function trimEndOf(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end--;
  return text.slice(0, end);
}

/**
 * Where the next lone low surrogate U+DC80 to U+DCFF is, one that no high surrogate precedes; the length if the text
 * has none.
 */
function nextEscape(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0xdc80 || unit > 0xdcff) continue;
    const before = at === 0 ? 0 : text.charCodeAt(at - 1);
    if (before < 0xd800 || before > 0xdbff) return at;
  }
  return text.length;
}

/** Code units that become text at once: as many as a call may have arguments on every engine. */
const UNITS_AT_ONCE = 8_192;

/** Each octet is looked at a bounded number of times, whatever the octets are. */
function decodeLossless(octets: Uint8Array): string {
  let text = "";
  let units: number[] = [];
  let at = 0;
  while (at < octets.length) {
    const length = sequenceLength(octets, at);
    if (length === 0) {
      units.push(0xdc00 + (octets[at] as number));
      at++;
    } else {
      const point = codePoint(octets, at, length);
      if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
      else units.push(point);
      at += length;
    }
    if (units.length < UNITS_AT_ONCE) continue;
    text += String.fromCharCode(...units);
    units = [];
  }
  return text + String.fromCharCode(...units);
}

/** Octets of the well-formed UTF-8 sequence at a place (RFC 3629 section 4); 0 if the octets there are not one. */
function sequenceLength(octets: Uint8Array, at: number): number {
  const first = octets[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // Overlong forms, surrogates and what is above U+10FFFF show in the second octet.
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = octets[at + 1] ?? 0;
  if (second < least || second > most) return 0;
  for (let i = 2; i < length; i++) if (((octets[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

function codePoint(octets: Uint8Array, at: number, length: number): number {
  const first = octets[at] as number;
  let point = length === 1 ? first : first & (0x7f >> length);
  for (let i = 1; i < length; i++) point = (point << 6) | ((octets[at + i] as number) & 0x3f);
  return point;
}
