import { Reader } from "../bytes/index.ts";
import { NdrReader } from "./ndr.ts";
import { expandHuffman } from "./xpress.ts";

/** A claim that Active Directory makes about an account (MS-ADTS section 2.2.18), for example its department. */
export type Claim = ClaimName &
  (
    | { readonly type: "int64" | "uint64"; readonly values: readonly bigint[] }
    | { readonly type: "string"; readonly values: readonly string[] }
    | { readonly type: "boolean"; readonly values: readonly boolean[] }
  );

/** What a claim is called, and where it is from. */
export interface ClaimName {
  /** Its identifier, for example `ad://ext/department:88d06a1b7a2b1a2c`. */
  readonly id: string;
  /** `"directory"`: an attribute of the account; `"certificate"`: of the certificate that it logged in with. */
  readonly source: "directory" | "certificate";
}

/** Octets of the largest set of claims that is expanded. A ticket with so much in it passes through no header. */
const MAX_CLAIMS_BYTES = 1_048_576;

/** CLAIMS_COMPRESSION_FORMAT (MS-ADTS section 2.2.18.4): KDCs compress what is long, and in this form alone. */
const FORMAT = { none: 0, xpressHuffman: 4 };

/** Decodes a CLAIMS_SET_METADATA (MS-ADTS section 2.2.18.8). */
export function decodeClaims(octets: Uint8Array): readonly Claim[] {
  const ndr = new NdrReader(octets, "CLAIMS_SET_METADATA");
  const size = ndr.uint32();
  const isThere = ndr.pointer();
  const format = ndr.uint16();
  const expandedSize = ndr.uint32();
  ndr.mustPoint(isThere, "a set of claims");
  // The fields that are reserved come before, and their octets after the claims.
  ndr.uint16();
  ndr.uint32();
  ndr.pointer();
  const set = ndr.octets(size);
  return decodeSet(expand(ndr, set, format, expandedSize));
}

/** The size is announced: more is never made, and it is bounded before anything is. */
function expand(ndr: NdrReader, set: Uint8Array, format: number, size: number): Uint8Array {
  if (format === FORMAT.none) return set;
  if (format !== FORMAT.xpressHuffman) ndr.fail(`claims that are compressed in the format ${format}`, "version");
  if (size > MAX_CLAIMS_BYTES)
    ndr.fail(`claims of ${size} octets when they are expanded, ${MAX_CLAIMS_BYTES} are the most`);
  return expandHuffman(new Reader(set, "CLAIMS_SET", { littleEndian: true }), size);
}

/** CLAIMS_SET (MS-ADTS section 2.2.18.7). */
function decodeSet(octets: Uint8Array): readonly Claim[] {
  const ndr = new NdrReader(octets, "CLAIMS_SET");
  const count = ndr.uint32();
  const isThere = ndr.pointer();
  ndr.uint16();
  ndr.uint32();
  ndr.pointer();
  const row = () => ({ source: sourceOf(ndr), size: ndr.uint32(), hasEntries: ndr.pointer() });
  return ndr.array(isThere, count, 12, row).flatMap((one) => entriesOf(ndr, one));
}

/** CLAIMS_ARRAY (MS-ADTS section 2.2.18.6). */
interface ClaimsArray {
  readonly source: Claim["source"];
  readonly size: number;
  readonly hasEntries: boolean;
}

/** CLAIM_ENTRY (MS-ADTS section 2.2.18.5): the type stands before the union, and in it. */
function entriesOf(ndr: NdrReader, { source, size: count, hasEntries }: ClaimsArray): readonly Claim[] {
  const entries = ndr.array(hasEntries, count, 16, () => {
    const hasId = ndr.pointer();
    const type = ndr.uint16();
    if (ndr.uint16() !== type) ndr.fail("a claim of two types");
    return { hasId, type, size: ndr.uint32(), hasValues: ndr.pointer() };
  });
  return entries.map(({ hasId, type, size, hasValues }) => {
    ndr.mustPoint(hasId, "the identifier of a claim");
    const name = { id: ndr.string(), source };
    const list = <T>(bytes: number, value: () => T): readonly T[] => ndr.array(hasValues, size, bytes, value);
    switch (type) {
      case 1:
        return { ...name, type: "int64", values: list(8, () => ndr.int64()) };
      case 2:
        return { ...name, type: "uint64", values: list(8, () => ndr.uint64()) };
      case 3: {
        const texts = list(4, () => ndr.pointer());
        return { ...name, type: "string", values: texts.map((isText) => (isText ? ndr.string() : "")) };
      }
      case 6:
        return { ...name, type: "boolean", values: list(8, () => ndr.uint64() !== 0n) };
      default:
        return ndr.fail(`a claim of the type ${type}`);
    }
  });
}

function sourceOf(ndr: NdrReader): Claim["source"] {
  const source = ndr.uint16();
  if (source !== 1 && source !== 2) ndr.fail(`claims of the source ${source}`);
  return source === 1 ? "directory" : "certificate";
}
