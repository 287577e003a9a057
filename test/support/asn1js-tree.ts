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
