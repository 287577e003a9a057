import { type BaseBlock, fromBER } from "asn1js";
import { encodeHex } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { type BerBounds, checkStructure } from "./ber-structure.ts";

/**
 * How much one structure may make the parser do. All is checked before it begins. An element costs the parser about
 * 10 us and 1.3 KB: a certificate has about 100, a CMS message with its chain a few hundred.
 */
export const BER_LIMITS: BerBounds = { maxBytes: 262_144, maxElements: 768, maxDepth: 32 };
/** Of a key or a signature, which have about ten elements. */
export const KEY_LIMITS: BerBounds = { ...BER_LIMITS, maxElements: 256 };

export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OID = 0x06;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** An element of BER (X.690 section 8), as it was received. */
export class Element {
  /** The identifier octet: class, form and number. */
  readonly tag: number;
  /** The whole element: what a signature or a digest is over. */
  readonly octets: Uint8Array;
  readonly #contents: number;
  readonly #inner: readonly BaseBlock[];
  #children: readonly Element[] | undefined;

  constructor(block: BaseBlock) {
    const { isConstructed, blockLength } = block.idBlock;
    this.octets = block.valueBeforeDecodeView;
    this.tag = this.octets[0] as number;
    this.#contents = blockLength + block.lenBlock.blockLength;
    const { value } = block.valueBlock as { readonly value?: unknown };
    this.#inner = isConstructed && Array.isArray(value) ? value : [];
  }

  /** Its elements, if it is constructed. */
  get children(): readonly Element[] {
    this.#children ??= this.#inner.map((inner) => new Element(inner));
    return this.#children;
  }

  /** The contents octets of a primitive element. */
  get contents(): Uint8Array {
    return this.octets.subarray(this.#contents);
  }

  /** Throws DecodeError unless it has this tag. */
  as(tag: number, what: string): this {
    if (this.tag !== tag) throw new DecodeError(`tag ${hex(tag)} expected, ${hex(this.tag)} found`, 0, what);
    return this;
  }

  /** The element within of this place. Throws DecodeError if it is not there, or has another tag. */
  at(index: number, what: string, tag?: number): Element {
    const child = this.children[index];
    if (child === undefined) throw new DecodeError(`missing`, 0, what);
    return tag === undefined ? child : child.as(tag, what);
  }

  /** The first element within that has a tag. */
  find(tag: number): Element | undefined {
    return this.children.find((child) => child.tag === tag);
  }

  /** An OBJECT IDENTIFIER: its contents in hexadecimal, the form in which {@link OIDS} names them. */
  oid(what: string): string {
    return encodeHex(this.as(OID, what).contents);
  }

  /** The octets of an OCTET STRING, or of one with an IMPLICIT tag; a constructed one is joined. */
  octetString(): Uint8Array {
    if ((this.tag & 0x20) === 0) return this.contents;
    const parts = this.children.map((child) => child.octetString());
    const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  /** The octets of a BIT STRING that has whole ones. Throws DecodeError for another. */
  bitString(what: string): Uint8Array {
    const { contents } = this.as(BIT_STRING, what);
    if (contents[0] !== 0) throw new DecodeError(`a BIT STRING of whole octets expected`, 0, what);
    return contents.subarray(1);
  }

  /** An INTEGER of up to 32 bits that is not negative. Throws DecodeError for another. */
  small(what: string): number {
    const { contents } = this.as(INTEGER, what);
    if (contents.length === 0 || contents.length > 4 || (contents[0] as number) >= 0x80) {
      throw new DecodeError(`a small number expected`, 0, what);
    }
    return contents.reduce((value, octet) => value * 256 + octet, 0);
  }
}

/**
 * Reads one element of BER that is all of the octets. Throws DecodeError for anything else, and for what is larger or
 * deeper than the bounds.
 *
 * A SEQUENCE that stands in elements of the tags of `closed` has no children here, to be read by itself if it must be.
 */
export function parseBer(
  octets: Uint8Array,
  what: string,
  bounds: BerBounds = BER_LIMITS,
  closed?: readonly number[],
): Element {
  const found = checkStructure(octets, what, bounds, closed);
  if (found.length === 0) return new Element(parse(octets, what, bounds));
  const copy = new Uint8Array(octets);
  // To asn1js it is a string of octets.
  for (const start of found) copy[start] = OCTET_STRING;
  const block = parse(copy, what, bounds);
  // It may have made another copy.
  for (const start of found) block.valueBeforeDecodeView[start] = SEQUENCE;
  return new Element(block);
}

/** What asn1js makes of one element of BER that is all of the octets. Throws DecodeError for anything else. */
export function readBlock(octets: Uint8Array, what: string, bounds: BerBounds): BaseBlock {
  checkStructure(octets, what, bounds);
  return parse(octets, what, bounds);
}

function parse(octets: Uint8Array, what: string, bounds: BerBounds): BaseBlock {
  let parsed: ReturnType<typeof fromBER>;
  try {
    // Octet strings that are DER by chance are not opened: their octets are what counts.
    parsed = fromBER(octets as Uint8Array<ArrayBuffer>, {
      maxDepth: bounds.maxDepth,
      maxNodes: bounds.maxElements,
      maxContentLength: bounds.maxBytes,
      parseEmbedded: false,
    });
  } catch (cause) {
    throw new DecodeError(`not ASN.1`, 0, what, { cause });
  }
  if (parsed.offset === -1) throw new DecodeError(`not ASN.1 (${parsed.result.error.slice(0, 100)})`, 0, what);
  if (parsed.offset !== octets.length) {
    throw new DecodeError(`${octets.length - parsed.offset} octets after the end`, parsed.offset, what);
  }
  return parsed.result;
}

function hex(tag: number): string {
  return tag.toString(16).padStart(2, "0");
}
