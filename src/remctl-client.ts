import {
  type CredentialHost,
  type CredentialSource,
  KerberosClient,
  openNamed,
  type PasswordChangeOptions,
  type ServiceTicketOptions,
  type TicketDefaults,
} from "./client/index.ts";
import { type CredentialCache, createStoreCache } from "./credentials/index.ts";
import type { EncTypeSet } from "./crypto/index.ts";
import { GssError, KerberosError, TransportError } from "./errors.ts";
import { createInitiator } from "./gssapi/index.ts";
import { type Connection, connectionOf, withDeadline } from "./host/index.ts";
import { KerberosWorld, ticketDefaults } from "./kerberos.ts";
import {
  type GetTicketOptions,
  type Principal,
  parsePrincipal,
  type ServiceTicket,
  servicePrincipal,
  type TicketSource,
} from "./krb5/index.ts";
import { type HostsOptions, poolOf, runOnHostsOf } from "./many.ts";
import { type ClientOptions, credentialOf, isStoreSettings, type RemctlOptions } from "./options.ts";
import {
  type HostsCommand,
  type HostsSummary,
  openSession,
  type PoolOptions,
  REMCTL_DEFAULTS,
  type RemctlArgument,
  type RemctlHost,
  type RemctlPool,
  type RemctlResult,
  type RemctlSession,
  type ResolvedClientOptions,
  resolveClientOptions,
  type Source,
} from "./remctl/index.ts";
import type { Trace } from "./trace.ts";

/**
 * Logs in once, keeps the tickets, and opens remctl sessions with them. It is also a ticket source for
 * `createInitiator` of `krb5-remctl/gssapi`.
 */
