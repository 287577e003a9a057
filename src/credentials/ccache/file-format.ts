import { decodeText, encodeText, Reader, Writer } from "../../bytes/index.ts";
import { type Checks, checkBoolean, checkList, checkOctets, checkOptions, checkWord } from "../../checks/index.ts";
import { hasCode } from "../../errors.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import { checkParsedPrincipal, type Principal, principal } from "../../krb5/index.ts";
import { type Credential, checkCredential, credential, type TypedOctets } from "../credential.ts";
import { KeyBlock, type RawKey } from "../key-block.ts";

/** The four versions of the FILE format. */
export type CcacheVersion = 1 | 2 | 3 | 4;

/** What a cache file holds. */
export interface CcacheFile {
  /** The version of the file. */
  readonly version: CcacheVersion;
  /** Whose tickets they are. */
  readonly principal: Principal;
  /** Milliseconds (with a fraction) to add to the local clock to have the KDC's; version 4 only. */
  readonly clockOffsetMs?: number | undefined;
  /** Header fields of version 4 whose tags are unknown here. */
  readonly unknownTags: readonly { readonly tag: number; readonly value: Uint8Array }[];
  /** Everything in the order of the file: configuration entries and removed ones too. */
  readonly credentials: readonly Credential[];
  /** For each credential, where in the file it starts, and where its four times start. */
  readonly places: readonly { readonly start: number; readonly times: number }[];
  /** Where octets begin that are not a whole credential, if there are such and they were allowed. */
  readonly strayAt?: number;
}

/** Options for {@link decodeCcacheFile}. */
export interface CcacheReadOptions {
  /**
   * The byte order of the machine that wrote a file of version 1 or 2; later ones are big-endian. Default:
   * little-endian.
   */
  readonly endian?: "little" | "big" | undefined;
  /**
   * Whether what is behind the last whole credential is ignored, like in libkrb5, if one stands before it.
   * Default false.
   */
  readonly allowStrayEnd?: boolean | undefined;
}

const readChecks: Checks<CcacheReadOptions> = { endian: [checkWord, "little", "big"], allowStrayEnd: checkBoolean };

/** More than 16 MiB of real tickets are: without it that many octets would be 250,000, and two seconds of work. */
export const MAX_CREDENTIALS = 25_000;
const DELTA_TIME = 1;
const DELTA_TIME_BYTES = 8;

/**
 * Reads a cache file of version 1 to 4. Every length and count is compared with what is left before anything is made of
 * it (rules CC1 to CC5 in SECURITY.md).
 *
 * @param octets the whole file
 * @param options the byte order of old files
 * @returns what the file holds: views of the octets
 * @throws DecodeError, with the offset, for octets that are not a whole cache; a credential cut off at the end is one
 * @example
 * ```ts
 * import { decodeCcacheFile } from "krb5-remctl/credentials";
 *
 * const { principal, credentials } = decodeCcacheFile(octets);
 * ```
 */
export function decodeCcacheFile(octets: Uint8Array, options: CcacheReadOptions = {}): CcacheFile {
  checkOctets("octets", octets);
  checkOptions("decodeCcacheFile", options, readChecks);
  const head = new Reader(octets, "ccache");
  if (octets.length === 0) head.fail("not a credential cache: it is empty");
  if (head.uint8() !== 5) head.fail("not a credential cache: its first octet is not 5", "version");
  const version = head.uint8();
  if (version < 1 || version > 4) head.fail(`credential cache version ${version}; expected 1 to 4`, "version");
  const from = new Reader(octets, "ccache", { littleEndian: version < 3 && options.endian !== "big" });
  from.offset = head.offset;
  const header = version === 4 ? readHeader(from) : { unknownTags: [] };
  const name = readPrincipal(from, version);
  const credentials: Credential[] = [];
  const places: { start: number; times: number }[] = [];
  let strayAt: number | undefined;
  while (from.remaining > 0) {
    if (credentials.length === MAX_CREDENTIALS) from.fail(`more than ${MAX_CREDENTIALS} credentials`);
    const start = from.offset;
    try {
      const { one, times } = readCredential(from, version);
      credentials.push(one);
      places.push({ start, times });
    } catch (error) {
      if (options.allowStrayEnd !== true || credentials.length === 0 || !hasCode(error, "DECODE")) throw error;
      strayAt = start;
      break;
    }
  }
  const whole = { version: version as CcacheVersion, principal: name, ...header, credentials, places };
  return strayAt === undefined ? whole : { ...whole, strayAt };
}

