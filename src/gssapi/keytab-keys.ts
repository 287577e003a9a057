import { equalConstantTime, getUint32 } from "../bytes/index.ts";
import type { Keytab, KeytabEntry } from "../credentials/index.ts";
import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { equalPrincipals, formatPrincipal, type KeySource, type Principal, type ServiceKey } from "../krb5/index.ts";

/** One key of a keytab, once, whatever number of entries have it. */
interface OneKey {
  readonly key: ProtocolKey;
  readonly services: Principal[];
}

/** The keys of a keytab, each made ready once. */
export class KeytabKeys implements KeySource {
  readonly #keytab: Keytab;
  readonly #enctypes: EncTypeSet;
  readonly #byName = new Map<string, readonly ServiceKey[]>();
  readonly #byEnctype = new Map<number, readonly ServiceKey[]>();
  /** By entry: entries with the same key have the same value. */
  #keys: ReadonlyMap<KeytabEntry, OneKey> | undefined;

  /** Keys of enctypes that are not in the set are ignored. */
  constructor(keytab: Keytab, enctypes: EncTypeSet) {
    this.#keytab = keytab;
    this.#enctypes = enctypes;
  }

  /** The principals of the keytab. */
  get principals(): readonly Principal[] {
    return this.#keytab.principals;
  }

  keysOf(service: Principal): readonly ServiceKey[] {
    const name = formatPrincipal(service);
    let keys = this.#byName.get(name);
    if (keys === undefined) {
      keys = this.#ready(this.#keytab.findAll({ principal: service, enctypes: this.#enctypes.permitted }));
      // Names that strangers send are not kept.
      if (keys.length > 0) this.#byName.set(name, keys);
    }
    return keys;
  }

  keysFor(etype: number): readonly ServiceKey[] {
    if (!this.#enctypes.permitted.includes(etype)) return [];
    let keys = this.#byEnctype.get(etype);
    if (keys === undefined) {
      keys = this.#ready(this.#keytab.entries.filter(({ keyBlock }) => keyBlock.etype === etype));
      this.#byEnctype.set(etype, keys);
    }
    return keys;
  }

  #ready(entries: readonly KeytabEntry[]): readonly ServiceKey[] {
    this.#keys ??= keysOfEntries(this.#keytab.entries, this.#enctypes);
    const keys = this.#keys;
    return entries.flatMap((entry) => {
      const one = keys.get(entry);
      return one === undefined ? [] : [{ kvno: entry.kvno, ...one }];
    });
  }
}

function keysOfEntries(entries: readonly KeytabEntry[], enctypes: EncTypeSet): ReadonlyMap<KeytabEntry, OneKey> {
  const keys = new Map<KeytabEntry, OneKey>();
  // By a few octets of the key: no text of a whole one is made, which nobody could wipe.
  const alike = new Map<number, OneKey[]>();
  for (const entry of entries) {
    const { etype, octets } = entry.keyBlock;
    // What is not a key of its enctype opens nothing.
    if (!enctypes.permitted.includes(etype) || octets.length !== enctypes.get(etype).keyBytes) continue;
    const start = getUint32(octets, 0);
    const others = alike.get(start) ?? [];
    alike.set(start, others);
    let one = others.find(({ key }) => key.encType.etype === etype && equalConstantTime(key.octets, octets));
    if (one === undefined) {
      one = { key: enctypes.importKey(etype, octets), services: [] };
      others.push(one);
    }
    keys.set(entry, one);
    if (!one.services.some((other) => equalPrincipals(other, entry.principal))) one.services.push(entry.principal);
  }
  return keys;
}
