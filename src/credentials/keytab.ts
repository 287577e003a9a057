import { type Checks, checkOctets, checkOptions, checkRequired, checkWhole, refuse } from "../checks/index.ts";
import { checkEnctypes, checkParsedPrincipal, equalPrincipals, etypesOf, type Principal } from "../krb5/index.ts";
import { KeyBlock } from "./key-block.ts";
import {
  decodeKeytabEntries,
  encodeKeytabEntries,
  type KeytabEntry,
  type KeytabReadOptions,
  keytabReadChecks,
} from "./keytab-format.ts";
import { findKey, findKeys, type KeytabQuery, keyOf, principalsOf, type ResolvedQuery } from "./keytab-keys.ts";

const queryChecks: Checks<KeytabQuery> = {
  principal: checkParsedPrincipal,
  kvno: [checkWhole, 0, 0xffff_ffff],
  etype: [checkWhole, -(2 ** 31), 2 ** 31 - 1],
  enctypes: checkEnctypes,
};

function resolved(wanted: KeytabQuery): ResolvedQuery {
  checkOptions("a query of a keytab", wanted, queryChecks);
  checkRequired(wanted, queryChecks, "principal");
  const { enctypes, ...query } = wanted;
  return { ...query, etypes: enctypes && etypesOf("enctypes", enctypes) };
}

/**
 * Long-term keys, as a keytab file has them. A value: adding and removing give another one.
 *
 * @example
 * ```ts
 * import { parsePrincipal } from "krb5-remctl";
 * import { encodeKeytab, KeyBlock, Keytab } from "krb5-remctl/credentials";
 *
 * const principal = parsePrincipal("host/server.example.org@EXAMPLE.ORG");
 * const keyBlock = new KeyBlock(18, crypto.getRandomValues(new Uint8Array(32)));
 * const keytab = new Keytab([{ principal, kvno: 1, timestamp: new Date(), keyBlock }]);
 * const file = encodeKeytab(keytab);
 * ```
 */
export class Keytab {
  /** Every entry, in the order of the file. */
  readonly entries: readonly KeytabEntry[];

  /**
   * Takes the entries in the order of the file. Keys given as plain objects are hidden from JSON and loggers.
   *
   * @param entries none, or the keys with their principals
   * @throws TypeError for what is not a list of such entries, which is never quoted: the caller's mistake
   */
  constructor(entries: Iterable<KeytabEntry> = []) {
    checkEntries("entries", entries);
    this.entries = Array.from(entries, (entry, index) => {
      if (!isEntry(entry)) refuse(`entries[${index}]`, entry, ENTRY);
      const { principal, timestamp, kvno, keyBlock } = entry;
      if (keyBlock instanceof KeyBlock) return entry;
      return { principal, timestamp, kvno, keyBlock: new KeyBlock(keyBlock.etype, keyBlock.octets.slice()) };
    });
  }

  /** The principals, each once, in the order of the file. */
  get principals(): Principal[] {
    return principalsOf(this.entries);
  }

  /**
   * Finds the entry that fits: of the principal, of the version asked for or else the highest that has a fitting
   * enctype, and of those the best enctype.
   *
   * @param wanted whose key, which version, which enctypes
   * @returns the entry; undefined if none fits
   */
  find(wanted: KeytabQuery): KeytabEntry | undefined {
    return findKey(this.entries, resolved(wanted));
  }

  /**
   * Gives the entry that {@link find} finds.
   *
   * @param query whose key, which version, which enctypes
   * @returns the entry
   * @throws CredentialError `KEYTAB_NO_KEY` that says what the keytab has instead
   */
  get(query: KeytabQuery): KeytabEntry {
    return keyOf(this.entries, resolved(query));
  }

  /**
   * Finds every key of a principal that fits, best enctype first, newest version first.
   *
   * @param wanted whose keys, which version, which enctypes
   * @returns the entries
   */
  findAll(wanted: KeytabQuery): KeytabEntry[] {
    return findKeys(this.entries, resolved(wanted));
  }

