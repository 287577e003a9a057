import type { ServerAddress } from "./kdc-address.ts";
import { Libdefaults } from "./libdefaults.ts";
import type { Profile } from "./profile.ts";
import { RealmConfig } from "./realm.ts";

/** A krb5.conf, or several as one, with names and types for what the library uses. */
export class Krb5Config {
  /** Everything, unknown sections and tags included. */
  readonly profile: Profile;
  /** `[libdefaults]`, without the blocks of single realms. */
  readonly libdefaults: Libdefaults;
  #domains: ReadonlyMap<string, string> | undefined;

  /** Reads nothing yet; {@link parseKrb5Conf} makes one from text. */
  constructor(profile: Profile) {
    this.profile = profile;
    this.libdefaults = new Libdefaults(profile);
  }

  /** `[libdefaults]` as it is for a client of one realm. */
  libdefaultsOf(realm: string): Libdefaults {
    return new Libdefaults(this.profile, realm);
  }

  /** The names in `[realms]`. */
  get realms(): readonly string[] {
    return this.profile.names(["realms"]);
  }

  /** The block of a realm; undefined if there is none. */
  getRealm(realm: string): RealmConfig | undefined {
    return this.profile.hasSection(["realms", realm]) ? new RealmConfig(this.profile, realm) : undefined;
  }

  /**
   * The KDCs that the file names for a realm, in its order; where it names a primary one alone and DNS may not be asked, that one.
   * None if it names none.
   */
  kdcs(realm: string): readonly ServerAddress[] {
    const block = this.getRealm(realm);
    const named = block?.kdcs ?? [];
    // DNS may know more of them, and goes before the primary one, as with MIT.
    return named.length > 0 || this.libdefaults.dnsLookupKdc ? named : (block?.primaryKdcs ?? []);
  }

  /**
   * The realm of a host by `[domain_realm]`: the entry for the host itself, then for `.domain` and `domain` of each parent
   * in turn. An address is looked up whole. Undefined if no entry fits.
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
   * The realms between a client's and a server's by `[capaths]`, in order: none if there is a direct key, undefined if the
   * file says nothing about the two.
   */
  capaths(clientRealm: string, serverRealm: string): readonly string[] | undefined {
    const relations = this.profile.values(["capaths", clientRealm, serverRealm]);
    if (relations.length === 0) return undefined;
    return relations.flatMap((value) => value.split(/\s+/)).filter((realm) => realm !== "" && realm !== ".");
  }

  /**
   * The value of an option for a program by `[appdefaults]`: for the program and the realm, for the program, for the realm, for
   * all, whichever is there first. Undefined if none is.
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