/** The contents that {@link encodeCcacheFile} writes. */
export type NewCcacheFile = Pick<CcacheFile, "principal" | "credentials" | "clockOffsetMs"> & {
  readonly unknownTags?: CcacheFile["unknownTags"] | undefined;
};

/**
 * Writes a whole cache file of version 4.
 *
 * @param file whose tickets, and which
 * @returns the octets of the file
 * @throws TypeError for what is not such contents, RangeError for what its fields cannot hold: the caller's mistakes
 * @example
 * ```ts
 * import { decodeCcacheFile, encodeCcacheFile } from "krb5-remctl/credentials";
 *
 * const { principal, credentials } = decodeCcacheFile(octets);
 * const copy = encodeCcacheFile({ principal, credentials });
 * ```
 */
export function encodeCcacheFile(file: NewCcacheFile): Uint8Array {
  const { principal: name, clockOffsetMs, unknownTags = [], credentials } = Object(file) as NewCcacheFile;
  checkParsedPrincipal("file.principal", name);
  checkList("file.credentials", credentials, checkCredential);
  const header = new Writer(64);
  if (clockOffsetMs !== undefined) {
    const seconds = Math.floor(clockOffsetMs / 1000);
    const microseconds = Math.round((clockOffsetMs - seconds * 1000) * 1000);
    if (!isClockOffset(clockOffsetMs)) throw new RangeError("a clock offset has 31 bits of seconds");
    header.uint16(DELTA_TIME).uint16(DELTA_TIME_BYTES).int32(seconds).int32(microseconds);
  }
  for (const { tag, value } of unknownTags) header.uint16(tag).data16(value);
  const fields = header.finish();
  if (fields.length > 0xffff) throw new RangeError("the header of a credential cache has at most 65,535 octets");
  const out = new Writer(2048);
  out.uint8(5).uint8(4).data16(fields);
  writePrincipal(out, name);
  for (const one of credentials) writeCredential(out, one);
  return out.finish().slice();
}

/** The octets of one credential in version 4: what is added to the end of a file, and what KCM sends. */
export function encodeCredential(one: Credential): Uint8Array {
  const out = new Writer(2048);
  writeCredential(out, one);
  return out.finish().slice();
}

/** Reads one credential in version 4, with nothing after it. Throws DecodeError. */
export function decodeCredential(octets: Uint8Array): Credential {
  const from = new Reader(octets, "credential");
  const { one } = readCredential(from, 4);
  from.end();
  return one;
}

/** The octets of a principal in version 4. */
export function encodeCcachePrincipal(name: Principal): Uint8Array {
  const out = new Writer(128);
  writePrincipal(out, name);
  return out.finish().slice();
}

/** Reads a principal in version 4; what comes after it is the caller's. Throws DecodeError. */
export function decodeCcachePrincipal(from: Reader): Principal {
  return readPrincipal(from, 4);
}

function readHeader(from: Reader): Pick<CcacheFile, "clockOffsetMs" | "unknownTags"> {
  const length = from.uint16();
  if (length > from.remaining) from.fail(`a header of ${length} octets, ${from.remaining} left`);
  const fields = new Reader(from.octets.subarray(0, from.offset + length), "ccache.header");
  fields.offset = from.offset;
  from.bytes(length);
  let clockOffsetMs: number | undefined;
  const unknownTags: { tag: number; value: Uint8Array }[] = [];
  while (fields.remaining > 0) {
    const tag = fields.uint16();
    const value = fields.data16();
    if (tag !== DELTA_TIME) {
      unknownTags.push({ tag, value });
      continue;
    }
    if (value.length !== DELTA_TIME_BYTES) fields.fail(`a time offset of ${value.length} octets; expected 8`);
    const offset = new Reader(value);
    clockOffsetMs = offset.int32() * 1000 + offset.int32() / 1000;
    // Its microseconds may be more than a second: what is read must be fit to be written again.
    if (!isClockOffset(clockOffsetMs)) fields.fail("a time offset of more seconds than 31 bits hold");
  }
  return { ...(clockOffsetMs === undefined ? {} : { clockOffsetMs }), unknownTags };
}

