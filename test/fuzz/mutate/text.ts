import fc, { type Arbitrary } from "fast-check";
import { encodeText } from "../../../src/bytes/index.ts";
import { mutatedOctets } from "./octets.ts";

/** Texts with pieces of their grammar put in, taken out and repeated. */
export function mutatedText(corpus: readonly string[], pieces: readonly string[]): Arbitrary<Uint8Array> {
  const insert = fc
    .record({ at: fc.nat(), piece: fc.constantFrom(...pieces), times: fc.constantFrom(1, 1, 1, 1, 1, 2, 2, 50, 3000) })
    .map(({ at, piece, times }) => (octets: Uint8Array) => {
      const place = at % (octets.length + 1);
      const count = Math.min(times, Math.floor((65_536 - Math.min(octets.length, 65_536)) / Math.max(piece.length, 1)));
      const put = encodeText(piece.repeat(count));
      const out = new Uint8Array(octets.length + put.length);
      out.set(octets.subarray(0, place));
      out.set(put, place);
      out.set(octets.subarray(place), place + put.length);
      return out;
    });
  return mutatedOctets(corpus.map(encodeText), insert);
}
