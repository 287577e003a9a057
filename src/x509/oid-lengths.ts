import { DecodeError } from "../errors.ts";

const OID = 0x06;
const RELATIVE_OID = 0x0d;
/** The longest that are registered have about 20. */
const MAX_OID_BYTES = 128;

/**
 * Refuses an OBJECT IDENTIFIER that is longer than any: asn1js makes an object of each of its numbers, so that 200,000
 * octets cost it 2 seconds. What is not BER is left to it. Throws DecodeError.
 */
export function checkOids(octets: Uint8Array, what: string): void {
  let at = 0;
  const next = (): number => octets[at++] ?? 0;
  while (at < octets.length) {
    const tag = next();
    // X.690 section 8.1.2.4: a number above 30 has further octets, the last of them below 0x80.
    if ((tag & 0x1f) === 0x1f) while (next() >= 0x80);
    const first = next();
    let length = first;
    if (first > 0x80) {
      length = 0;
      for (let octets = first & 0x7f; octets > 0; octets--) length = length * 256 + next();
    }
    // What is constructed, or of indefinite length, is followed by its elements.
    if ((tag & 0x20) !== 0 || first === 0x80) continue;
    if ((tag === OID || tag === RELATIVE_OID) && length > MAX_OID_BYTES) {
      throw new DecodeError(`${what}: an OBJECT IDENTIFIER of ${length} octets`, at, what);
    }
    at += length;
  }
}
