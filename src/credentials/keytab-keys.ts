import { CredentialError } from "../errors.ts";
import { enctypeName } from "../iana/index.ts";
import { type Enctypes, equalPrincipals, formatPrincipal, type Principal, versionFit } from "../krb5/index.ts";
import type { KeytabEntry } from "./keytab-format.ts";

/** Which key of a keytab is wanted. */
export interface KeytabQuery {
  /** Whose key is looked for. */
  readonly principal: Principal;
  /**
   * The version asked for; default, and for 0: the highest there is. An entry of version 0 fits any, and one with the
   * low eight bits of a version fits that where no entry has the whole, as in libkrb5.
   */
  readonly kvno?: number | undefined;
  /** The one enctype asked for. */
  readonly etype?: number | undefined;
  /** The enctypes that will do, best first, by name or number; default: any, in the order of the file. */
  readonly enctypes?: Enctypes | undefined;
}

/** A query with the numbers of its enctypes. */
export interface ResolvedQuery extends Omit<KeytabQuery, "enctypes"> {
  readonly etypes?: readonly number[] | undefined;
}

/** Finds keys of entries that were read: all that a login needs of a keytab. */
export interface KeytabKeys {
  /** As `Keytab.find`. */
  find(query: Omit<KeytabQuery, "enctypes">): KeytabEntry | undefined;
  /** As `Keytab.get`. */
  get(query: Omit<KeytabQuery, "enctypes">): KeytabEntry;
}

/** Finds keys of entries, without the class that programs have, whose checks a small bundle has no use for. */
export function keysOf(entries: readonly KeytabEntry[]): KeytabKeys {
  return { find: (query) => findKey(entries, query), get: (query) => keyOf(entries, query) };
}

/** The principals, each once, in the order of the entries. */
export function principalsOf(entries: readonly KeytabEntry[]): Principal[] {
  const found: Principal[] = [];
  for (const { principal } of entries) {
    if (!found.some((other) => equalPrincipals(other, principal))) found.push(principal);
  }
  return found;
}

/** As `Keytab.find`. */
export function findKey(entries: readonly KeytabEntry[], query: ResolvedQuery): KeytabEntry | undefined {
  const fitting = fittingOf(entries, query);
  if (query.kvno !== undefined && query.kvno !== 0) return best(query, bestVersion(query.kvno, fitting));
  const newest = fitting.reduce<KeytabEntry | undefined>(
    (latest, entry) => (latest === undefined || isMoreRecent(entry, latest) ? entry : latest),
    undefined,
  );
  return best(
    query,
    fitting.filter(({ kvno }) => kvno === newest?.kvno),
  );
}

/** As `Keytab.get`. Throws CredentialError. */
export function keyOf(entries: readonly KeytabEntry[], query: ResolvedQuery): KeytabEntry {
  const entry = findKey(entries, query);
  if (entry !== undefined) return entry;
  const { principal, kvno, etype } = query;
  const name = formatPrincipal(principal);
  const own = entries.filter((one) => equalPrincipals(one.principal, principal));
  const has =
    own.length === 0
      ? `it has keys of ${principalsOf(entries).slice(0, 5).map(formatPrincipal).join(", ") || "nobody"}`
      : `it has ${own.map((one) => `kvno ${one.kvno} ${enctypeName(one.keyBlock.etype)}`).join(", ")}`;
  const wanted = [
    kvno === undefined ? "" : ` with kvno ${kvno}`,
    etype === undefined ? "" : ` of ${enctypeName(etype)}`,
  ].join("");
  throw new CredentialError(
    "KEYTAB_NO_KEY",
    `the keytab has no usable key of ${name}${wanted} (${has}); write the key with kadmin's ktadd or with \`krb5-remctl keytab add\``,
    { principal: name, kvno, etype },
  );
}

/** As `Keytab.findAll`. */
export function findKeys(entries: readonly KeytabEntry[], query: ResolvedQuery): KeytabEntry[] {
  const found = fittingOf(entries, query).filter(({ kvno }) => versionFit(query.kvno, kvno) !== undefined);
  return found.sort((a, b) => {
    if (a.kvno !== b.kvno) return isMoreRecent(a, b) ? -1 : 1;
    return rank(query, a) - rank(query, b);
  });
}

function fittingOf(entries: readonly KeytabEntry[], query: ResolvedQuery): KeytabEntry[] {
  return entries.filter(
    ({ principal, keyBlock: { etype } }) =>
      equalPrincipals(principal, query.principal) &&
      (query.etype === undefined || query.etype === etype) &&
      (query.etypes === undefined || query.etypes.includes(etype)),
  );
}

function best(query: ResolvedQuery, entries: readonly KeytabEntry[]): KeytabEntry | undefined {
  return entries.reduce<KeytabEntry | undefined>(
    (first, entry) => (first === undefined || rank(query, entry) < rank(query, first) ? entry : first),
    undefined,
  );
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
  return etypes?.indexOf(keyBlock.etype) ?? 0;
}
