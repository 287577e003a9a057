import { type Checks, checkOctets, checkOptions, checkRequired, checkWhole, refuse } from "../checks/index.ts";
import { CredentialError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";
import {
  checkEnctypes,
  checkParsedPrincipal,
  type Enctypes,
  equalPrincipals,
  etypesOf,
  formatPrincipal,
  type Principal,
  versionFit,
} from "../krb5/index.ts";
import { KeyBlock } from "./key-block.ts";
import {
  decodeKeytabEntries,
  encodeKeytabEntries,
  type KeytabEntry,
  type KeytabReadOptions,
  keytabReadChecks,
} from "./keytab-format.ts";

/** Which key of a {@link Keytab} is wanted. */
export interface KeytabQuery {
  /** Whose key is looked for. */
  readonly principal: Principal;
  /**
   * The version asked for; default, and for 0: the highest there is. An entry of version 0 fits any, and one with the
   * low eight bits of a version fits that where no entry has the whole, as in libkrb5.
   */
  readonly kvno?: number;
  /** The one enctype asked for. */
  readonly etype?: number;
  /** The enctypes that will do, best first, by name or number; default: any, in the order of the file. */
  readonly enctypes?: Enctypes;
}

/** A query with the numbers of its enctypes. */
interface ResolvedQuery extends Omit<KeytabQuery, "enctypes"> {
  readonly etypes: readonly number[] | undefined;
}

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
    const found: Principal[] = [];
    for (const { principal } of this.entries) {
      if (!found.some((other) => equalPrincipals(other, principal))) found.push(principal);
    }
    return found;
  }

  /**
   * Finds the entry that fits: of the principal, of the version asked for or else the highest that has a fitting
   * enctype, and of those the best enctype.
   *
   * @param wanted whose key, which version, which enctypes
   * @returns the entry; undefined if there is none
   */
  find(wanted: KeytabQuery): KeytabEntry | undefined {
    const query = resolved(wanted);
    const fitting = this.#fitting(query);
    if (query.kvno !== undefined && query.kvno !== 0) return this.#best(query, bestVersion(query.kvno, fitting));
    const newest = fitting.reduce<KeytabEntry | undefined>(
      (best, entry) => (best === undefined || isMoreRecent(entry, best) ? entry : best),
      undefined,
    );
    return this.#best(
      query,
      fitting.filter(({ kvno }) => kvno === newest?.kvno),
    );
  }

  /**
   * Gives the entry that {@link find} finds.
   *
   * @param query whose key, which version, which enctypes
   * @returns the entry
   * @throws CredentialError `KEYTAB_NO_KEY` that says what the keytab has instead
   */
  get(query: KeytabQuery): KeytabEntry {
    const entry = this.find(query);
    if (entry !== undefined) return entry;
    const name = formatPrincipal(query.principal);
    const own = this.entries.filter(({ principal }) => equalPrincipals(principal, query.principal));
    const has =
      own.length === 0
        ? `it has keys of ${this.principals.slice(0, 5).map(formatPrincipal).join(", ") || "nobody"}`
        : `it has ${own.map(({ kvno, keyBlock }) => `kvno ${kvno} ${enctypeName(keyBlock.etype)}`).join(", ")}`;
    const wanted = [
      query.kvno === undefined ? "" : ` with kvno ${query.kvno}`,
      query.etype === undefined ? "" : ` of ${enctypeName(query.etype)}`,
    ].join("");
    throw new CredentialError(
      "KEYTAB_NO_KEY",
      `the keytab has no usable key of ${name}${wanted} (${has}); write the key with kadmin's ktadd or with \`krb5-remctl keytab add\``,
      {
        principal: name,
        ...(query.kvno === undefined ? {} : { kvno: query.kvno }),
        ...(query.etype === undefined ? {} : { etype: query.etype }),
      },
    );
  }

  /**
   * Finds every key of a principal that fits, best enctype first, newest version first.
   *
   * @param wanted whose keys, which version, which enctypes
   * @returns the entries
   */
  findAll(wanted: KeytabQuery): KeytabEntry[] {
    const query = resolved(wanted);
    const entries = this.#fitting(query).filter(({ kvno }) => versionFit(query.kvno, kvno) !== undefined);
    return entries.sort((a, b) => {
      if (a.kvno !== b.kvno) return isMoreRecent(a, b) ? -1 : 1;
      return rank(query, a) - rank(query, b);
    });
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
   */
  without(query: Omit<KeytabQuery, "enctypes">): Keytab {
    return new Keytab(
      this.entries.filter(
        ({ principal, kvno, keyBlock }) =>
          !equalPrincipals(principal, query.principal) ||
          (query.kvno !== undefined && query.kvno !== kvno) ||
          (query.etype !== undefined && query.etype !== keyBlock.etype),
      ),
    );
  }

  #fitting(query: ResolvedQuery): KeytabEntry[] {
    return this.entries.filter(
      ({ principal, keyBlock: { etype } }) =>
        equalPrincipals(principal, query.principal) &&
        (query.etype === undefined || query.etype === etype) &&
        (query.etypes === undefined || query.etypes.includes(etype)),
    );
  }

  #best(query: ResolvedQuery, entries: readonly KeytabEntry[]): KeytabEntry | undefined {
    return entries.reduce<KeytabEntry | undefined>(
      (best, entry) => (best === undefined || rank(query, entry) < rank(query, best) ? entry : best),
      undefined,
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

/** The entries whose version fits best. */
function bestVersion(wanted: number, entries: readonly KeytabEntry[]): readonly KeytabEntry[] {
  const fit = ({ kvno }: KeytabEntry): number => versionFit(wanted, kvno) ?? Number.POSITIVE_INFINITY;
  // As arguments, the entries of a large keytab would not fit on the stack.
  const least = entries.reduce((best, entry) => Math.min(best, fit(entry)), Number.POSITIVE_INFINITY);
  return least === Number.POSITIVE_INFINITY ? [] : entries.filter((entry) => fit(entry) === least);
}

/** Where only eight bits of a version were kept, 1 may follow 255: then the timestamps decide. */
function isMoreRecent(a: KeytabEntry, b: KeytabEntry): boolean {
  if (a.kvno < 128 && b.kvno > 240 && b.kvno < 256) return a.timestamp > b.timestamp;
  if (b.kvno < 128 && a.kvno > 240 && a.kvno < 256) return !(b.timestamp > a.timestamp);
  return a.kvno > b.kvno;
}

function rank({ etypes }: ResolvedQuery, { keyBlock }: KeytabEntry): number {
  return etypes === undefined ? 0 : etypes.indexOf(keyBlock.etype);
}
