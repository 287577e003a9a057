// PACs of one buffer.

import { concat } from "../../src/bytes/index.ts";
import { decodePac, type Pac } from "../../src/pac/index.ts";

/** A PAC of one buffer, decoded. */
export function pacOf(type: number, data: Uint8Array): Pac {
  const head = new Uint8Array(24);
  const view = new DataView(head.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(8, type, true);
  view.setUint32(12, data.length, true);
  view.setUint32(16, 24, true);
  return decodePac(concat(head, data));
}
