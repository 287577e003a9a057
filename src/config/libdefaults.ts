import { DEFAULT_SKEW_SECONDS } from "../krb5/index.ts";
import { parseEnctypeList } from "./enctype-list.ts";
import { badValue, type Profile, type Relation } from "./profile.ts";
import { isSite, SITE_FORM } from "./site.ts";
import { durationOf, integerOf, parseBoolean, parseFlagBits } from "./values.ts";

const MAX_UDP_PREFERENCE = 32_700;

/**
 * `[libdefaults]`, each value read when it is asked for, with its default where the file says nothing. A block named
 * for a realm inside `[libdefaults]` comes first, if a realm was given. Throws ConfigError, with file, line and key,
 * for a value that does not read as what it must be.
 */
export class Libdefaults {
  readonly #profile: Profile;
  readonly #realm: string | undefined;
  /** Some are asked for at each exchange. */
  readonly #found = new Map<string, Relation | undefined>();

  /** Reads nothing yet; {@link Krb5Config.libdefaults} and {@link Krb5Config.libdefaultsOf} make one. */
  constructor(profile: Profile, realm?: string) {
    this.#profile = profile;
    this.#realm = realm;
  }

  /** The realm of names that have none. */
  get defaultRealm(): string | undefined {
    return this.#find("default_realm")?.value;
  }

  /**
   * SRV records for KDCs that `[realms]` does not name. Default true; the old `dns_fallback` counts where this is
   * absent.
   */
  get dnsLookupKdc(): boolean {
    return this.#boolean("dns_lookup_kdc", this.#boolean("dns_fallback", true));
  }

  /** TXT records for the realm of a host: anyone who can forge DNS can choose it. Default false. */
  get dnsLookupRealm(): boolean {
    return this.#boolean("dns_lookup_realm", this.#boolean("dns_fallback", false));
  }

  /** URI records before SRV. Default true. */
  get dnsUriLookup(): boolean {
    return this.#boolean("dns_uri_lookup", true);
  }

  /**
   * The site of an Active Directory that this host is in: its domain controllers are asked first. libkrb5 passes it
   * over.
   */
  get dnsSite(): string | undefined {
    const relation = this.#find("dns_site");
    if (relation === undefined) return undefined;
    if (!isSite(relation.value)) throw badValue(relation, SITE_FORM);
    return relation.value;
  }

  /**
   * Whether a service's host name is replaced by what DNS calls it. Default false, which DNS cannot abuse; libkrb5's is
   * true.
   */
  get dnsCanonicalizeHostname(): boolean | "fallback" {
    const relation = this.#find("dns_canonicalize_hostname");
    if (relation === undefined) return false;
    if (relation.value.toLowerCase() === "fallback") return "fallback";
    const value = parseBoolean(relation.value);
    if (value === undefined) throw badValue(relation, "true, false or fallback");
    return value;
  }

  /** Whether a reverse look-up follows. Default false; libkrb5's is true. */
  get rdns(): boolean {
    return this.#boolean("rdns", false);
  }

  /** `permitted_enctypes`, or undefined if the file does not say: numbers in order of preference. */
  get permittedEnctypes(): readonly number[] | undefined {
    return this.#enctypes("permitted_enctypes");
  }

  /** What an AS request asks for: `default_tkt_enctypes`, or else {@link permittedEnctypes}. */
  get tktEnctypes(): readonly number[] | undefined {
    return this.#enctypes("default_tkt_enctypes") ?? this.permittedEnctypes;
  }

  /** What a TGS request asks for: `default_tgs_enctypes`, or else {@link permittedEnctypes}. */
  get tgsEnctypes(): readonly number[] | undefined {
    return this.#enctypes("default_tgs_enctypes") ?? this.permittedEnctypes;
  }

  /** `allow_rc4`. Default false. */
  get allowRc4(): boolean {
    return this.#boolean("allow_rc4", false);
  }

  /** `allow_des3`. Default false. */
  get allowDes3(): boolean {
    return this.#boolean("allow_des3", false);
  }

  /** `allow_weak_crypto`. Default false. No weak enctype is built in, so that nothing hangs on it. */
  get allowWeakCrypto(): boolean {
    return this.#boolean("allow_weak_crypto", false);
  }

  /** Default one day. With 0 a KDC would give a ticket that has ended. */
  get ticketLifetimeSeconds(): number {
    const seconds = this.#duration("ticket_lifetime");
    const relation = this.#find("ticket_lifetime");
    if (seconds === 0 && relation !== undefined) {
      throw badValue(relation, "a second or more; take the line out for a day");
    }
    return seconds ?? 86_400;
  }

  /** Default 0: tickets are not renewable. */
  get renewLifetimeSeconds(): number {
    return this.#duration("renew_lifetime") ?? 0;
  }

  /** Whether logins ask for tickets that can be forwarded. Default false. */
  get forwardable(): boolean {
    return this.#boolean("forwardable", false);
  }

  /** Whether logins ask for tickets that can be proxied. Default false. */
  get proxiable(): boolean {
    return this.#boolean("proxiable", false);
  }

