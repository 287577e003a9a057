export { concat, decodeBase64, decodeHex, encodeBase64, encodeHex, equal, equalConstantTime, wipe } from "./bytes.ts";
export { Reader } from "./reader.ts";
export { decodeText, decodeUtf8, encodeText, printableLine, printableText } from "./text.ts";
export { Writer } from "./writer.ts";
