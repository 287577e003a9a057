import {
  type CredentialHost,
  type CredentialSource,
  KerberosClient,
  openNamed,
  type PasswordChangeOptions,
  type ServiceTicketOptions,
  type TicketDefaults,
} from "../client/index.ts";
import { type CredentialCache, createStoreCache } from "../credentials/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import type { Runtime } from "../host/index.ts";
import {
  type GetTicketOptions,
  type Principal,
  principalOf,
  type ServiceTicket,
  servicePrincipal,
  type TicketSource,
} from "../krb5/index.ts";
import { KerberosLibrary, ticketDefaults } from "../library/index.ts";
import {
  type HostsCommand,
  type HostsSummary,
  type PoolOptions,
  REMCTL_DEFAULTS,
  type RemctlArgument,
  type RemctlHost,
  type RemctlPool,
  type RemctlResult,
  type RemctlSession,
  resolveClientOptions,
  type Source,
} from "../remctl/index.ts";
import type { Trace } from "../trace.ts";
import { type Connecting, connect, runOnce } from "./connect.ts";
import { type HostsOptions, poolOf, runOnHostsOf } from "./many.ts";
import { type ClientOptions, credentialOf, isStoreSettings, type RemctlOptions } from "./options.ts";

/**
 * Logs in once, keeps the tickets, and opens remctl sessions with them. It is also a ticket source for
 * `createInitiator` of `krb5-remctl/gssapi`.
 */
export class RemctlClient implements TicketSource {
  readonly #options: ClientOptions;
  readonly #library: KerberosLibrary;
  readonly #trace: Trace;
  readonly #credential: CredentialSource;
  readonly #kerberos: KerberosClient;

