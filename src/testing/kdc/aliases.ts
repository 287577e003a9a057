import type { Entry } from "./entry.ts";
import { formatComponents } from "./names.ts";

/** Other names of a realm's principals, as their options have them. */
export class Aliases {
  readonly #owners = new Map<string, Entry>();

  get(alias: string): Entry | undefined {
    return this.#owners.get(alias);
  }

  /** The aliases that a principal's options name, and no others. */
  set(entry: Entry): void {
    this.forget(entry);
    for (const alias of entry.options.aliases ?? []) this.#owners.set(alias, entry);
  }

  forget(entry: Entry): void {
    for (const [alias, owner] of this.#owners) if (owner === entry) this.#owners.delete(alias);
  }

  clear(): void {
    this.#owners.clear();
  }
}

/**
 * A name leads to one principal: throws `TypeError` if it is one of `owner`, and `own`, whose name it would be, is
 * another.
 */
export function refuseTaken(what: string, owner: Entry | undefined, own: Entry | undefined): void {
  if (owner === undefined || owner === own) return;
  throw new TypeError(`${what} is a name of ${formatComponents(owner.components)} already`);
}
