import { Krb5Config, loadAnchors, Profile, type ServerAddress } from "../config/index.ts";
import { hasCode, UnsupportedError } from "../errors.ts";
import type { Fetch } from "../host/index.ts";
import type { Trace } from "../trace.ts";
import { parseEndpoint, type Transport, transports } from "../transport/index.ts";
import { canonicalHost } from "./canonical-host.ts";
import type { DnsAnswer, RecordType, Resolver } from "./dns/index.ts";
import { parseDnsOption } from "./dns/server.ts";
import { endpointTexts } from "./endpoints.ts";
import { realmByText } from "./host-realm.ts";
import { addressesInHostsFile } from "./hosts-file.ts";
import { lookUpWith, resolvingRuntime } from "./resolving-runtime.ts";
import { endpointsOfSrv, hostsOfSrv, serversOfUri } from "./server-records.ts";
import { checkSite, nearFirst, siteRecords } from "./site.ts";
import type { Locator, LocatorOptions, SearchOptions } from "./types.ts";

/** What is looked for in DNS: the labels of URI and SRV records, and the port where a URI names none. */
interface Labels {
  readonly uri: string;
  readonly srv: string;
  readonly defaultPort: number;
}

const kdc: Labels = { uri: "_kerberos", srv: "_kerberos", defaultPort: 88 };
const primaryKdc: Labels = { uri: "_kerberos", srv: "_kerberos-master", defaultPort: 88 };
const kpasswd: Labels = { uri: "_kpasswd", srv: "_kpasswd", defaultPort: 464 };
/** Many times what the cache of DNS answers has names. */
const MAX_FROM_DNS = 4_096;

/**
 * Makes a {@link Locator}. Nothing is looked up, and no DNS code is loaded, before something is asked that the
 * configuration does not answer. Throws `TypeError` for a `dns` that names no resolver: the caller's mistake.
 *
 * ```ts
 * import { createKdcTransport } from "../transport/index.ts";
 *
 * const locator = createLocator({ config, runtime });
 * const transport = createKdcTransport({ runtime: locator.runtime, kdcs: locator.kdcs });
 * ```
 */
export function createLocator(options: LocatorOptions): Locator {
  return new ConfiguredLocator(options);
}

class ConfiguredLocator implements Locator {
  readonly runtime: LocatorOptions["runtime"];
  readonly #options: LocatorOptions;
  readonly #config: Krb5Config;
  readonly #trace: Trace;
  readonly #random: () => number;
  readonly #servers: ReturnType<typeof parseDnsOption>;
  #resolver: Resolver | undefined;
  /** Names of servers that DNS gave, in small letters: they are absolute, and no search list makes others of them. */
  readonly #fromDns = new Set<string>();
  readonly #fetches = new Map<string, Fetch>();

  constructor(options: LocatorOptions) {
    this.#options = options;
    this.#config = options.config ?? new Krb5Config(new Profile([]));
    this.#trace = options.trace ?? (() => {});
    this.#random = options.random ?? Math.random;
    this.#servers = parseDnsOption(options.dns);
    if (options.site !== undefined) checkSite("site", options.site);
    this.runtime = this.#resolvingRuntime();
  }

