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
 * Octets of which ANY may hold some: what an element of it is called is not this package's to judge, and asn1js judges it.
 * BIT STRINGs and [UNIVERSAL 15] become OCTET STRINGs, so that both parsers see the same elements.
 */
export function withoutUnreadContents(octets: Uint8Array): Uint8Array {
  const plain = octets.slice();
  walkDer(octets, (tag, _depth, start, end) => {
    if (tag !== 0x03 && tag !== 0x0f) return;
    // X.690 section 8.1.3: the tag stands before the length, which is one octet below 128.
    const length = end - start;
    const lengthOctets = length < 0x80 ? 1 : 1 + Math.ceil((32 - Math.clz32(length)) / 8);
    plain[start - lengthOctets - 1] = 0x04;
  });
  return plain;
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
