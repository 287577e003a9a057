import { encodeHex, encodeText, setUint32, wipe } from "../../bytes/index.ts";
import { checkString } from "../../checks/index.ts";
import type { EncTypeSet } from "../../crypto/index.ts";
import { etypesOf } from "../../krb5/index.ts";
import { Aliases, refuseTaken } from "./aliases.ts";
import { checkKerberosDate } from "./date-check.ts";
import type { Entry, StoredKey } from "./entry.ts";
import { formatComponents, isSameName, parseComponents } from "./names.ts";
import { checkPrincipal, checkPrincipalChange } from "./option-check.ts";
import type { PrincipalChange, TestPrincipalOptions } from "./options.ts";

/** The principals of one realm. Keys are in memory only. */
export class Database {
  readonly #encTypes: EncTypeSet;
  readonly #now: () => Date;
  readonly #realm: string | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #aliases = new Aliases();
  /** As Active Directory numbers its accounts: a name that is made again is another account. */
  #nextNumber = 1001;

  /** `realm` may stand after the names of its principals; without it they have none. */
  constructor(encTypes: EncTypeSet, now: () => Date, realm?: string) {
    this.#encTypes = encTypes;
    this.#now = now;
    this.#realm = realm;
  }

  get names(): string[] {
    return [...this.#entries.keys()];
  }

  get entries(): Entry[] {
    return [...this.#entries.values()];
  }

  /** Adds a principal or takes another's place. A password's keys are made here, once. */
  async add(name: string, options: TestPrincipalOptions = {}): Promise<Entry> {
    const components = parseComponents(name, this.#realm);
    checkPrincipal(name, options, this.#encTypes.permitted);
    this.#refuseTaken(components, options, this.find(components));
    const kvno = options.kvno ?? 1;
    const made = {
      components,
      number: this.#nextNumber++,
      options,
      keys: await this.#makeKeys(options, kvno),
      kvno,
      failures: 0,
      usedCodes: new Set<string>(),
    };
    this.remove(name);
    this.#entries.set(formatComponents(components), made);
    this.#aliases.set(made);
    return made;
  }

  /** Adds a principal whose keys are known: the one that two realms share. */
  addShared(components: readonly string[], keys: readonly StoredKey[]): Entry {
    const made = {
      components,
      number: this.#nextNumber++,
      options: {},
      keys,
      kvno: keys[0]?.kvno ?? 1,
      failures: 0,
      usedCodes: new Set<string>(),
    };
    this.#entries.set(formatComponents(components), made);
    return made;
  }

  remove(name: string): void {
    const entry = this.find(parseComponents(name, this.#realm));
    if (entry === undefined) return;
    this.#entries.delete(formatComponents(entry.components));
    this.#aliases.forget(entry);
  }

  /** The principal of exactly this name. */
  find(components: readonly string[]): Entry | undefined {
    return this.#entries.get(formatComponents(components));
  }

  /** The principal that has this other name. */
  findAlias(components: readonly string[]): Entry | undefined {
    return this.#aliases.get(components.join("/"));
  }

  /** The principal of a name as text; throws `RangeError` for an unknown one. */
  get(name: string): Entry {
    // An alias may have an @ that does not begin a realm: an enterprise name (RFC 6806 section 5).
    const entry = this.#aliases.get(name) ?? this.find(parseComponents(name, this.#realm));
    if (entry === undefined) {
      throw new RangeError(`the test realm has no principal ${JSON.stringify(name)}; it has ${this.names.join(", ")}`);
    }
    return entry;
  }

  /** Changes what is known of a principal, its keys not. */
  change(entry: Entry, options: PrincipalChange): void {
    checkPrincipalChange(formatComponents(entry.components), options);
    this.#refuseTaken(entry.components, options, entry);
    entry.options = { ...entry.options, ...options };
    entry.failures = 0;
    this.#aliases.set(entry);
  }

  /** New random keys under the next version; the old ones still open tickets that were sealed with them. */
  rotate(entry: Entry): void {
    if (entry.options.password !== undefined) {
      throw new RangeError("this principal has a password: change that, with setPassword");
    }
    entry.kvno++;
    entry.keys = [...this.#randomKeys(entry.options, entry.kvno), ...entry.keys];
  }

  /** A new password under the next version. It has not expired, even if the one before had. */
  async setPassword(entry: Entry, password: string, passwordExpires?: Date): Promise<void> {
    const name = formatComponents(entry.components);
    checkString(`the new password of ${name}`, password);
    if (passwordExpires !== undefined) checkKerberosDate(`passwordExpires of ${name}`, passwordExpires);
    const { salt: _salt, passwordExpires: before, ...options } = entry.options;
    const made = await this.#makeKeys({ ...options, password }, entry.kvno + 1);
    const expiry = passwordExpires ?? (before !== undefined && before > this.#now() ? before : undefined);
    entry.options = { ...options, password, ...(expiry === undefined ? {} : { passwordExpires: expiry }) };
    entry.kvno++;
    entry.keys = [...made, ...entry.keys];
  }

  /** Random keys for a name that another realm gets too. */
  makeSharedKeys(etypes: readonly number[]): StoredKey[] {
    return this.#randomKeys({ enctypes: etypes }, 1);
  }

  /** Forgets every key. */
  wipe(): void {
    for (const { keys } of this.#entries.values()) for (const { key } of keys) key.wipe();
    this.#entries.clear();
    this.#aliases.clear();
  }

  /** `own` is the principal that may have these names. */
  #refuseTaken(components: readonly string[], { aliases = [] }: TestPrincipalOptions, own: Entry | undefined): void {
    const name = formatComponents(components);
    refuseTaken(name, this.findAlias(components), own);
    for (const alias of aliases) {
      refuseTaken(`${alias}, an alias of ${name},`, this.#aliases.get(alias) ?? this.find(alias.split("/")), own);
    }
  }

  #randomKeys(options: TestPrincipalOptions, kvno: number): StoredKey[] {
    const made = this.#now();
    return this.#etypesOf(options).map((etype) => ({ etype, kvno, key: this.#encTypes.generateKey(etype), made }));
  }

  async #makeKeys(options: TestPrincipalOptions, kvno: number): Promise<StoredKey[]> {
    const { password, iterations } = options;
    if (password === undefined) return this.#randomKeys(options, kvno);
    const { provider } = this.#encTypes;
    const salt = options.salt ?? encodeHex(provider.randomBytes(8));
    const made = this.#now();
    const keys: StoredKey[] = [];
    for (const etype of this.#etypesOf(options)) {
      const type = this.#encTypes.get(etype);
      const octets = await type.stringToKey(
        provider,
        encodeText(password),
        encodeText(salt),
        iterations === undefined ? undefined : encodeIterations(iterations),
        { allowWeakIterations: true },
      );
      const key = type.importKey(provider, octets);
      wipe(octets);
      keys.push({ etype, kvno, key, salt, made, ...(iterations === undefined ? {} : { iterations }) });
    }
    return keys;
  }

  #etypesOf({ enctypes }: TestPrincipalOptions): readonly number[] {
    if (enctypes === undefined) return this.#encTypes.permitted;
    const etypes = etypesOf("enctypes", enctypes);
    return this.#encTypes.permitted.filter((etype) => etypes.includes(etype));
  }
}

/** The keys of the newest version. */
export function currentKeys(entry: Entry): readonly StoredKey[] {
  return entry.keys.filter(({ kvno }) => kvno === entry.kvno);
}

/** The key that tickets for this principal are sealed with: the realm's most preferred. */
export function serviceKey(entry: Entry): StoredKey | undefined {
  return entry.keys[0];
}

/**
 * The key of a ticket that was presented (RFC 4120 section 5.2.9): by enctype, and by version where the ticket says
 * one.
 */
export function findKey(entry: Entry, etype: number, kvno: number | undefined): StoredKey | undefined {
  return entry.keys.find((key) => key.etype === etype && (kvno === undefined || key.kvno === kvno));
}

/** Whether an entry is the principal of this name, by any of its names. */
export function answersTo(entry: Entry, components: readonly string[]): boolean {
  return isSameName(entry.components, components) || (entry.options.aliases?.includes(components.join("/")) ?? false);
}

/**
 * String-to-key parameters of the AES enctypes: the rounds in four octets, big-endian (RFC 3962 section 4, RFC 8009
 * section 4).
 */
export function encodeIterations(iterations: number): Uint8Array {
  const octets = new Uint8Array(4);
  setUint32(octets, 0, iterations);
  return octets;
}
