import { fromBER } from "asn1js";
import { walkDer } from "../../src/asn1/index.ts";
import { encodeHex } from "../../src/bytes/index.ts";

/** An element of any DER: what both parsers must agree on. `contents` is hexadecimal; of constructed elements, `elements`. */
export interface DerTree {
  readonly tag: number;
  readonly contents?: string;
  readonly elements?: DerTree[];
}

/** The tree as our own reader walks it. Throws DecodeError. */
export function ourTree(octets: Uint8Array): DerTree {
  const open: DerTree[][] = [[]];
  walkDer(octets, (tag, depth, start, end) => {
    open.length = depth + 1;
    const elements: DerTree[] = [];
    const isConstructed = (tag & 0x20) !== 0;
    open[depth]?.push(isConstructed ? { tag, elements } : { tag, contents: encodeHex(octets.subarray(start, end)) });
    open.push(elements);
  });
  return open[0]?.[0] as DerTree;
}

/** The same as asn1js sees it: the second opinion. Throws an Error for what it does not take. */
export function asn1jsTree(octets: Uint8Array): DerTree {
  const { offset, result } = fromBER(octets.slice().buffer);
  if (offset === -1) throw new Error(`asn1js: ${result.error}`);
  if (offset !== octets.length) throw new Error(`asn1js: ${octets.length - offset} octets after the element`);
  return treeOf(result as unknown as Block);
}

/**
 * The octets with each element of a universal type inside an ANY of `value` called OCTET STRING, or SEQUENCE if it is
 * constructed. This package takes an ANY by its elements alone and leaves their contents to the reader of that type, while
 * asn1js judges the contents by their tag: a time that holds no time, for example. `value` is what was decoded from these octets: its ANYs are views of them. BIT STRINGs
 * are renamed everywhere, as the unused bits that X.690 section 8.6.2 counts are not part of the tree.
 */
export function withoutUnreadContents(octets: Uint8Array, value: unknown): Uint8Array {
  const unread = viewsOf(octets, value);
  const plain = octets.slice();
  walkDer(octets, (tag, _depth, start, end) => {
    // X.690 section 8.1.3: the tag stands before the length, which is one octet below 128.
    const length = end - start;
    const lengthOctets = length < 0x80 ? 1 : 1 + Math.ceil((32 - Math.clz32(length)) / 8);
    const tagAt = start - lengthOctets - 1;
    const isInsideAny = unread.some(([first, last]) => first <= tagAt && end <= last);
    if (tag === 0x03 || (isInsideAny && tag < 0x20)) plain[tagAt] = 0x04;
    else if (isInsideAny && tag < 0x40) plain[tagAt] = 0x30;
  });
  return plain;
}

/** Where the octets of a decoded value lie in `octets`, of those that are views of it. */
function viewsOf(octets: Uint8Array, value: unknown): [number, number][] {
  if (value instanceof Uint8Array) {
    const start = value.byteOffset - octets.byteOffset;
    return value.buffer === octets.buffer ? [[start, start + value.length]] : [];
  }
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap((item) => viewsOf(octets, item))
    : [];
}

interface Block {
  readonly idBlock: {
    readonly tagClass: number;
    readonly tagNumber: number;
    readonly isConstructed: boolean;
    readonly blockLength: number;
  };
  readonly lenBlock: { readonly blockLength: number };
  readonly valueBlock: { readonly value?: Block[] };
  readonly valueBeforeDecodeView: Uint8Array;
}

function treeOf(block: Block): DerTree {
  const { tagClass, tagNumber, isConstructed, blockLength } = block.idBlock;
  const tag = ((tagClass - 1) << 6) | (isConstructed ? 0x20 : 0) | tagNumber;
  if (isConstructed) return { tag, elements: (block.valueBlock.value ?? []).map(treeOf) };
  // An OCTET STRING's octets may be DER by chance, and asn1js then opens it: the octets are what counts.
  return { tag, contents: encodeHex(block.valueBeforeDecodeView.subarray(blockLength + block.lenBlock.blockLength)) };
}
