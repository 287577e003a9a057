import { shownPlace } from "../bytes/index.ts";
import { ConfigError } from "../errors.ts";

/** One `tag = value`. */
export interface Relation {
  /** The name of the tag. */
  readonly name: string;
  /** Its value, without quotes. */
  readonly value: string;
  /** The file that it stands in, if that is known. */
  readonly file?: string;
  /** Its line there, from 1. */
  readonly line: number;
}

/** A section or a `tag = { ... }`: its relations and sub-sections, each in the order of the file. */
export class Section {
  readonly name: string;
  readonly relations: Relation[] = [];
  readonly sections: Map<string, Section> = new Map();
  /** A file may have 50,000 values in one section, each of which is looked up. */
  readonly #byName = new Map<string, Relation[]>();
  /** Marked with `*`: files after this one do not add to it. */
  isFinal = false;

  constructor(name: string) {
    this.name = name;
  }

  /** The sub-section of this name, made if need be: the same name twice is one section. */
  open(name: string): Section {
    let section = this.sections.get(name);
    if (section === undefined) {
      section = new Section(name);
      this.sections.set(name, section);
    }
    return section;
  }

  /** Adds a value after those that are there. */
  add(relation: Relation): void {
    this.relations.push(relation);
    if (this.#byName.get(relation.name)?.push(relation) === undefined) this.#byName.set(relation.name, [relation]);
  }

  /** Gives the relations of one name, in the order of the file. */
  named(name: string): readonly Relation[] {
    return this.#byName.get(name) ?? [];
  }
}

/**
 * Configuration as sections and values, from one file or several. Where several files have a tag, all its values count
 * and those of an earlier file come first, unless a section there is final (`*`).
 */
export class Profile {
  readonly #roots: readonly Section[];

  /** {@link parseKrb5Conf} makes one. The sections are one a file, in the order of preference. */
  constructor(roots: readonly Section[]) {
    this.#roots = roots;
  }

  /**
   * Finds every value at a path of names.
   *
   * @param path for example `["realms", "EXAMPLE.ORG", "kdc"]`
   * @returns each value with its place
   */
  relations(path: readonly string[]): Relation[] {
    const name = path.at(-1) ?? "";
    return [...this.#sections(path.slice(0, -1))].flatMap((section) => section.named(name));
  }

  /**
   * Finds every value at a path of names.
   *
   * @param path for example `["realms", "EXAMPLE.ORG", "kdc"]`
   * @returns the values alone
   */
  values(path: readonly string[]): string[] {
    return this.relations(path).map(({ value }) => value);
  }

  /**
   * Finds the first value at a path of names, which is the one that counts for a tag with one value.
   *
   * @param path for example `["libdefaults", "default_realm"]`
   * @returns the value with its place; undefined if the file lacks it
   */
  first(path: readonly string[]): Relation | undefined {
    return this.relations(path)[0];
  }

  /**
   * Finds the first value of every tag of a section.
   *
   * @param path for example `["domain_realm"]`
   * @returns the values with their places, by their tags
   */
  firsts(path: readonly string[]): Map<string, Relation> {
    const found = new Map<string, Relation>();
    for (const section of this.#sections(path)) {
      for (const relation of section.relations) {
        if (!found.has(relation.name)) found.set(relation.name, relation);
      }
    }
    return found;
  }

  /**
   * Finds the names of all tags and sub-sections in a section, each once.
   *
   * @param path for example `["realms"]`
   * @returns the names
   */
  names(path: readonly string[]): string[] {
    const names = new Set<string>();
    for (const section of this.#sections(path)) {
      for (const name of section.sections.keys()) names.add(name);
      for (const { name } of section.relations) names.add(name);
    }
    return [...names];
  }

  /**
   * Finds the names of the sub-sections of a section, each once.
   *
   * @param path for example `["realms"]`
   * @returns the names
   */
  sectionNames(path: readonly string[]): string[] {
    return [...new Set([...this.#sections(path)].flatMap((section) => [...section.sections.keys()]))];
  }

  /**
   * Looks whether any file has a section.
   *
   * @param path for example `["realms", "EXAMPLE.ORG"]`
   * @returns whether one has
   */
  hasSection(path: readonly string[]): boolean {
    return this.#sections(path).next().done === false;
  }

  *#sections(path: readonly string[]): Generator<Section> {
    for (const root of this.#roots) {
      let section: Section | undefined = root;
      let isFinal = false;
      for (const name of path) {
        section = section.sections.get(name);
        if (section === undefined) break;
        if (section.isFinal) isFinal = true;
      }
      if (section !== undefined) yield section;
      if (isFinal) return;
    }
  }
}

/** The error for a value that does not read as what its tag needs. */
export function badValue({ name, value, file, line }: Relation, expected: string): ConfigError {
  // A longer one is not a value of this kind at all, and may be anything.
  const shown = value.length > 60 ? `a value of ${value.length} characters` : shownPlace(value);
  return new ConfigError(`${name} = ${shown}: expected ${expected}`, { line, key: name, path: file });
}