  constructor(options: ClientOptions & { readonly runtime: Runtime }) {
    this.#options = options;
    this.#credential = credentialOf(options.credentials);
    this.#library = new KerberosLibrary(
      { kdcTimeoutMs: options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs, ...options },
      async () => (await this.#kerberos.identify()).realm,
    );
    this.#trace = this.#library.trace;
    const { rejectedSecretRestSeconds } = options;
    this.#kerberos = new KerberosClient({
      credential: this.#credential,
      exchanges: this.#library.exchanges,
      loadHost: () => this.#library.host(),
      openCache: (principal, host) => this.#openCache(principal, host),
      defaults: (host, principal) => withOptions(ticketDefaults(host, principal, options), options),
      rejectedSecretRestSeconds,
      // A Worker's promise belongs to the request that made it: share tickets there, never the wait for one.
      isSharing: this.#library.runtime.hasRequestBoundPromises !== true,
    });
  }

  /** Who logs in; undefined where the environment decides that and nothing has asked for a ticket yet: see {@link identify}. */
  get principal(): Principal | undefined {
    return this.#kerberos.principal;
  }

  /** Who logs in. Opens the credentials, and asks no KDC. Throws a {@link KerberosError}. */
  identify(): Promise<Principal> {
    return this.#kerberos.identify();
  }

  /**
   * A ticket for a service, from the ones kept or from the KDC (RFC 4120 section 3.3). That for `krbtgt/REALM@REALM` of the
   * client's own realm is the login. Throws a {@link KerberosError}.
   */
  async getTicket(service: Principal | string, options: ServiceTicketOptions = {}): Promise<ServiceTicket> {
    return this.#kerberos.getTicket(principalOf("service", service), options);
  }

  /** A forwarded ticket-granting ticket, for GSS-API delegation; undefined if the client's is not forwardable. */
  getForwardedTicket(options: GetTicketOptions = {}): Promise<ServiceTicket | undefined> {
    return this.#kerberos.getForwardedTicket(options);
  }

  /**
   * Changes the password of the client's own principal, or with `target` sets another's (RFC 3244). The credentials keep
   * giving what they gave: a password that is a value stays the old one.
   *
   * Throws PasswordChangeError with the server's words, or what a login throws; an expired password is no hindrance.
   *
   * ```ts
   * await client.changePassword(newPassword);
   * ```
   */
  async changePassword(newPassword: string | Uint8Array, options: PasswordChangeOptions = {}): Promise<void> {
    const { signal } = options;
    const search = signal === undefined ? {} : { signal };
    const hasSecret = await this.#kerberos.hasSecret();
    const credential = hasSecret ? this.#credential : await this.#kerberos.login(search);
    await this.#library.changePassword(credential, newPassword, options);
    await this.#kerberos.forgetRejection();
  }

  /** The enctypes permitted here, computed by the fastest that this host has: for {@link createInitiator}. */
  loadEncTypes(): Promise<EncTypeSet> {
    return this.#library.loadEncTypes();
  }

  /**
   * Opens an authenticated session with a remctl server. What an option leaves out is as in {@link createClient}.
   * Throws a {@link KerberosError} with `commandState` `"not-sent"`.
   */
  async connect(host: string, options: RemctlOptions = {}): Promise<RemctlSession> {
    return await connect(this.#connecting(host, options));
  }

  /**
   * Runs one command in a session of its own, which the server closes after it. A non-zero exit status is a result.
   * Throws a {@link KerberosError} with `commandState` and the output that came before the failure.
   */
  async remctl(host: string, args: readonly RemctlArgument[], options: RemctlOptions = {}): Promise<RemctlResult> {
    return await runOnce(this.#connecting(host, options), args);
  }

  /**
   * A pool of sessions for this client's commands: they stay open between commands, within limits. On Workers, where a socket
   * belongs to its request, make a pool for each request, or keep one in a Durable Object.
   *
   * ```ts
   * await using pool = client.pool({ maxSessionsPerHost: 4 });
   * await pool.run("server.example.org", ["account", "list"]);
   * ```
   */
  pool(options: PoolOptions = {}): RemctlPool {
    const { now } = this.#options;
    return poolOf(this, this.#library.runtime, now === undefined ? options : { now, ...options });
  }

  /**
   * Runs a command on many hosts, each in a session of its own, with one login and one ticket a host. What happens on one is
   * nothing to the others: each has an outcome, a result or an error with `commandState`. Rejects for the caller's own
   * mistakes alone.
   *
   * ```ts
   * const { failures } = await client.runOnHosts(hosts, ["package", "list"], {
   *   concurrency: 50,
   *   onResult: ({ host, result, error }) => console.log(host, result?.text() ?? error),
   * });
   * ```
   */
  runOnHosts(hosts: Source<RemctlHost>, command: HostsCommand, options: HostsOptions = {}): Promise<HostsSummary> {
    return runOnHostsOf(this, this.#library.runtime, hosts, command, options);
  }

  /** Forgets the tickets. Sessions that are open stay open. */
  close(): void {
    this.#kerberos.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #connecting(host: string, options: RemctlOptions): Connecting {
    if (typeof host !== "string") throw new TypeError("host is not text");
    const library = this.#library;
    return {
      host,
      service: (signal) => this.#service(host, options.service ?? this.#options.service, signal),
      settings: resolveClientOptions({ ...this.#options, ...defined(options), trace: this.#trace }),
      runtime: library.runtime,
      // The one that looks names up as the option `dns` says.
      loadRuntime: async () => (await library.locator()).runtime,
      dial: library.dial,
      trace: this.#trace,
      now: this.#options.now,
      loadEncTypes: () => library.loadEncTypes(),
      tickets: this.#kerberos,
    };
  }

  /** Rule X6: the host's name as given, unless the configuration says in so many words that DNS shall choose it. */
  async #service(host: string, service: string | Principal | undefined, signal: AbortSignal): Promise<Principal> {
    if (service === undefined) {
      return servicePrincipal("host", await (await this.#library.locator()).canonicalHost(host, { signal }));
    }
    return principalOf("service", service);
  }

  #openCache(principal: Principal, host: CredentialHost): CredentialCache | undefined {
    const { cache } = this.#options;
    if (cache === undefined) return undefined;
    if (!isStoreSettings(cache)) return openNamed(cache, host);
    return createStoreCache({ ...cache, principal, randomBytes: host.randomBytes, trace: this.#trace });
  }
}

/** What a client asks of its tickets, over what the configuration says. */
function withOptions({ login, service }: TicketDefaults, options: ClientOptions): TicketDefaults {
  const { lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable, canonicalize, renewableOk } = options;
  const both = defined({ lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable });
  return { login: { ...login, ...both, ...defined({ canonicalize, renewableOk }) }, service: { ...service, ...both } };
}

/** The options that are set: one that is `undefined` says nothing. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
