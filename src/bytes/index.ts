/**
 * Octets and text: reading and writing them, hex, base64, UTF-8, comparing in constant time, wiping.
 *
 * Layer 0: it may import `errors.ts`, and no other room.
 */
export {
  concat,
  concatAll,
  decodeBase64,
  decodeHex,
  encodeBase64,
  encodeHex,
  equal,
  equalConstantTime,
  wipe,
} from "./bytes.ts";
export { GrowingOctets } from "./growing.ts";
export { isEncodedKeytab, looksEncoded, looksLikePath, shownCause, shownPath, shownPlace } from "./quotable.ts";
export { Reader } from "./reader.ts";
export { decodeText, decodeUtf8, encodeText, printableLine, printableText, trimEndOf } from "./text.ts";
export { getUint32, setUint32 } from "./uint32.ts";
export { Writer } from "./writer.ts";