  /** Whether tickets are good from any address. Default true. */
  get noaddresses(): boolean {
    return this.#boolean("noaddresses", true);
  }

  /** Whether the KDC's clock is learned from its replies. Default true. */
  get kdcTimesync(): boolean {
    const relation = this.#find("kdc_timesync");
    if (relation === undefined) return true;
    // A number in libkrb5, of which only whether it is 0 counts.
    return /^-?\d+$/.test(relation.value) ? Number(relation.value) !== 0 : (parseBoolean(relation.value) ?? true);
  }

  /** Default 300. */
  get clockskewSeconds(): number {
    return this.#durationIfRead("clockskew") ?? DEFAULT_SKEW_SECONDS;
  }

  /** Requests of more octets than this go over TCP first. Default 1465, at most 32,700. */
  get udpPreferenceLimit(): number {
    const relation = this.#find("udp_preference_limit");
    if (relation === undefined) return 1_465;
    return Math.min(Math.max(integerOf(relation), 0), MAX_UDP_PREFERENCE);
  }

  /** Whether AS requests let the KDC name the client as it knows it. Default false. */
  get canonicalize(): boolean {
    return this.#boolean("canonicalize", false);
  }

  /** The default credential cache, with its `%{...}` not yet filled in. */
  get defaultCcacheName(): string | undefined {
    return this.#find("default_ccache_name")?.value;
  }

  /** The default keytab, with its `%{...}` not yet filled in. */
  get defaultKeytabName(): string | undefined {
    return this.#find("default_keytab_name")?.value;
  }

  /** The default client keytab, with its `%{...}` not yet filled in. */
  get defaultClientKeytabName(): string | undefined {
    return this.#find("default_client_keytab_name")?.value;
  }

  /** Where the KCM daemon listens; undefined if the file does not say, or says `-`. */
  get kcmSocket(): string | undefined {
    const path = this.#find("kcm_socket")?.value;
    return path === "-" ? undefined : path;
  }

  /** `verify_ap_req_nofail`. Default false. */
  get verifyApReqNofail(): boolean {
    return this.#boolean("verify_ap_req_nofail", false);
  }

  /** How many parent domains of a host may be tried as realms; -1: none. Default -1. */
  get realmTryDomains(): number {
    const value = this.#find("realm_try_domains")?.value ?? "";
    return /^-?\d{1,9}$/.test(value) ? Number(value) : -1;
  }

  /** Types of pre-authentication in the order to try; words that are not numbers are left out. */
  get preferredPreauthTypes(): readonly number[] | undefined {
    const value = this.#find("preferred_preauth_types")?.value;
    return value?.split(/[\s,]+/).flatMap((word) => (/^-?\d{1,9}$/.test(word) ? [Number(word)] : []));
  }

  /** Names of SPAKE's groups, best first (`spake_preauth_groups`); undefined if the file does not say. */
  get spakePreauthGroups(): readonly string[] | undefined {
    const value = this.#find("spake_preauth_groups")?.value;
    return value?.split(/[\s,]+/).filter((word) => word !== "");
  }

  /** KDC options that every login asks for (`kdc_default_options`), as bits; undefined if the file does not say. */
  get kdcDefaultOptions(): number | undefined {
    return parseFlagBits(this.#find("kdc_default_options")?.value ?? "");
  }

  /** Addresses that a ticket shall be good from beside the machine's own (`extra_addresses`). */
  get extraAddresses(): readonly string[] {
    const value = this.#find("extra_addresses")?.value ?? "";
    return value.split(/[\s,]+/).filter((word) => word !== "");
  }

  /** Seconds that a KDC request may take in all; undefined if the file does not say. */
  get requestTimeoutSeconds(): number | undefined {
    return this.#durationIfRead("request_timeout");
  }

  #find(name: string): Relation | undefined {
    if (!this.#found.has(name)) {
      const own = this.#realm === undefined ? undefined : this.#profile.first(["libdefaults", this.#realm, name]);
      this.#found.set(name, own ?? this.#profile.first(["libdefaults", name]));
    }
    return this.#found.get(name);
  }

  #boolean(name: string, otherwise: boolean): boolean {
    const relation = this.#find(name);
    // libkrb5 takes any other word for false; `Krb5Config.warnings` tells of it.
    return relation === undefined ? otherwise : (parseBoolean(relation.value) ?? false);
  }

  #duration(name: string): number | undefined {
    const relation = this.#find(name);
    return relation === undefined ? undefined : durationOf(relation);
  }

  /** Of a value that does not read the default counts; `Krb5Config.warnings` tells of it. */
  #durationIfRead(name: string): number | undefined {
    try {
      return this.#duration(name);
    } catch {
      return undefined;
    }
  }

  #enctypes(name: string): readonly number[] | undefined {
    const relation = this.#find(name);
    if (relation === undefined) return undefined;
    const { enctypes } = parseEnctypeList(relation.value);
    if (enctypes.length === 0) throw badValue(relation, "at least one known enctype");
    return enctypes;
  }
}