  readonly kdcs = async (realm: string, options: SearchOptions = {}): Promise<readonly string[]> => {
    const configured = this.#configured(this.#config.kdcs(realm), options);
    if (configured.length > 0) return configured;
    // If only the primary KDC is configured, it is a KDC like any other. DNS comes first, as in MIT: it lists them all.
    const primary = this.#configured(this.#config.getRealm(realm)?.primaryKdcs ?? [], options);
    if (primary.length === 0) return this.#searchKdcs(realm, options);
    const found = await this.#searchKdcs(realm, options).catch((error: unknown) => {
      if (options.signal?.aborted === true) throw error;
      (options.trace ?? this.#trace)({ type: "note", text: `${String(error)}: the primary KDC is asked` });
      return [];
    });
    return found.length > 0 ? found : primary;
  };

  readonly primaryKdcs = async (realm: string, options: SearchOptions = {}): Promise<readonly string[]> => {
    const block = this.#config.getRealm(realm);
    const configured = this.#configured(block?.primaryKdcs ?? [], options);
    // A realm whose KDCs are configured and of which none is called primary has none that is known.
    if (configured.length > 0 || (block !== undefined && block.kdcs.length > 0)) return configured;
    return this.#search(primaryKdc, realm, options, ({ isPrimary }) => isPrimary);
  };

  readonly kpasswdServers = async (realm: string, options: SearchOptions = {}): Promise<readonly string[]> => {
    const configured = this.#configured(this.#config.getRealm(realm)?.kpasswdServers ?? [], options);
    return configured.length > 0 ? configured : this.#search(kpasswd, realm, options);
  };

  readonly fetchOf = async (realm: string): Promise<Fetch | undefined> => {
    const relations = this.#config.getRealm(realm)?.httpAnchors ?? [];
    const { fetch, runtime } = this.#options;
    if (relations.length === 0 || fetch !== undefined) return fetch;
    const made = this.#fetches.get(realm);
    if (made !== undefined) return made;
    if (runtime.fetchTrusting === undefined) {
      throw new UnsupportedError(
        `the "${runtime.name}" runtime cannot choose which authorities it trusts (http_anchors of ${realm}): give the option \`fetch\`, for example that of a binding`,
      );
    }
    const anchors = await loadAnchors(relations, { files: runtime.files?.(), env: runtime.environment?.().env });
    const trusting = runtime.fetchTrusting(anchors);
    this.#fetches.set(realm, trusting);
    return trusting;
  };

  readonly realmOfHost = async (host: string, options: SearchOptions = {}): Promise<string> => {
    const configured = this.#config.domainRealm(host);
    if (configured !== undefined) return configured;
    // Rule X6: anyone who can forge DNS would choose the principal, so DNS is asked only if the configuration says so.
    if (!this.#config.libdefaults.dnsLookupRealm || !this.#mayUseDns) return "";
    const realm = await realmByText(host, (name) => this.#query(name, "txt", options), options.trace ?? this.#trace);
    return realm ?? "";
  };

  readonly canonicalHost = async (host: string, options: SearchOptions = {}): Promise<string> => {
    const { dnsCanonicalizeHostname, rdns } = this.#config.libdefaults;
    // Rule X6: "fallback", libkrb5's default, does not mean yes.
    if (dnsCanonicalizeHostname !== true || !this.#mayUseDns) return host;
    return canonicalHost(host, rdns, (name, type) => this.#query(name, type, options), options.trace ?? this.#trace);
  };

  readonly serviceHosts: Locator["serviceHosts"] = async (service, protocol, domain, options = {}) => {
    if (!this.#mayUseDns) return undefined;
    const { records } = await this.#query(`_${service}._${protocol}.${domain}`, "srv", options);
    if (records.length === 0) return undefined;
    const hosts = hostsOfSrv(records, options.trace ?? this.#trace, this.#random);
    this.#noteFromDns(hosts.map(({ host }) => host));
    return hosts;
  };

  #resolvingRuntime(): LocatorOptions["runtime"] {
    const { runtime } = this.#options;
    if (this.#servers !== undefined && this.#servers.length > 0) {
      return resolvingRuntime(
        runtime,
        lookUpWith(() => this.#loadResolver()),
        () => true,
      );
    }
    if (runtime.lookUp === undefined) return runtime;
    const isWhole = (host: string): boolean => host.endsWith(".") || this.#fromDns.has(host.toLowerCase());
    const lookUp = async (host: string): Promise<readonly string[]> => (await runtime.lookUp?.(host)) ?? [host];
    const lookUpWhole = async (name: string): Promise<readonly string[]> => {
      const host = name.replace(/\.$/, "");
      try {
        return await lookUp(`${host}.`);
      } catch (error) {
        // A search list would lead to another host. In hosts(5) no name ends in a dot.
        const found = await addressesInHostsFile(host, runtime).catch(() => []);
        if (found.length > 0) return found;
        throw error;
      }
    };
    return resolvingRuntime(runtime, (host) => (isWhole(host) ? lookUpWhole(host) : lookUp(host)), isWhole);
  }

  /** Remembers that names are whole: DNS gave them. Those that it gave last, or it could give new ones for ever. */
  #noteFromDns(hosts: readonly string[]): void {
    for (const host of hosts) {
      const name = host.toLowerCase();
      this.#fromDns.delete(name);
      this.#fromDns.add(name);
    }
    for (const oldest of this.#fromDns) {
      if (this.#fromDns.size <= MAX_FROM_DNS) return;
      this.#fromDns.delete(oldest);
    }
  }

  /** `dns: false` means no DNS at all. */
  get #mayUseDns(): boolean {
    return this.#servers === undefined || this.#servers.length > 0;
  }

  #configured(addresses: readonly ServerAddress[], { trace = this.#trace }: SearchOptions): readonly string[] {
    return endpointTexts(addresses, trace);
  }

  /** The KDCs by DNS, those of this host's site first; its records are asked for at the same time as the others. */
  async #searchKdcs(realm: string, options: SearchOptions): Promise<readonly string[]> {
    const site = this.#options.site ?? this.#config.libdefaultsOf(realm).dnsSite;
    const { dnsLookupKdc } = this.#config.libdefaults;
    if (site === undefined || !dnsLookupKdc || !this.#mayUseDns || realm === "")
      return this.#search(kdc, realm, options);
    const { trace = this.#trace } = options;
    const [all, near] = await Promise.allSettled([
      this.#search(kdc, realm, options),
      this.#query(siteRecords(site, realm), "srv", options),
    ]);
    const found = this.#reachable(endpointsOfSrv([], recordsOf(near), trace, this.#random));
    if (found.length === 0) {
      trace({ type: "note", text: `DNS names no domain controller of the site ${site} in ${realm}: all are asked` });
      if (all.status === "rejected") throw all.reason;
      return all.value;
    }
    this.#noteFromDns(found.map((endpoint) => parseEndpoint(endpoint).host));
    return nearFirst(found, all.status === "fulfilled" ? all.value : []);
  }

  /**
   * URI records, else SRV records, all asked at once: one round trip where one after the other takes three. An answer
   * of one kind counts although the other cannot be had; that none can is an error.
   */
  async #search(
    { uri, srv, defaultPort }: Labels,
    realm: string,
    options: SearchOptions,
    accept: (server: { readonly isPrimary: boolean }) => boolean = () => true,
  ): Promise<readonly string[]> {
    const { dnsLookupKdc, dnsUriLookup } = this.#config.libdefaults;
    const { trace = this.#trace } = options;
    if (!dnsLookupKdc || !this.#mayUseDns || realm === "") return [];
    const [byUri, byUdp, byTcp] = await Promise.allSettled([
      dnsUriLookup ? this.#query(`${uri}.${realm}`, "uri", options) : undefined,
      this.#query(`${srv}._udp.${realm}`, "srv", options),
      this.#query(`${srv}._tcp.${realm}`, "srv", options),
    ]);
    const uriRecords = byUri.status === "fulfilled" ? (byUri.value?.records ?? []) : [];
    const servers = serversOfUri(uriRecords, defaultPort, trace, this.#random).filter(accept);
    const endpoints =
      servers.length > 0
        ? servers.map(({ endpoint }) => endpoint)
        : endpointsOfSrv(recordsOf(byUdp), recordsOf(byTcp), trace, this.#random);
    const failure = [byUdp, byTcp, byUri].find((result) => result.status === "rejected");
    if (endpoints.length === 0 && failure?.status === "rejected") return withoutDns(failure.reason, trace);
    this.#noteFromDns(endpoints.map((endpoint) => parseEndpoint(endpoint).host));
    return this.#reachable(endpoints);
  }

  /** Without what this host cannot do, unless there is nothing else: DNS speaks to all hosts alike. */
  #reachable(endpoints: readonly string[]): readonly string[] {
    const { dial, fetch } = this.#options;
    const host = { runtime: this.runtime, dial, fetch };
    const canUse = (endpoint: string): boolean => {
      const name = /^(udp|tcp|https):\/\//.exec(endpoint)?.[1];
      if (name === undefined) return true;
      const transport: Transport = transports[name === "https" ? "kkdcp" : (name as "udp" | "tcp")];
      return transport.missing(host) === undefined && !(name === "udp" && dial !== undefined);
    };
    const usable = endpoints.filter(canUse);
    return usable.length > 0 ? usable : endpoints;
  }

  async #query<T extends RecordType>(name: string, type: T, options: SearchOptions): Promise<DnsAnswer<T>> {
    return (await this.#loadResolver()).query(name, type, options);
  }

  async #loadResolver(): Promise<Resolver> {
    if (this.#resolver === undefined) {
      const { createResolver } = await import("./dns/index.ts");
      const { runtime, dial, fetch, now = Date.now } = this.#options;
      this.#resolver ??= createResolver({ runtime, dial, fetch, now, trace: this.#trace, servers: this.#servers });
    }
    return this.#resolver;
  }
}

function recordsOf<T extends RecordType>(result: PromiseSettledResult<DnsAnswer<T>>): DnsAnswer<T>["records"] {
  return result.status === "fulfilled" ? result.value.records : [];
}

/** A host without a resolver gets no answer: the caller says what to do. Other failures are thrown. */
function withoutDns(reason: unknown, trace: Trace): readonly string[] {
  if (!hasCode(reason, "UNSUPPORTED_BY_RUNTIME")) throw reason;
  trace({ type: "note", text: reason.message });
  return [];
}
