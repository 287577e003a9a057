import type { BaseBlock } from "asn1js";
import { encodeHex, printableText } from "../bytes/index.ts";
import { readBlock } from "../x509/index.ts";
import type { TreeNode } from "./tree.ts";

const CLASSES = ["", "UNIVERSAL", "APPLICATION", "CONTEXT", "PRIVATE"];
/** An element costs asn1js about 10 us: a file or a page of them is shown within a fraction of a second. */
const BOUNDS = { maxBytes: 1_048_576, maxElements: 10_000, maxDepth: 40 } as const;

/** Whether octets are shown in full (`decode -x`). */
interface Shown {
  readonly withOctets: boolean;
}

/**
 * Any DER or BER, without knowing what it is: what is not Kerberos, as SPNEGO and PKINIT's messages. Throws
 * DecodeError.
 */
export function derTree(octets: Uint8Array, shown: Shown = { withOctets: false }): TreeNode {
  return nodeOf(readBlock(octets, "ASN.1", BOUNDS), shown);
}

function nodeOf(block: BaseBlock, shown: Shown): TreeNode {
  const { tagClass, tagNumber, isConstructed } = block.idBlock;
  const name = tagClass === 1 ? (block.constructor as { readonly NAME?: string }).NAME : undefined;
  const label = name ?? `[${CLASSES[tagClass] === "CONTEXT" ? "" : `${CLASSES[tagClass]} `}${tagNumber}]`;
  const { value } = block.valueBlock as { readonly value?: unknown };
  if (isConstructed && Array.isArray(value)) {
    return { label, children: (value as BaseBlock[]).map((one) => nodeOf(one, shown)) };
  }
  return { label, value: leafText(block, name, shown) };
}

function leafText(block: BaseBlock, name: string | undefined, { withOctets }: Shown): string {
  const { valueBlock } = block as { readonly valueBlock: { toString(): string; readonly valueHexView?: Uint8Array } };
  const octets = valueBlock.valueHexView ?? new Uint8Array();
  if (name === "OBJECT IDENTIFIER") return valueBlock.toString();
  if (name === "INTEGER" || name === "ENUMERATED")
    return octets.length <= 6 ? valueBlock.toString() : `0x${encodeHex(octets)}`;
  if (name === "BOOLEAN") return String((valueBlock as { readonly value?: boolean }).value);
  if (name !== undefined && /String$|Time$/.test(name) && name !== "BIT STRING") {
    return JSON.stringify(printableText((block as unknown as { getValue?(): string }).getValue?.() ?? octets));
  }
  const shown = withOctets ? octets : octets.subarray(0, 64);
  const more = shown.length < octets.length ? "..." : "";
  return `${octets.length} octets${shown.length === 0 ? "" : `: ${encodeHex(shown)}${more}`}`;
}
