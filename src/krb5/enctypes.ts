import { type EncType, strongEncTypes } from "../crypto/index.ts";
import { ENCTYPES, enctypeName, findEnctype } from "../iana/index.ts";

/**
 * Encryption types, best first: each by its registered name, an alias (`aes256-sha1`), its number (RFC 3961 section 8),
 * or as a value, for those that are not built in: those of `krb5-remctl/legacy-enctypes`, or one of your own.
 */
export type Enctypes = readonly (string | number | EncType)[];

/**
 * The numbers of the enctypes that an option names, in its order, each once; with `known`, of these only. Text is not
 * quoted in an error: it may be anything.
 *
 * @throws TypeError if the option is not a list of names and numbers. RangeError if it is empty or has an enctype that
 *   is not known.
 */
export function etypesOf(option: string, enctypes: unknown, known?: readonly number[]): readonly number[] {
  if (!Array.isArray(enctypes)) throw new TypeError(`${option} is not a list: give enctypes by name or number`);
  if (enctypes.length === 0) throw new RangeError(`${option} is empty: name at least one enctype`);
  const found = (enctypes as readonly unknown[]).map((one, at) => resolved(option, one, known, ` at index ${at}`));
  return [...new Set(found)];
}

/**
 * The deprecated enctypes that the option `login` names: by a name of theirs, or by the word that krb5.conf has for
 * them (`rc4`, `des3`). Throws as {@link etypesOf}.
 */
export function weakEtypesOf(login: Enctypes): readonly number[] {
  const weak = ENCTYPES.filter(({ isDeprecated }) => isDeprecated);
  const ofFamily = (one: unknown): unknown =>
    weak.find(({ families }) => families.includes(one as string))?.etype ?? one;
  const known = weak.map(({ etype }) => etype);
  return etypesOf("login", Array.isArray(login) ? login.map(ofFamily) : login, known);
}

/** The number of one enctype. Throws as {@link etypesOf}. */
export function etypeOf(option: string, enctype: unknown, known?: readonly number[]): number {
  return resolved(option, enctype, known, "");
}

/**
 * The enctypes that a caller permits: of those that are built in, default all, and those given as values. Throws as
 * {@link etypesOf}.
 */
export function permittedTypes(enctypes: Enctypes | undefined): readonly EncType[] {
  if (enctypes === undefined) return strongEncTypes;
  const given = Array.isArray(enctypes) ? enctypes.filter(isEncType) : [];
  const rows = new Map([...strongEncTypes, ...given].map((type) => [type.etype, type]));
  return etypesOf("enctypes", enctypes, [...rows.keys()]).map((etype) => rows.get(etype) as EncType);
}

function resolved(option: string, enctype: unknown, known: readonly number[] | undefined, where: string): number {
  if (isEncType(enctype)) return resolved(option, enctype.etype, known, where);
  if (typeof enctype !== "string" && typeof enctype !== "number") {
    const kind = enctype === null ? "null" : typeof enctype;
    throw new TypeError(`${option} has ${kind}${where}: give the name or the number of an enctype`);
  }
  const etype = typeof enctype === "number" ? enctype : findEnctype(enctype, ENCTYPES)?.etype;
  if (etype !== undefined && (etype | 0) === etype && known?.includes(etype) !== false) return etype;
  const what = etype === undefined ? `an unknown name${where}` : enctypeName(etype);
  const names = (known ?? ENCTYPES.map((row) => row.etype)).map(enctypeName);
  throw new RangeError(`${option} has ${what}: give ${names.join(", ")}`);
}

function isEncType(value: unknown): value is EncType {
  const { etype, importKey } = Object(value) as Partial<EncType>;
  return typeof etype === "number" && typeof importKey === "function";
}
