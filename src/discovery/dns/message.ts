import { Reader, Writer } from "../../bytes/index.ts";
import { DNS_RCODE, DNS_TYPE } from "../../iana/index.ts";
import { encodeName, readName } from "./name.ts";
import { type RecordData, type RecordType, readRecordData, recordTypeOf } from "./records.ts";

/*
 * The part of DNS messages (RFC 1035) that a stub resolver needs. The libraries of npm were looked at first: dns-packet
 * needs Node's Buffer, which edge hosts lack; it and its descendants know no URI records, read RDATA past its end and
 * take half a megabyte for each count of a 12-octet header. dns-packet checks ours in the tests instead.
 */

/** One question. */
export interface DnsQuery {
  /** Without a final dot, in any case. */
  readonly name: string;
  readonly type: RecordType;
  /** 0 to 65,535. */
  readonly id: number;
  /** Without EDNS, for a server from before it. */
  readonly isPlain?: boolean;
}

/** One record of the class IN. */
export interface DnsRecord<T extends RecordType = RecordType> {
  /** In lower case. */
  readonly name: string;
  readonly type: T;
  readonly ttlSeconds: number;
  readonly data: RecordData[T];
}

/** An answer to a question, as it came: nothing in it is signed. */
export interface DnsResponse {
  readonly rcode: number;
  /** It did not fit, and no records were read: ask over TCP. */
  readonly isTruncated: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
}

const classIn = 1;
const headerOctets = 12;
/** A question takes 5 octets at least, a record 11. */
const recordOctets = 11;
/**
 * Records that are read of a part: more than any name has. A pointer makes two octets a name of 255, so that those of
 * one message could cost hundreds of milliseconds and megabytes.
 */
const maxRecords = 256;
/** What a datagram may hold on every path (RFC 6891 section 6.2.5, and practice). */
const datagramOctets = 1232;
const flagResponse = 0x8000;
const maskOpcode = 0x7800;
const flagTruncated = 0x0200;
const flagRecursionDesired = 0x0100;
const maskRcode = 0x000f;

/** A question in wire form, with EDNS (RFC 6891) unless it is plain. Undefined if its name cannot be one of DNS. */
export function encodeQuery({ name, type, id, isPlain = false }: DnsQuery): Uint8Array | undefined {
  const octets = encodeName(name);
  if (octets === undefined) return undefined;
  const writer = new Writer(octets.length + 27);
  writer
    .uint16(id)
    .uint16(flagRecursionDesired)
    .uint16(1)
    .uint16(0)
    .uint16(0)
    .uint16(isPlain ? 0 : 1);
  writer.bytes(octets).uint16(DNS_TYPE[type]).uint16(classIn);
  if (isPlain) return writer.finish();
  // The OPT pseudo-record: the root's name, our datagram's size, nothing more.
  return writer.uint8(0).uint16(DNS_TYPE.opt).uint16(datagramOctets).uint32(0).uint16(0).finish();
}

/**
 * Decodes the answer to `query`. Throws DecodeError for octets that are not a DNS message, and for an answer to another
 * question: another id, another question (RFC 5452 section 9.1), no answer at all.
 */
export function decodeResponse(octets: Uint8Array, query: DnsQuery): DnsResponse {
  const reader = new Reader(octets, "DNS message");
  const id = reader.uint16();
  const flags = reader.uint16();
  if (id !== query.id) reader.fail("its id is not the question's");
  if ((flags & flagResponse) === 0) reader.fail("it is a question, not an answer");
  if ((flags & maskOpcode) !== 0) reader.fail("an operation other than a query");
  const questions = reader.uint16();
  const answerCount = reader.uint16();
  const authorityCount = reader.uint16();
  reader.uint16();
  const rcode = flags & maskRcode;
  // A server that could not read the question does not repeat it.
  if (rcode === DNS_RCODE.formErr && questions === 0)
    return { rcode, isTruncated: false, answers: [], authorities: [] };
  if (questions !== 1) reader.fail(`${questions} questions where there was one`);
  const name = readName(reader);
  if (name !== query.name.replace(/\.$/, "").toLowerCase()) reader.fail("the answer to another question: its name");
  if (reader.uint16() !== DNS_TYPE[query.type]) reader.fail("the answer to another question: its type");
  if (reader.uint16() !== classIn) reader.fail("the answer to another question: its class");
  if ((flags & flagTruncated) !== 0) return { rcode, isTruncated: true, answers: [], authorities: [] };
  if ((answerCount + authorityCount) * recordOctets > octets.length - headerOctets) {
    reader.fail(`${answerCount + authorityCount} records announced in ${octets.length} octets`);
  }
  const answers = readRecords(reader, Math.min(answerCount, maxRecords));
  // What stands behind more answers than are read is not looked for.
  const authorities = answerCount > maxRecords ? [] : readRecords(reader, Math.min(authorityCount, maxRecords));
  return { rcode, isTruncated: false, answers, authorities };
}

/** Records of the types that are known here; others, and other classes, are ignored. */
function readRecords(reader: Reader, count: number): readonly DnsRecord[] {
  const records: DnsRecord[] = [];
  for (let i = 0; i < count; i++) {
    const name = readName(reader);
    const type = recordTypeOf(reader.uint16());
    const recordClass = reader.uint16();
    const ttl = reader.uint32();
    const length = reader.uint16();
    const start = reader.offset;
    reader.bytes(length);
    if (type === undefined || recordClass !== classIn) continue;
    // A lifetime with the high bit set counts as 0 (RFC 2181 section 8).
    const ttlSeconds = ttl > 0x7fffffff ? 0 : ttl;
    records.push({ name, type, ttlSeconds, data: readRecordData(type, reader.octets, start, length) });
  }
  return records;
}