export class RemctlClient implements TicketSource {
  readonly #options: ClientOptions;
  readonly #world: KerberosWorld;
  readonly #trace: Trace;
  readonly #credential: CredentialSource;
  readonly #kerberos: KerberosClient;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#credential = credentialOf(options.credentials);
    this.#world = new KerberosWorld(
      { kdcTimeoutMs: options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs, ...options },
      async () => (await this.#kerberos.identify()).realm,
    );
    this.#trace = this.#world.trace;
    const { rejectedSecretRestSeconds } = options;
    this.#kerberos = new KerberosClient({
      credential: this.#credential,
      exchanges: this.#world.exchanges,
      loadHost: () => this.#world.host(),
      openCache: (principal, host) => this.#openCache(principal, host),
      defaults: (host, principal) => withOptions(ticketDefaults(host, principal, options), options),
      rejectedSecretRestSeconds,
      // A Worker's promise belongs to the request that made it: share tickets there, never the wait for one.
      isSharing: this.#world.runtime.name !== "workerd",
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
    const name = typeof service === "string" ? parsePrincipal(service) : service;
    return this.#kerberos.getTicket(name, options);
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
    await this.#world.changePassword(credential, newPassword, options);
    await this.#kerberos.forgetRejection();
  }

  /** The enctypes permitted here, computed by the fastest that this host has: for {@link createInitiator}. */
  loadEncTypes(): Promise<EncTypeSet> {
    return this.#world.loadEncTypes();
  }

  /**
   * Opens an authenticated session with a remctl server. What an option leaves out is as in {@link createClient}.
   * Throws a {@link KerberosError} with `commandState` `"not-sent"`.
   */
  async connect(host: string, options: RemctlOptions = {}): Promise<RemctlSession> {
    const { signal, totalTimeoutMs } = this.#settings(options);
    try {
      return await withDeadline((inner) => this.#connect(host, options, inner), {
        timeoutMs: totalTimeoutMs,
        signal,
        what: `connecting to ${host}`,
        discard: (late) => void late.close(),
      });
    } catch (error) {
      // What failed before there was a session, failed before any command was sent.
      if (error instanceof KerberosError) error.commandState ??= "not-sent";
      throw error;
    }
  }

  /**
   * Runs one command in a session of its own, which the server closes after it. A non-zero exit status is a result.
   * Throws a {@link KerberosError} with `commandState` and the output that came before the failure.
   */
  async remctl(host: string, args: readonly RemctlArgument[], options: RemctlOptions = {}): Promise<RemctlResult> {
    const started = performance.now();
    const session = await this.connect(host, options);
    const { totalTimeoutMs, signal } = this.#settings(options);
    try {
      // What connecting took is off the total; at least a moment is left, and its end has the session's right words.
      const leftMs = totalTimeoutMs === undefined ? undefined : totalTimeoutMs - (performance.now() - started);
      return await session.run(args, { isLast: true, signal, totalTimeoutMs: leftMs && Math.max(leftMs, 1) });
    } finally {
      await session.close();
    }
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
    return poolOf(this, this.#world.runtime, now === undefined ? options : { now, ...options });
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
    return runOnHostsOf(this, this.#world.runtime, hosts, command, options);
  }

  /** Forgets the tickets. Sessions that are open stay open. */
  close(): void {
    this.#kerberos.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #connect(host: string, options: RemctlOptions, signal: AbortSignal): Promise<RemctlSession> {
    const settings = this.#settings(options);
    const service = await this.#service(host, options.service ?? this.#options.service, signal);
    const encTypes = await this.#world.loadEncTypes();
    // The connection is opened while the tickets are fetched; the failure of the one ends the other. Where a host allows
    // few connections, none is to wait idle for a ticket that needs one too.
    const both = new AbortController();
    const forget = follow(signal, both);
    const isFrugal = this.#world.runtime.maxConnections !== undefined;
    const early = isFrugal ? undefined : this.#dial(host, settings, both.signal);
    const fetched = this.#kerberos.getTicket(service, { signal: both.signal });
    const dialled = early ?? fetched.then(() => this.#dial(host, settings, both.signal));
    let connection: Connection;
    let ticket: ServiceTicket;
    try {
      [connection, ticket] = await Promise.all([dialled, fetched]);
    } catch (error) {
      both.abort(error);
      dialled.then(
        (late) => late.abort(),
        () => {},
      );
      fetched.catch(() => {});
      throw error;
    } finally {
      forget();
    }
    const context = createInitiator({
      target: service,
      credential: { getTicket: async () => ticket },
      flags: { mutual: true, replay: true, sequence: true, confidentiality: true, integrity: true },
      encTypes,
      trace: this.#trace,
      ...(this.#options.now === undefined ? {} : { now: this.#options.now }),
    });
    try {
      return await openSession(connection, context, settings);
    } catch (error) {
      // A server that refuses a ticket may have a new key: the next attempt asks the KDC again. Any other failure says nothing
      // of the ticket; and what logs a person in is never thrown away for what a server says, which nobody vouches for.
      const isLogin = ticket.service.components[0] === "krbtgt";
      if (error instanceof GssError && !isLogin) await this.#kerberos.forget(ticket);
      throw error;
    }
  }

  async #dial(host: string, settings: ResolvedClientOptions, signal: AbortSignal): Promise<Connection> {
    const { port, localAddress, connectTimeoutMs: timeoutMs } = settings;
    const { dial } = this.#world;
    if (dial !== undefined && localAddress !== undefined) {
      throw new TypeError("localAddress is for the runtime's own connections: `dial` chooses its address itself");
    }
    const { name } = this.#world.runtime;
    // The one that looks names up as the option `dns` says.
    const { runtime } = await this.#world.locator();
    const { connectTcp } = runtime;
    if (dial === undefined && connectTcp === undefined) {
      throw new TransportError(
        "UNSUPPORTED_BY_RUNTIME",
        `this runtime (${name}) has no TCP sockets: give the option \`dial\`, as a WebSocket or a binding that reaches ${host}:${port}`,
      );
    }
    this.#trace({ type: "connect", host, port });
    const started = Date.now();
    try {
      const connection = await withDeadline<Connection>(
        async (inner) =>
          dial === undefined
            ? await (connectTcp as NonNullable<typeof connectTcp>).call(runtime, host, port, {
                signal: inner,
                ...(localAddress === undefined ? {} : { localAddress }),
              })
            : connectionOf(await dial(host, port, { signal: inner })),
        { timeoutMs, signal, what: `connecting to ${host}:${port}`, discard: (late) => late.abort() },
      );
      this.#trace({ type: "connected", host, port, milliseconds: Date.now() - started });
      return connection;
    } catch (cause) {
      if (cause instanceof KerberosError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError(
        "CONNECT",
        `cannot connect to the remctl server; check its name and port, and that it runs`,
        [{ endpoint: `tcp://${host}:${port}`, reason }],
        { cause },
      );
    }
  }

  /** The options of a call over those of the client, checked. */
  #settings(options: RemctlOptions): ResolvedClientOptions {
    return resolveClientOptions({ ...this.#options, ...defined(options), trace: this.#trace });
  }

  /** Rule X6: the host's name as given, unless the configuration says in so many words that DNS shall choose it. */
  async #service(host: string, service: string | Principal | undefined, signal: AbortSignal): Promise<Principal> {
    if (service === undefined) {
      return servicePrincipal("host", await (await this.#world.locator()).canonicalHost(host, { signal }));
    }
    return typeof service === "string" ? parsePrincipal(service) : service;
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

/**
 * Makes a client: nothing is sent before the first ticket is needed. Throws `TypeError` for options that cannot work.
 *
 * ```ts
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password: () => readSecret("alice") },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const session = await client.connect("server.example.org");
 * ```
 */
export function createClient(options: ClientOptions = {}): RemctlClient {
  return new RemctlClient(options);
}

/**
 * Logs in, runs one command on a remctl server and gives its exit status and output: {@link createClient} and one call.
 *
 * ```ts
 * const result = await remctl("server.example.org", ["account", "show", "alice"], {
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * ```
 */
export async function remctl(
  host: string,
  args: readonly RemctlArgument[],
  options: ClientOptions = {},
): Promise<RemctlResult> {
  const client = createClient(options);
  try {
    return await client.remctl(host, args);
  } finally {
    client.close();
  }
}

/**
 * Logs in and runs a command on many hosts: {@link createClient} and {@link RemctlClient.runOnHosts}.
 *
 * ```ts
 * const { succeeded, failures } = await runOnHosts(["a.example.org", "b.example.org"], ["uptime"], {
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   concurrency: 50,
 * });
 * ```
 */
export async function runOnHosts(
  hosts: Source<RemctlHost>,
  command: HostsCommand,
  options: ClientOptions & HostsOptions = {},
): Promise<HostsSummary> {
  const client = createClient(options);
  try {
    return await client.runOnHosts(hosts, command, options);
  } finally {
    client.close();
  }
}

/** The options that are set: one that is `undefined` says nothing. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function follow(signal: AbortSignal, controller: AbortController): () => void {
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}