  /**
   * Adds keys at the end.
   *
   * @param entries the keys
   * @returns another keytab
   */
  with(...entries: readonly KeytabEntry[]): Keytab {
    return new Keytab([...this.entries, ...entries]);
  }

  /**
   * Takes the keys of a principal out: all, or those of one version or enctype.
   *
   * @param query whose keys, which version, which enctype
   * @returns another keytab
   * @throws TypeError for what is not such a query: the caller's mistake
   */
  without(query: Omit<KeytabQuery, "enctypes">): Keytab {
    const { enctypes: _, ...checks } = queryChecks;
    checkOptions("a query of a keytab", query, checks);
    checkRequired(query, checks, "principal");
    return new Keytab(
      this.entries.filter(
        ({ principal, kvno, keyBlock }) =>
          !equalPrincipals(principal, query.principal) ||
          (query.kvno !== undefined && query.kvno !== kvno) ||
          (query.etype !== undefined && query.etype !== keyBlock.etype),
      ),
    );
  }
}

/**
 * Reads the octets of a keytab file, version 1 or 2. The entries hold copies of the keys.
 *
 * @param octets the whole file
 * @param options the byte order of old files
 * @returns the keytab
 * @throws DecodeError, with the offset, for octets that are not a whole keytab; its `path` names the entry
 * @example
 * ```ts
 * import { parsePrincipal } from "krb5-remctl";
 * import { decodeKeytab } from "krb5-remctl/credentials";
 *
 * const keytab = decodeKeytab(octets);
 * const { kvno } = keytab.get({ principal: parsePrincipal("host/server.example.org@EXAMPLE.ORG") });
 * ```
 */
export function decodeKeytab(octets: Uint8Array, options: KeytabReadOptions = {}): Keytab {
  checkOctets("octets", octets);
  checkOptions("decodeKeytab", options, keytabReadChecks);
  return new Keytab(decodeKeytabEntries(octets, options));
}

/**
 * Writes a keytab file, version 2 (0x0502), with 32-bit key versions; libkrb5 and Heimdal read it.
 *
 * @param keytab a keytab, or its entries
 * @returns the octets of the file
 * @throws TypeError for what is not a keytab, RangeError for an entry that the format cannot hold: the caller's
 *   mistakes
 * @example
 * ```ts
 * import { decodeKeytab, encodeKeytab } from "krb5-remctl/credentials";
 *
 * const older = decodeKeytab(octets);
 * const newest = encodeKeytab(older.entries.filter(({ kvno }) => kvno > 3));
 * ```
 */
export function encodeKeytab(keytab: { readonly entries: Iterable<KeytabEntry> } | Iterable<KeytabEntry>): Uint8Array {
  const { entries = keytab } = Object(keytab) as { readonly entries?: unknown };
  // An array has a method of that name.
  const list = typeof entries === "function" ? keytab : entries;
  checkEntries("keytab", list);
  return encodeKeytabEntries(new Keytab(list).entries);
}

const ENTRY = "an entry of a keytab: { principal, kvno, timestamp, keyBlock: { etype, octets } }";

/** Text and octets are lists too, of characters and numbers: a keytab in either form is taken for no list. */
function checkEntries(name: string, value: unknown): asserts value is Iterable<KeytabEntry> {
  const isList = typeof Object(value)[Symbol.iterator] === "function";
  if (isList && typeof value !== "string" && !(value instanceof Uint8Array)) return;
  refuse(name, value, "a Keytab, or a list of its entries; decodeKeytab() makes one of octets");
}

function isEntry(value: unknown): boolean {
  const { principal, timestamp, kvno, keyBlock } = Object(value) as Partial<KeytabEntry>;
  const { realm, components } = Object(principal) as Partial<KeytabEntry["principal"]>;
  const { etype, octets } = Object(keyBlock) as Partial<KeytabEntry["keyBlock"]>;
  const isNamed = typeof realm === "string" && Array.isArray(components);
  const isKey = typeof etype === "number" && octets instanceof Uint8Array;
  return isNamed && isKey && typeof kvno === "number" && timestamp instanceof Date;
}
