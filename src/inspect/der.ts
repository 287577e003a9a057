import { type BaseBlock, fromBER } from "asn1js";
import { encodeHex, printableText } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { checkOids } from "../x509/index.ts";
import type { TreeNode } from "./tree.ts";

const CLASSES = ["", "UNIVERSAL", "APPLICATION", "CONTEXT", "PRIVATE"];
const MAX_DEPTH = 40;
const MAX_BYTES = 1_048_576;

/**
 * Any DER or BER, without knowing what it is: what is not Kerberos, as SPNEGO and PKINIT's messages. Throws
 * DecodeError.
 */
export function derTree(octets: Uint8Array): TreeNode {
  if (octets.length > MAX_BYTES) throw new DecodeError(`${octets.length} octets, ${MAX_BYTES} allowed`, 0, "ASN.1");
  checkOids(octets, "ASN.1");
  let parsed: ReturnType<typeof fromBER>;
  try {
    parsed = fromBER(octets.slice().buffer);
  } catch (cause) {
    throw new DecodeError(`not ASN.1: ${cause instanceof Error ? cause.message : String(cause)}`, 0, "ASN.1", {
      cause,
    });
  }
  const { offset, result } = parsed;
  if (offset === -1) throw new DecodeError(`not ASN.1: ${result.error}`, 0, "ASN.1");
  if (offset !== octets.length)
    throw new DecodeError(`${octets.length - offset} octets after the element`, offset, "ASN.1");
  return nodeOf(result, 0);
}

function nodeOf(block: BaseBlock, depth: number): TreeNode {
  const { tagClass, tagNumber, isConstructed } = block.idBlock;
  const name = tagClass === 1 ? (block.constructor as { readonly NAME?: string }).NAME : undefined;
  const label = name ?? `[${CLASSES[tagClass] === "CONTEXT" ? "" : `${CLASSES[tagClass]} `}${tagNumber}]`;
  const { value } = block.valueBlock as { readonly value?: unknown };
  if (isConstructed && Array.isArray(value)) {
    if (depth >= MAX_DEPTH) throw new DecodeError(`more than ${MAX_DEPTH} levels`, 0, "ASN.1");
    return { label, children: (value as BaseBlock[]).map((inner) => nodeOf(inner, depth + 1)) };
  }
  return { label, value: leafText(block, name) };
}

function leafText(block: BaseBlock, name: string | undefined): string {
  const { valueBlock } = block as { readonly valueBlock: { toString(): string; readonly valueHexView?: Uint8Array } };
  const octets = valueBlock.valueHexView ?? new Uint8Array();
  if (name === "OBJECT IDENTIFIER") return valueBlock.toString();
  if (name === "INTEGER" || name === "ENUMERATED")
    return octets.length <= 6 ? valueBlock.toString() : `0x${encodeHex(octets)}`;
  if (name === "BOOLEAN") return String((valueBlock as { readonly value?: boolean }).value);
  if (name !== undefined && /String$|Time$/.test(name) && name !== "BIT STRING") {
    return JSON.stringify(printableText((block as unknown as { getValue?(): string }).getValue?.() ?? octets));
  }
  const shown = encodeHex(octets.subarray(0, 64));
  return `${octets.length} octets${shown === "" ? "" : `: ${shown}${octets.length > 64 ? "..." : ""}`}`;
}
