import type { ServerAddress } from "./kdc-address.ts";
import { Libdefaults } from "./libdefaults.ts";
import { oddValues } from "./odd-values.ts";
import type { Profile } from "./profile.ts";
import { RealmConfig } from "./realm.ts";

/** A krb5.conf, or several as one, with names and types for what the library uses. */
export class Krb5Config {
  /** Everything, unknown sections and tags included. */
  readonly profile: Profile;
  /** `[libdefaults]`, without the blocks of single realms. */
  readonly libdefaults: Libdefaults;
  readonly #oddLines: readonly string[];
  #domains: ReadonlyMap<string, string> | undefined;

  /** Reads nothing yet; {@link parseKrb5Conf} makes one from text. */
  constructor(profile: Profile, oddLines: readonly string[] = []) {
    this.profile = profile;
    this.libdefaults = new Libdefaults(profile);
    this.#oddLines = oddLines;
  }

  /**
   * What was ignored because it does not read, where libkrb5 passes over it too: a sentence each, with file and
   * line. The trace has them as well.
   */
  get warnings(): readonly string[] {
    return [...this.#oddLines, ...oddValues(this.profile)];
  }

  /**
   * Gives `[libdefaults]` as it is for clients of one realm.
   *
   * @param realm the realm of the clients
   * @returns the values, those of the realm's own block first
   */
  libdefaultsOf(realm: string): Libdefaults {
    return new Libdefaults(this.profile, realm);
  }

  /** The names in `[realms]`. */
  get realms(): readonly string[] {
    return this.profile.names(["realms"]);
  }

  /**
   * Gives the block of a realm in `[realms]`.
   *
   * @param realm the realm's name
   * @returns the block; undefined if the file lacks it
   */
  getRealm(realm: string): RealmConfig | undefined {
    return this.profile.hasSection(["realms", realm]) ? new RealmConfig(this.profile, realm) : undefined;
  }

  /**
   * Gives the KDCs that the file names for a realm, in its order. Where it names a primary KDC alone and DNS may not be
   * asked, that is the one.
   *
   * @param realm the realm's name
   * @returns their addresses; none if the file names none
   */
  kdcs(realm: string): readonly ServerAddress[] {
    const block = this.getRealm(realm);
    const named = block?.kdcs ?? [];
    // DNS may know more of them, and goes before the primary one, as with MIT.
    return named.length > 0 || this.libdefaults.dnsLookupKdc ? named : (block?.primaryKdcs ?? []);
  }

  /**
   * Finds the realm of a host by `[domain_realm]`: the entry for the host itself, then for `.domain` and `domain` of
   * each parent in turn. An address is looked up whole.
   *
   * @param host a name or an address
   * @returns the realm; undefined if no entry fits
   */
  domainRealm(host: string): string | undefined {
    const wanted = host.toLowerCase().replace(/\.$/, "");
    this.#domains ??= new Map(
      [...this.profile.firsts(["domain_realm"])].map(([tag, { value }]) => [tag.toLowerCase(), value]),
    );
    const isAddress = /^[\d.]+$|:/.test(wanted);
    let name: string | undefined = wanted;
    while (name !== undefined && name !== "") {
      const realm = this.#domains.get(name);
      if (realm !== undefined) return realm;
      if (isAddress) return undefined;
      const dot: number = name.startsWith(".") ? 0 : name.indexOf(".");
      if (dot < 0) return undefined;
      name = name.startsWith(".") ? name.slice(1) : name.slice(dot);
    }
    return undefined;
  }

  /**
   * Finds the realms between a client's and a server's by `[capaths]`.
   *
   * @param clientRealm where the way begins
   * @param serverRealm where it ends
   * @returns the realms in order: none if there is a direct key, undefined if the file says nothing about the two
   */
  capaths(clientRealm: string, serverRealm: string): readonly string[] | undefined {
    const relations = this.profile.values(["capaths", clientRealm, serverRealm]);
    if (relations.length === 0) return undefined;
    return relations.flatMap((value) => value.split(/\s+/)).filter((realm) => realm !== "" && realm !== ".");
  }

  /**
   * Finds the value of an option for a program by `[appdefaults]`: for the program and the realm, for the program, for
   * the realm, for all, whichever is there first.
   *
   * @param application the name of the program
   * @param option the name of the option
   * @param realm the realm that the program works in, if any
   * @returns the value; undefined if the file lacks it
   */
  appdefault(application: string, option: string, realm?: string): string | undefined {
    const paths = [
      ...(realm === undefined ? [] : [[application, realm]]),
      [application],
      ...(realm === undefined ? [] : [[realm]]),
      [],
    ];
    for (const path of paths) {
      const relation = this.profile.first(["appdefaults", ...path, option]);
      if (relation !== undefined) return relation.value;
    }
    return undefined;
  }
}
