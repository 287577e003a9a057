import { Reader } from "../../bytes/index.ts";
import { DNS_TYPE } from "../../iana/index.ts";
import { readName } from "./name.ts";

/** RDATA of the types that are asked for. */
export interface RecordData {
  /** Four or sixteen octets as text. */
  readonly a: string;
  readonly aaaa: string;
  readonly cname: string;
  readonly ptr: string;
  /** The last field, MINIMUM: how long that there is nothing may be believed (RFC 2308). */
  readonly soa: { readonly minimumSeconds: number };
  readonly srv: {
    readonly priority: number;
    readonly weight: number;
    readonly port: number;
    /** `""`: the domain does not offer that service. */
    readonly target: string;
  };
  /** The character-strings. */
  readonly txt: readonly Uint8Array[];
  readonly uri: { readonly priority: number; readonly weight: number; readonly target: Uint8Array };
}

/** A type of record that is asked for. */
export type RecordType = keyof RecordData;

const readers: { readonly [T in RecordType]: (reader: Reader) => RecordData[T] } = {
  a: (reader) => Array.from(reader.bytes(4)).join("."),
  aaaa: (reader) => formatIpv6(reader.bytes(16)),
  cname: readName,
  ptr: readName,
  soa(reader) {
    readName(reader);
    readName(reader);
    reader.bytes(16);
    return { minimumSeconds: reader.uint32() };
  },
  srv: (reader) => ({
    priority: reader.uint16(),
    weight: reader.uint16(),
    port: reader.uint16(),
    target: readName(reader),
  }),
  txt(reader) {
    const strings: Uint8Array[] = [];
    while (reader.remaining > 0) strings.push(reader.bytes(reader.uint8()));
    return strings;
  },
  uri: (reader) => ({
    priority: reader.uint16(),
    weight: reader.uint16(),
    target: reader.bytes(reader.remaining),
  }),
};

/**
 * Reads RDATA at `start`, of `length` octets, no more and no less. The reader ends where the RDATA does, so that names
 * may point back and nothing reads on. Throws DecodeError.
 */
export function readRecordData<T extends RecordType>(
  type: T,
  message: Uint8Array,
  start: number,
  length: number,
): RecordData[T] {
  const reader = new Reader(message.subarray(0, start + length), `DNS ${type.toUpperCase()}`);
  reader.offset = start;
  const data = readers[type](reader);
  reader.end();
  return data;
}

/** The name of a type number, if it is one of those. */
export function recordTypeOf(number: number): RecordType | undefined {
  return names.get(number);
}

const names: ReadonlyMap<number, RecordType> = new Map(
  (Object.keys(readers) as RecordType[]).map((type) => [DNS_TYPE[type], type]),
);

/** As RFC 5952 has it, but for the choice of what to shorten: the URL parser's, which is the same. */
function formatIpv6(octets: Uint8Array): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((octets[i] as number) << 8) | (octets[i + 1] as number)).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
