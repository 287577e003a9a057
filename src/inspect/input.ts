import { decodeBase64, decodeHex, getUint32, trimEndOf } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { hexDump } from "./hex-dump.ts";

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
