import { decodeBase64, decodeHex, getUint32, trimEndOf } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { hexDump } from "./hex-dump.ts";

/**
 * The octets of a message as people have them: a hex stream or dump (offsets in front and text behind, as capture
 * programs print it), base64 with or without PEM lines, or the octets themselves.
 */
export function octetsOfInput(input: Uint8Array): Uint8Array {
  if (input.length === 0) throw new DecodeError("there is nothing to decode", 0, "input");
  if (!isText(input)) return input;
  const text = new TextDecoder().decode(input);
  const dump = hexDump(text);
  if (dump !== undefined) return dump;
  const lines = text.replace(/-----[^\n]*-----/g, "").split("\n");
  // At the beginning of a word alone: within base64 these are digits as others are.
  const digits = lines.join("\n").replace(/[\s:,]|\b0x/g, "");
  if (/^(?:[0-9a-fA-F]{2})+$/.test(digits)) return decodeHex(digits);
  // 0x would be two digits here, and words with a space between are words.
  const octets = octetsOfBase64(lines.map((line) => line.trim()).join(""));
  if (octets !== undefined) return octets;
  throw new DecodeError("text that is neither hexadecimal, nor a hex dump, nor base64", 0, "input");
}

/** Whether octets are printable text, as no message of Kerberos is: its tags are beyond ASCII. */
function isText(octets: Uint8Array): boolean {
  return octets.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 9 || octet === 10 || octet === 13);
}

/** Base64 of either alphabet, padded or not; undefined: something else, or a quarter at its end that holds no octet. */
function octetsOfBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const standard = trimEndOf(text.replace(/-/g, "+").replace(/_/g, "/"), "=");
  if (standard.length % 4 === 1) return undefined;
  return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "="));
}

/** A token on a line of a header, also as curl -v shows it, or without the header's name (RFC 4559 section 4.1). */
const HEADER =
  /^(?:[<>]\s*)?(?:(?:(?:proxy-)?authorization|(?:www|proxy)-authenticate)\s*:\s*)?(negotiate|ntlm)\s+([A-Za-z0-9+/_-]+={0,2})\s*$/i;

/** The tokens of Negotiate headers in a text, as whole requests and answers have them; none in anything else. */
export function headerTokens(input: Uint8Array): { readonly scheme: string; readonly octets: Uint8Array }[] {
  if (!isText(input)) return [];
  return new TextDecoder()
    .decode(input)
    .split("\n")
    .flatMap((line) => {
      const [, scheme = "", token = ""] = HEADER.exec(line.trim()) ?? [];
      const octets = octetsOfBase64(token);
      return octets === undefined ? [] : [{ scheme, octets }];
    });
}

/**
 * The messages in octets: as many as there are with a length of four octets before each, as on TCP (RFC 4120 section
 * 7.2.2), else the one that the octets are.
 */
export function messagesOf(octets: Uint8Array): {
  readonly messages: readonly Uint8Array[];
  readonly isFramed: boolean;
} {
  const messages: Uint8Array[] = [];
  let at = 0;
  while (octets.length - at > 4) {
    const length = getUint32(octets, at);
    if (length === 0) break;
    messages.push(octets.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return at === octets.length && messages.length > 0
    ? { messages, isFramed: true }
    : { messages: [octets], isFramed: false };
}
