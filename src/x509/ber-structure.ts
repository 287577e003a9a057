import { DecodeError } from "../errors.ts";

/** How much one structure may make a parser do. */
export interface BerBounds {
  readonly maxBytes: number;
  /** Elements of all levels. */
  readonly maxElements: number;
  /** Levels of constructed elements. */
  readonly maxDepth: number;
}

const OID = 0x06;
const RELATIVE_OID = 0x0d;
/** The longest registered ones have about 20. asn1js makes an object of each number: 200,000 octets cost it 2 s. */
const MAX_OID_BYTES = 128;
/** UTF8String, NumericString to IA5String, GraphicString to GeneralString, UniversalString and BMPString. */
const TEXT: ReadonlySet<number> = new Set([0x0c, 0x12, 0x13, 0x14, 0x15, 0x16, 0x19, 0x1a, 0x1b, 0x1c, 0x1e]);
/** A certificate has some hundred. asn1js makes text of each string: 57,000 octets cost it 4 MB. */
const MAX_TEXT_BYTES = 8_192;
const SEQUENCE = 0x30;
const CONSTRUCTED = 0x20;
/** BIT STRING, OCTET STRING, SEQUENCE and SET, constructed: the types of X.690 section 8 that are read so here. */
const CONSTRUCTED_TYPES: ReadonlySet<number> = new Set([0x23, 0x24, 0x30, 0x31]);

/** A constructed element that is not over yet. */
interface Open {
  readonly tag: number;
  /** Where it must be over; of an indefinite length: where that which holds it is. */
  readonly end: number;
  readonly isIndefinite: boolean;
}

/**
 * Walks once over an element of BER before asn1js builds objects from it: what is larger, deeper or longer than allowed
 * is refused, and so is an element that reaches out of the one that holds it (X.690 section 8.1.3), which asn1js would
 * read. Octets behind the element are left to the caller. Throws DecodeError.
 *
 * @returns where each SEQUENCE of a definite length begins that stands in elements of these tags, from the outermost on
 */
export function checkStructure(
  octets: Uint8Array,
  what: string,
  bounds: BerBounds,
  within?: readonly number[],
): readonly number[] {
  const { maxBytes, maxElements, maxDepth } = bounds;
  if (octets.length > maxBytes) throw new DecodeError(`${octets.length} octets, ${maxBytes} allowed`, 0, what);
  const open: Open[] = [];
  const found: number[] = [];
  const isWithin = (): boolean => open.length === within?.length && open.every(({ tag }, i) => tag === within[i]);
  let at = 0;
  let end = octets.length;
  let text = 0;
  const refusal = (why: string) => new DecodeError(`not ASN.1 (${why})`, at, what);
  const refuse = (why: string): never => {
    throw refusal(why);
  };
  const next = (): number => (at < end ? (octets[at++] as number) : refuse("an element reaches over its end"));
  for (let elements = 1; ; elements++) {
    if (elements > maxElements) refuse(`more than ${maxElements} elements`);
    const start = at;
    const tag = next();
    if ((tag & 0x1f) === 0x1f) checkLongTag(next, refuse);
    const length = lengthOf(next, refuse);
    if (tag === 0) {
      // End-of-contents (X.690 section 8.1.5), of the innermost element.
      if (length !== 0 || open.pop()?.isIndefinite !== true) refuse("the end of something that did not begin");
    } else if ((tag & CONSTRUCTED) !== 0) {
      if (tag < 0x40 && !CONSTRUCTED_TYPES.has(tag)) refuse("a constructed element of a primitive type");
      if (open.length >= maxDepth) refuse(`more than ${maxDepth} levels`);
      if (length !== undefined && length > end - at) refuse("an element reaches over its end");
      if (tag === SEQUENCE && length !== undefined && isWithin()) found.push(start);
      open.push({ tag, end: length === undefined ? end : at + length, isIndefinite: length === undefined });
    } else {
      if (length === undefined) throw refusal("a primitive element without a length");
      if (CONSTRUCTED_TYPES.has(tag | CONSTRUCTED) && tag >= 0x10) refuse("a SEQUENCE or SET that is not constructed");
      if ((tag === OID || tag === RELATIVE_OID) && length > MAX_OID_BYTES) {
        throw new DecodeError(`an OBJECT IDENTIFIER of ${length} octets`, at, what);
      }
      if (length > end - at) refuse("an element reaches over its end");
      if (TEXT.has(tag)) text += length;
      if (text > MAX_TEXT_BYTES) refuse(`more than ${MAX_TEXT_BYTES} octets of text`);
      at += length;
    }
    while (open.length > 0 && !open.at(-1)?.isIndefinite && at === open.at(-1)?.end) open.pop();
    if (open.length === 0) return found;
    end = open.at(-1)?.end as number;
  }
}

/** A number above 30, in at most four octets (X.690 section 8.1.2.4): a smaller one has one form only. */
function checkLongTag(next: () => number, refuse: (why: string) => never): void {
  let number = 0;
  for (let count = 1; ; count++) {
    const octet = next();
    if (count > 4 || (count === 1 && octet === 0x80)) refuse("a tag that is too long");
    number = number * 128 + (octet & 0x7f);
    if (octet < 0x80) break;
  }
  if (number < 31) refuse("a tag that is too long");
}

/** The length of the contents (X.690 section 8.1.3); undefined: they last until their end-of-contents. */
function lengthOf(next: () => number, refuse: (why: string) => never): number | undefined {
  const first = next();
  if (first < 0x80) return first;
  if (first === 0x80) return undefined;
  if (first > 0x84) refuse("a length that is too long");
  let length = 0;
  for (let count = first & 0x7f; count > 0; count--) length = length * 256 + next();
  return length;
}
