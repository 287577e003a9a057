import { Reader } from "../bytes/index.ts";
import {
  array,
  boolean64,
  decodeNdr,
  int64,
  long,
  type NdrType,
  octets,
  optional,
  required,
  short,
  string,
  uint64,
} from "./ndr.ts";
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

/** Decodes a CLAIMS_SET_METADATA (MS-ADTS section 2.2.18.8), and the CLAIMS_SET in it. */
export function decodeClaims(buffer: Uint8Array): readonly Claim[] {
  return decodeNdr(decodeNdr(buffer, "CLAIMS_SET_METADATA", metadata), "CLAIMS_SET", claimsSet);
}

/** Octets of fields that are reserved, in both structures: what they point to comes last. */
const RESERVED_BYTES = 12;

const metadata: NdrType<Uint8Array> = (reader) => {
  const set = octets(reader);
  const format = short(reader);
  const size = long(reader);
  reader.bytes(RESERVED_BYTES);
  return () => expand(reader, set(), format, size);
};

/** The size is announced: more is never made, and it is bounded before anything is. */
function expand(reader: Reader, set: Uint8Array, format: number, size: number): Uint8Array {
  if (format === FORMAT.none) return set;
  if (format !== FORMAT.xpressHuffman) reader.fail(`claims that are compressed in the format ${format}`, "version");
  if (size > MAX_CLAIMS_BYTES)
    reader.fail(`claims of ${size} octets when they are expanded, ${MAX_CLAIMS_BYTES} are the most`);
  return expandHuffman(new Reader(set, "CLAIMS_SET", { littleEndian: true }), size);
}

/** CLAIMS_SET (MS-ADTS section 2.2.18.7). */
const claimsSet: NdrType<readonly Claim[]> = (reader) => {
  const lists = array(12, claimsOfSource)(reader);
  reader.bytes(RESERVED_BYTES);
  return () => lists().flat();
};

/** CLAIMS_ARRAY (MS-ADTS section 2.2.18.6): claims of one source. */
const claimsOfSource: NdrType<readonly Claim[]> = (reader) => {
  const number = short(reader);
  const source = SOURCES[number] ?? reader.fail(`claims of the source ${number}`);
  return array(16, claimFrom(source))(reader);
};

/** By their numbers (MS-ADTS section 2.2.18.2). */
const SOURCES: Readonly<Record<number, Claim["source"]>> = { 1: "directory", 2: "certificate" };

/** CLAIM_ENTRY (MS-ADTS section 2.2.18.5). */
function claimFrom(source: Claim["source"]): NdrType<Claim> {
  return (reader) => {
    const id = required("the identifier of a claim", string)(reader);
    const number = short(reader);
    if (short(reader) !== number) reader.fail("a claim of two types");
    const [type, list] = VALUES[number] ?? reader.fail(`a claim of the type ${number}`);
    const values = list(reader);
    return () => ({ id: id(), source, type, values: values() }) as Claim;
  };
}

/** CLAIM_TYPE (MS-ADTS section 2.2.18.1), by number: its name, and its values. */
const VALUES: Readonly<Record<number, readonly [Claim["type"], NdrType<readonly unknown[]>]>> = {
  1: ["int64", array(8, int64)],
  2: ["uint64", array(8, uint64)],
  3: ["string", array(4, optionalString)],
  6: ["boolean", array(8, boolean64)],
};

/** Empty for a null pointer. */
function optionalString(reader: Reader): () => string {
  const value = optional(string)(reader);
  return () => value() ?? "";
}