/** Whether a time in milliseconds has seconds of 32 bits, one for the sign. */
function isClockOffset(ms: number): boolean {
  const seconds = Math.floor(ms / 1000);
  return seconds >= -0x80000000 && seconds <= 0x7fffffff;
}

function readPrincipal(from: Reader, version: number): Principal {
  const nameType = version === 1 ? NAME_TYPE.unknown : from.int32();
  const count = from.uint32() - (version === 1 ? 1 : 0);
  if (count < 0) from.fail("a principal without a realm");
  const realm = decodeText(from.data32());
  checkCount(from, count, 4, "components");
  const components: string[] = [];
  for (let i = 0; i < count; i++) components.push(decodeText(from.data32()));
  return principal(realm, components, nameType);
}

function readCredential(from: Reader, version: number): { one: Credential; times: number } {
  const client = readPrincipal(from, version);
  const server = readPrincipal(from, version);
  const key = readKey(from, version);
  const times = from.offset;
  const authTime = dateOf(from.uint32());
  const startTime = from.uint32();
  const endTime = dateOf(from.uint32());
  const renewTill = from.uint32();
  const isSkey = from.uint8();
  if (isSkey > 1) from.fail(`is_skey is ${isSkey}; expected 0 or 1`);
  const flags = from.uint32();
  const addresses = readList(from, "addresses");
  const authData = readList(from, "elements of authorization data");
  const ticket = from.data32();
  const secondTicket = from.data32();
  return {
    one: credential({
      client,
      server,
      key,
      authTime,
      ...(startTime === 0 ? {} : { startTime: dateOf(startTime) }),
      endTime,
      ...(renewTill === 0 ? {} : { renewTill: dateOf(renewTill) }),
      isSkey: isSkey === 1,
      flags,
      addresses,
      authData,
      ticket,
      secondTicket,
    }),
    times,
  };
}

function readKey(from: Reader, version: number): KeyBlock {
  const etype = signed16(from.uint16());
  // Version 3 says it twice.
  if (version === 3 && signed16(from.uint16()) !== etype) from.fail("the two copies of a key's enctype differ");
  return new KeyBlock(etype, from.data32());
}

function readList(from: Reader, what: string): TypedOctets[] {
  const count = from.uint32();
  checkCount(from, count, 6, what);
  const list: TypedOctets[] = [];
  for (let i = 0; i < count; i++) list.push({ type: signed16(from.uint16()), octets: from.data32() });
  return list;
}

/** No more elements than the octets that are left could hold. */
function checkCount(from: Reader, count: number, leastBytes: number, what: string): void {
  if (count > from.remaining / leastBytes) from.fail(`${count} ${what}, ${from.remaining} octets left`);
}

function writePrincipal(out: Writer, { realm, nameType, components }: Principal): void {
  out.int32(nameType).uint32(components.length).data32(encodeText(realm));
  for (const component of components) out.data32(encodeText(component));
}

function writeCredential(out: Writer, from: Credential): void {
  writePrincipal(out, from.client);
  writePrincipal(out, from.server);
  writeKey(out, from.key);
  for (const time of [from.authTime, from.startTime, from.endTime, from.renewTill]) out.uint32(secondsOf(time));
  out.uint8(from.isSkey ? 1 : 0).uint32(from.flags);
  for (const list of [from.addresses, from.authData]) {
    out.uint32(list.length);
    for (const { type, octets } of list) out.uint16(unsigned16(type)).data32(octets);
  }
  out.data32(from.ticket).data32(from.secondTicket);
}

function writeKey(out: Writer, { etype, octets }: RawKey): void {
  out.uint16(unsigned16(etype)).data32(octets);
}

/** Seconds of 32 bits, unsigned: libkrb5 reads them so since 2038 came into sight. */
function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

function secondsOf(time: Date | undefined): number {
  const seconds = time === undefined ? 0 : Math.floor(time.getTime() / 1000);
  if (!(seconds >= 0 && seconds <= 0xffffffff)) throw new RangeError("a time of a cache is between 1970 and 2106");
  return seconds;
}

function signed16(value: number): number {
  return (value << 16) >> 16;
}

function unsigned16(value: number): number {
  if (!(Number.isInteger(value) && value >= -0x8000 && value <= 0x7fff))
    throw new RangeError(`${value} is not of 16 bits`);
  return value & 0xffff;
}
