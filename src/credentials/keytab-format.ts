import { decodeText, encodeText, Reader, Writer } from "../bytes/index.ts";
import { type Checks, checkFunction, checkWord } from "../checks/index.ts";
import { NAME_TYPE } from "../iana/index.ts";
import { type Principal, principal } from "../krb5/index.ts";
import { KeyBlock, type RawKey } from "./key-block.ts";

/** One key of a keytab file. */
export interface KeytabEntry {
  /** Whose key it is. */
  readonly principal: Principal;
  /** When the key was written; whole seconds on file. */
  readonly timestamp: Date;
  /** 0 to 4,294,967,295. */
  readonly kvno: number;
  /** The key. */
  readonly keyBlock: RawKey;
}

/** Options for {@link decodeKeytabEntries} beside octets. */
export interface KeytabReadOptions {
  /**
   * The byte order of the machine that wrote a version 1 file; version 2 is always big-endian. Default: little-endian.
   */
  readonly endian?: "little" | "big" | undefined;
  /** Takes a sentence about blanks or NULs behind the last entry, which are ignored: editors add a newline. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** For the octets of a keytab. */
export const keytabReadChecks: Checks<KeytabReadOptions> = {
  endian: [checkWord, "little", "big"],
  onWarning: checkFunction,
};

/** Blank, tab, line feed, carriage return, and the NUL of what is padded. */
const BLANKS: readonly number[] = [0x20, 0x09, 0x0a, 0x0d, 0x00];

/**
 * Whether all octets are blanks: as a size they would be more than any file has, or fewer octets than a size, or 0,
 * where libkrb5 ends too.
 */
function isBlank(octets: Uint8Array): boolean {
  return octets.every((octet) => BLANKS.includes(octet));
}

/**
 * Reads every entry of a keytab file, version 0x0501 or 0x0502. Each entry is read inside exactly the octets that its
 * size gives, and what is malformed is an error, never the end of the file: a damaged keytab must not look like a
 * shorter one (rules KT1 to KT8 in SECURITY.md). Blanks and NULs at the end do not count: editors add a newline, and
 * what keeps secrets in blocks pads them.
 */
export function decodeKeytabEntries(octets: Uint8Array, options: KeytabReadOptions = {}): KeytabEntry[] {
  const head = new Reader(octets, "keytab");
  if (octets.length === 0) head.fail("not a keytab file: it is empty");
  if (head.uint8() !== 5) head.fail("not a keytab file: its first octet is not 5", "version");
  const version = head.uint8();
  if (version !== 1 && version !== 2) head.fail(`keytab version ${version}; expected 1 or 2`, "version");
  const littleEndian = version === 1 && options.endian !== "big";
  const records = new Reader(octets, "keytab", { littleEndian });
  records.offset = head.offset;
  const entries: KeytabEntry[] = [];
  while (records.remaining > 0) {
    if (isBlank(octets.subarray(records.offset))) {
      options.onWarning?.("blanks behind the last entry of the keytab are passed over");
      break;
    }
    const size = records.int32();
    if (size === 0) break;
    // A deleted entry leaves a hole: its size, negated. INT32_MIN has no negation in 32 bits and no meaning.
    if (size === -0x80000000) records.fail("a hole of 2^31 octets");
    if (Math.abs(size) > records.remaining) {
      records.fail(`a record of ${Math.abs(size)} octets, ${records.remaining} left`);
    }
    const start = records.offset;
    records.bytes(Math.abs(size));
    if (size < 0) continue;
    // A view that ends where the entry does, but starts where the file does: offsets in errors are the file's.
    const entry = new Reader(octets.subarray(0, start + size), `keytab.entries[${entries.length}]`, { littleEndian });
    entry.offset = start;
    entries.push(readEntry(entry, version));
  }
  return entries;
}

/** Writes a version 2 file. Throws `RangeError` for what its fields cannot hold. */
export function encodeKeytabEntries(entries: Iterable<KeytabEntry>): Uint8Array {
  const out = new Writer(1024);
  out.uint8(5).uint8(2);
  for (const entry of entries) {
    const octets = writeEntry(entry);
    out.int32(octets.length).bytes(octets);
  }
  return out.finish().slice();
}

function readEntry(from: Reader, version: number): KeytabEntry {
  const count = from.uint16() - (version === 1 ? 1 : 0);
  if (count < 1) from.fail("a principal without components");
  if (count * 3 > from.remaining) from.fail(`${count} components, ${from.remaining} octets left`);
  const realm = readName(from);
  const components: string[] = [];
  for (let i = 0; i < count; i++) components.push(readName(from));
  const nameType = version === 1 ? NAME_TYPE.unknown : from.int32();
  const timestamp = new Date(from.uint32() * 1000);
  const shortKvno = from.uint8();
  const etype = (from.uint16() << 16) >> 16;
  const key = from.data16();
  if (key.length === 0) from.fail("an empty key");
  // Releases before 1.14 of MIT wrote no 32-bit version, and an entry in an old hole may have zeros after it.
  const longKvno = from.remaining >= 4 ? from.uint32() : 0;
  return {
    principal: principal(realm, components, nameType),
    timestamp,
    kvno: longKvno === 0 ? shortKvno : longKvno,
    keyBlock: new KeyBlock(etype, key.slice()),
  };
}

function readName(from: Reader): string {
  const octets = from.data16();
  if (octets.length === 0) from.fail("an empty realm or component");
  return decodeText(octets);
}

function writeEntry({ principal: name, timestamp, kvno, keyBlock }: KeytabEntry): Uint8Array {
  const { etype, octets } = keyBlock;
  const seconds = Math.floor(timestamp.getTime() / 1000);
  if (!(seconds >= 0 && seconds <= 0xffffffff)) throw new RangeError("a keytab timestamp is between 1970 and 2106");
  if (!(Number.isInteger(kvno) && kvno >= 0 && kvno <= 0xffffffff)) throw new RangeError("a kvno has 32 bits");
  if (!(Number.isInteger(etype) && etype >= -0x8000 && etype <= 0x7fff)) throw new RangeError("an etype has 16 bits");
  if (name.components.length < 1 || name.components.length > 0xffff) {
    throw new RangeError("a principal of a keytab has 1 to 65,535 components");
  }
  const out = new Writer(128);
  out.uint16(name.components.length);
  for (const text of [name.realm, ...name.components]) out.data16(bounded(encodeText(text), "a realm or component"));
  out.int32(name.nameType).uint32(seconds);
  out.uint8(kvno & 0xff).uint16(etype & 0xffff);
  return out.data16(bounded(octets, "a key")).uint32(kvno).finish();
}

function bounded(octets: Uint8Array, what: string): Uint8Array {
  if (octets.length < 1 || octets.length > 0xffff) throw new RangeError(`${what} of a keytab has 1 to 65,535 octets`);
  return octets;
}
