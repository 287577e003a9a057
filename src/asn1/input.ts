import { DecodeError } from "../errors.ts";
import { OBJECT_IDENTIFIER, tagName } from "./tags.ts";

/** How much one message may make a decoder do. Nothing is allocated before its limit was checked. */
export const DER_LIMITS = {
  /** Octets of a whole message, unless the caller says otherwise. */
  maxBytes: 1_048_576,
  /** Elements (tag, length, contents) of a message. */
  maxElements: 4_096,
  /** Elements within elements. */
  maxDepth: 32,
  /** Octets of the contents of an OBJECT IDENTIFIER. */
  maxOidBytes: 64,
  /** Octets of the contents of an INTEGER without a range: a number of 16,384 bits and its sign. */
  maxIntegerBytes: 2_049,
} as const;

/**
 * A position in DER octets (X.690 section 10): reads identifiers and lengths, strictly, in one pass over one view.
 * What it reads never makes it call itself: nesting is the schema's, and {@link DerInput.passOver} is a loop.
 */
export class DerInput {
  readonly octets: Uint8Array;
  /** The next octet to read. */
  at = 0;
  /** Where the innermost element that is being read ends. */
  end: number;
  /** The number of the innermost APPLICATION tag, which a msg-type must equal. */
  application = 0;
  /** How many of `trail` are in use. */
  depth = 0;
  /** Names of the fields, and places in lists, that lead here: the path of a DecodeError. */
  readonly trail: (string | number)[];
  #elements = 0;

  constructor(octets: Uint8Array, name: string) {
    this.octets = octets;
    this.end = octets.length;
    this.trail = [name];
  }

  /** Throws DecodeError at the present place, or at `offset`. */
  fail(message: string, offset: number = this.at): never {
    throw new DecodeError(message, offset, formatPath(this.trail, this.depth));
  }

  /** Reads the identifier octet `tag` and a length; returns where the contents end. `at` is then at the contents. */
  header(tag: number): number {
    if (this.at >= this.end) this.fail(`${tagName(tag)} expected, nothing found`);
    const found = this.octets[this.at] as number;
    if (found !== tag) this.fail(`${tagName(tag)} expected, ${tagName(found)} found`);
    return this.#contents();
  }

  /**
   * Passes over one element of any type, checking the structure of all within it, with no recursion.
   * `visit`, if there is one, sees each element: its identifier octet, depth, and the place of its contents.
   */
  passOver(visit?: (tag: number, depth: number, start: number, end: number) => void): void {
    const outer = this.end;
    const ends: number[] = [];
    do {
      if (this.at >= this.end) this.fail("an element expected, nothing found");
      const tag = this.octets[this.at] as number;
      if ((tag & 0x1f) === 0x1f) this.fail("a tag number above 30, which Kerberos does not use");
      if (tag === 0) this.fail("an end-of-contents octet, which only indefinite lengths have");
      if (isMisformed(tag)) this.fail(`${tagName(tag)}, a form that DER does not give this type`);
      const end = this.#contents();
      if (tag === OBJECT_IDENTIFIER) this.checkOid(end);
      visit?.(tag, ends.length, this.at, end);
      if ((tag & 0x20) === 0) {
        this.at = end;
      } else {
        if (ends.length >= DER_LIMITS.maxDepth) this.fail(`more than ${DER_LIMITS.maxDepth} elements nested`);
        ends.push(end);
      }
      while (ends.length > 0 && this.at === ends[ends.length - 1]) ends.pop();
      this.end = ends[ends.length - 1] ?? outer;
    } while (ends.length > 0);
  }

  /** Checks the contents of an OBJECT IDENTIFIER, which begin here. */
  checkOid(end: number): void {
    const { octets, at } = this;
    if (end === at) this.fail("an empty OBJECT IDENTIFIER");
    const { maxOidBytes } = DER_LIMITS;
    if (end - at > maxOidBytes) this.fail(`an OBJECT IDENTIFIER longer than ${maxOidBytes} octets`);
    if ((octets[end - 1] as number) >= 0x80) this.fail("an OBJECT IDENTIFIER that ends within an arc");
    for (let i = at; i < end; i++) {
      // X.690 section 8.19.2: an arc takes the fewest octets, so none begins with 80.
      if (octets[i] === 0x80 && (i === at || (octets[i - 1] as number) < 0x80)) {
        this.fail("an arc in more octets than it needs");
      }
    }
  }

  /** Reads a length (X.690 section 10.1: definite, in the fewest octets); returns where the contents end. */
  #contents(): number {
    const { octets, end } = this;
    if (++this.#elements > DER_LIMITS.maxElements) this.fail(`more than ${DER_LIMITS.maxElements} elements`);
    let at = this.at + 1;
    if (at >= end) this.fail("the octets end before a length");
    let length = octets[at++] as number;
    if (length >= 0x80) {
      if (length === 0x80) this.fail("an indefinite length, which DER does not allow");
      const count = length & 0x7f;
      if (count > 4) this.fail(`a length of ${count} octets`);
      if (count > end - at) this.fail("the octets end within a length");
      length = 0;
      for (let i = 0; i < count; i++) length = length * 0x100 + (octets[at++] as number);
      if (length < 0x80 || length < 2 ** (8 * (count - 1))) this.fail("a length in more octets than it needs");
    }
    // By subtraction: a sum could pass the end of what numbers hold exactly.
    if (length > end - at) this.fail(`a length of ${length} octets where ${end - at} are left`);
    this.at = at;
    return at + length;
  }
}

/**
 * UNIVERSAL types that hold elements: EXTERNAL, EMBEDDED PDV, SEQUENCE, SET and CHARACTER STRING; DER has no other
 * (X.690 section 10.2).
 */
const CONSTRUCTED: ReadonlySet<number> = new Set([8, 11, 16, 17, 29]);

/**
 * Whether a UNIVERSAL type comes in the form that DER does not have: a string in pieces, a SEQUENCE without elements'
 * form.
 */
function isMisformed(tag: number): boolean {
  return tag < 0x40 && ((tag & 0x20) !== 0) !== CONSTRUCTED.has(tag & 0x1f);
}

/** `AS-REP.padata[1].padata-type`: RFC names, for errors. */
export function formatPath(trail: readonly (string | number)[], depth: number): string {
  let path = "";
  for (let i = 0; i <= depth && i < trail.length; i++) {
    const step = trail[i] as string | number;
    if (typeof step === "number") path += `[${step}]`;
    else path += i === 0 ? step : `.${step.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  }
  return path;
}
