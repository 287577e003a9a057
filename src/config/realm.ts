import { parseServerAddress, type ServerAddress } from "./kdc-address.ts";
import { badValue, type Profile, type Relation } from "./profile.ts";
import { booleanOf } from "./values.ts";

const KDC_PORT = 88;
const KPASSWD_PORT = 464;
const KADMIN_PORT = 749;

/** One block of `[realms]`, each value read when it is asked for. Throws ConfigError for a value that does not read. */
export class RealmConfig {
  /** The realm's name. */
  readonly name: string;
  readonly #profile: Profile;

  /** Reads nothing yet; {@link Krb5Config.getRealm} makes one. */
  constructor(profile: Profile, name: string) {
    this.#profile = profile;
    this.name = name;
  }

  /** In the order of the file. */
  get kdcs(): readonly ServerAddress[] {
    return this.#servers("kdc", KDC_PORT);
  }

  /** The KDCs with the newest passwords: `primary_kdc`, or `master_kdc` in older files. */
  get primaryKdcs(): readonly ServerAddress[] {
    const servers = this.#servers("primary_kdc", KDC_PORT);
    return servers.length > 0 ? servers : this.#servers("master_kdc", KDC_PORT);
  }

  /** `kpasswd_server`, or else the hosts of `admin_server` with the port of password changes. */
  get kpasswdServers(): readonly ServerAddress[] {
    const servers = this.#servers("kpasswd_server", KPASSWD_PORT);
    return servers.length > 0 ? servers : this.adminServers.map((server) => ({ ...server, port: KPASSWD_PORT }));
  }

  /** `admin_server`, with 749 as the default port, in the order of the file. */
  get adminServers(): readonly ServerAddress[] {
    return this.#servers("admin_server", KADMIN_PORT);
  }

  /**
   * Where the certificates are that an HTTPS proxy's must lead to: `FILE:...`, `DIR:...` or `ENV:...`; see {@link
   * loadAnchors}.
   */
  get httpAnchors(): readonly Relation[] {
    return this.#profile.relations(["realms", this.name, "http_anchors"]);
  }

  /** `disable_encrypted_timestamp`: never send PA-ENC-TIMESTAMP to this realm. Default false. */
  get disableEncryptedTimestamp(): boolean {
    const relation = this.#profile.first(["realms", this.name, "disable_encrypted_timestamp"]);
    return relation === undefined ? false : booleanOf(relation);
  }

  /** `default_domain`, for names of Kerberos 4. */
  get defaultDomain(): string | undefined {
    return this.#profile.first(["realms", this.name, "default_domain"])?.value;
  }

  /**
   * Gives every value of any other tag of the block.
   *
   * @param tag the name of the tag
   * @returns the values in the order of the file
   */
  values(tag: string): readonly string[] {
    return this.#profile.values(["realms", this.name, tag]);
  }

  #servers(tag: string, port: number): ServerAddress[] {
    return this.#profile.relations(["realms", this.name, tag]).map((relation) => {
      const server = parseServerAddress(relation.value, port);
      if (server === undefined) throw badValue(relation, "host, host:port, [address]:port or https://host/path");
      return server;
    });
  }
}
