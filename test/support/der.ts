// DER put together by hand: what an encoder of types would refuse to write.

import { decodeHex } from "../../src/bytes/index.ts";

/** An element with this tag: its contents are octets, one after the other. */
export function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const contents = parts.flatMap((part) => [...part]);
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...size, ...contents]);
}

/** An OBJECT IDENTIFIER of its contents in hexadecimal. */
export function oid(hex: string): Uint8Array {
  return der(0x06, decodeHex(hex));
}
