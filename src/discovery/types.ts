import type { Krb5Config } from "../config/index.ts";
import type { Dial, Fetch, Runtime } from "../host/index.ts";
import type { Trace } from "../trace.ts";

/**
 * Which resolver is asked: `"system"`: those that the host names in its resolv.conf; the address of one, as
 * `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:53`; the `https:` URL of one (RFC 8484), which needs nothing but
 * `fetch`; a list of addresses; `false`: none.
 */
export type DnsOption = "system" | (string & {}) | readonly string[] | false;

/** Options for {@link createLocator}. */
export interface LocatorOptions {
  /** Without one, everything is as an empty krb5.conf has it. */
  readonly config?: Krb5Config | undefined;
  readonly runtime: Runtime;
  /** Replaces the runtime's TCP; UDP is not used then, as in `createKdcTransport`. */
  readonly dial?: Dial | undefined;
  /** Replaces the runtime's `fetch`, for DNS over HTTPS. */
  readonly fetch?: Fetch | undefined;
  /** Default `"system"`. A resolver that is named is asked for addresses too; see {@link Locator.runtime}. */
  readonly dns?: DnsOption | undefined;
  /** The site of an Active Directory that this host is in. Default: `dns_site` of the configuration, else none. */
  readonly site?: string | undefined;
  readonly trace?: Trace | undefined;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** At least 0 and below 1: the choice by weight. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Options for every search. */
export interface SearchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default: that of the locator. */
  readonly trace?: Trace | undefined;
}

/** Where a service runs, by its SRV records (RFC 2782). */
export interface ServiceHost {
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
}

/** Finds servers and realms. */
export interface Locator {
  /**
   * The runtime, with connections to all addresses of a name as RFC 8305 says, where the host lets us see them; names
   * are looked up with the resolver that the user named, else with the host's own.
   */
  readonly runtime: Runtime;
  /**
   * The KDCs of a realm in the order to try, in the form that `createKdcTransport` takes: those of the configuration;
   * if it names none and `dns_lookup_kdc` is not false, those of the URI records, else of the SRV records; at last its
   * `primary_kdc`. None if nothing is known.
   */
  kdcs(realm: string, options?: SearchOptions): Promise<readonly string[]>;
  /** The KDCs that have the newest passwords; none if nothing is known. */
  primaryKdcs(realm: string, options?: SearchOptions): Promise<readonly string[]>;
  /** The password servers of a realm, likewise: `kpasswd_server`, or `admin_server` with port 464, or DNS. */
  kpasswdServers(realm: string, options?: SearchOptions): Promise<readonly string[]>;
  /**
   * The `fetch` for the HTTPS proxies of a realm: one that trusts its `http_anchors` alone; undefined if the realm has
   * no anchors. Throws ConfigError for anchors that cannot be had, TransportError `UNSUPPORTED_BY_RUNTIME` where they
   * cannot be chosen.
   */
  fetchOf(realm: string): Promise<Fetch | undefined>;
  /**
   * The realm of a host: `[domain_realm]`; TXT records if `dns_lookup_realm` is true; else `""`, which asks the KDC for
   * a referral.
   */
  realmOfHost(host: string, options?: SearchOptions): Promise<string>;
  /**
   * The name of a host to make its principal with: as given, unless `dns_canonicalize_hostname` is true in so many
   * words; then what DNS calls it, and with `rdns` the name of its address.
   */
  canonicalHost(host: string, options?: SearchOptions): Promise<string>;
  /**
   * The hosts of a service by its SRV records, for example `_remctl._tcp.example.org`, in the order to try. Undefined:
   * the records are missing. None: the domain says that it does not offer the service.
   */
  serviceHosts(
    service: string,
    protocol: "tcp" | "udp",
    domain: string,
    options?: SearchOptions,
  ): Promise<readonly ServiceHost[] | undefined>;
}
