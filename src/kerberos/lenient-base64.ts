import { decodeBase64 } from "../bytes/index.ts";

/**
 * Octets of base64 as the native module reads it: what is not of the alphabet is passed over, and so is a last
 * character that is half an octet. Its callers have always been able to hand it any text.
 */
export function decodeLenient(text: string): Uint8Array {
  const digits = text.replace(/[^A-Za-z0-9+/]/g, "");
  const whole = digits.length % 4 === 1 ? digits.slice(0, -1) : digits;
  return decodeBase64(whole.padEnd(Math.ceil(whole.length / 4) * 4, "="));
}
