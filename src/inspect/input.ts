import { decodeBase64, decodeHex, getUint32, trimEndOf } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";

/**
 * The octets of a message as people have them: a hex stream or dump (offsets in front and text behind, as capture
 * programs print it), base64 with or without PEM lines, or the octets themselves.
 */
export function octetsOfInput(input: Uint8Array): Uint8Array {
  if (input.length === 0) throw new DecodeError("there is nothing to decode", 0, "input");
  const isText = input.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 9 || octet === 10 || octet === 13);
  if (!isText) return input;
  const text = new TextDecoder().decode(input);
  const dump = hexDump(text);
  if (dump !== undefined) return dump;
  const packed = text.replace(/-----[^\n]*-----/g, "").replace(/[\s:,]|0x/g, "");
  if (/^(?:[0-9a-fA-F]{2})+$/.test(packed)) return decodeHex(packed);
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(packed)) {
    const standard = trimEndOf(packed.replace(/-/g, "+").replace(/_/g, "/"), "=");
    // A quarter that holds no octet: it only looked like base64.
    if (standard.length % 4 !== 1) return decodeBase64(standard.padEnd(Math.ceil(standard.length / 4) * 4, "="));
  }
  return input;
}

/** Lines `0000  6a 81 b1 ...  j...`; undefined if the text is something else. */
function hexDump(text: string): Uint8Array | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  let digits = "";
  for (const [i, line] of lines.entries()) {
    const match =
      /^\s*(?:0x)?([0-9a-fA-F]{4,8})(?::|\s)\s*((?:[0-9a-fA-F]{2}(?:[ \t]{1,2}|$))+|(?:[0-9a-fA-F]{4}(?:\s|$))+)/.exec(
        line,
      );
    if (match === null || Number.parseInt(match[1] as string, 16) * 2 !== digits.length) return undefined;
    if (i === 0 && lines.length === 1 && !/\s/.test((match[2] as string).trim())) return undefined;
    // The text at the end of a line may look like octets: no line has more than 16.
    digits += (match[2] as string).replace(/\s+/g, "").slice(0, 32);
  }
  return digits === "" ? undefined : decodeHex(digits);
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
    if (length === 0 || length > octets.length - at - 4) break;
    messages.push(octets.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return at === octets.length && messages.length > 0
    ? { messages, isFramed: true }
    : { messages: [octets], isFramed: false };
}
