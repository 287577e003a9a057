import { checkOptions } from "../checks/index.ts";
import {
  ChosenClients,
  type CredentialHost,
  type CredentialSource,
  cacheShelf,
  checkNewPassword,
  KerberosClient,
  type OpenedClient,
  openNamed,
  openSource,
  type PasswordChangeOptions,
  passwordChangeChecks,
} from "../client/index.ts";
import { type CredentialCache, createStoreCache } from "../credentials/index.ts";
import type { Runtime } from "../host/index.ts";
import { type Principal, registeredNames, type ServiceTicket, servicePrincipal } from "../krb5/index.ts";
import { defined, KerberosLibrary, ticketDefaults, ticketWishes } from "../library/index.ts";
import {
  type HostsCommand,
  type HostsSummary,
  type PoolOptions,
  REMCTL_DEFAULTS,
  type RemctlHost,
  type RemctlPool,
  streamedArguments,
  streamedOutput,
  version1,
} from "../remctl/index.ts";
import { actFor, type ImpersonateOptions, impersonate, type UserCertificate } from "./acting.ts";
import { clientOptionNames } from "./main-checks.ts";
import { type HostsOptions, pool, runOnHosts } from "./many.ts";
import { type ClientOptions, isStoreSettings, sourceOf } from "./options.ts";
import { SessionClient, type SessionClientParts } from "./session-client.ts";

/** The parts of the main entry: tickets may be in caches, and what no option says comes from krb5.conf and DNS. */
interface MainParts extends SessionClientParts {
  readonly library: KerberosLibrary;
  readonly credentials: CredentialSource;
  readonly kerberos: KerberosClient;
}

/**
 * Logs in once, keeps the tickets, and opens remctl sessions with them. It is also a ticket source for
 * `createInitiator` of `krb5-remctl/gssapi`.
 */
export class RemctlClient extends SessionClient {
  readonly #parts: MainParts;

  /** {@link createClient} makes one. */
  constructor(options: ClientOptions & { readonly runtime: Runtime }) {
    const parts = partsOf(options);
    super(parts);
    this.#parts = parts;
  }

  /**
   * Changes the password of the client's own principal, or with `target` sets another's (RFC 3244). An expired password
   * is not a hindrance. The credentials keep giving what they gave: a password that is a value stays the old one.
   *
   * @param newPassword the new password, text as UTF-8
   * @param options whose password is set, and a signal
   * @throws PasswordChangeError with the server's words, or what a login throws
   * @example
   * ```ts
   * await client.changePassword(secret);
   * ```
   */
  async changePassword(newPassword: string | Uint8Array, options: PasswordChangeOptions = {}): Promise<void> {
    checkNewPassword(newPassword);
    checkOptions("client.changePassword", options, passwordChangeChecks);
    const { kerberos, library, credentials } = this.#parts;
    const { signal } = options;
    const search = signal === undefined ? {} : { signal };
    const hasSecret = await kerberos.hasSecret();
    await library.changePassword(hasSecret ? credentials : await kerberos.login(search), newPassword, options);
    await kerberos.forgetRejection();
  }

  /**
   * Gets a ticket of a user for the client itself, without the user's doing (S4U2Self, MS-SFU section 3.1.5.1.1): a
   * service that has authenticated someone by other means learns so what a KDC says of them. The ticket is kept
   * nowhere.
   *
   * @param user the name of the user, or the user's certificate
   * @param options enctypes and a signal
   * @returns the ticket: evidence for {@link actFor} if it is forwardable
   * @throws a {@link KerberosError}: `REPLY_MODIFIED` for a KDC that gives a ticket of another than the user
   * @example
   * ```ts
   * const { client: user, flags } = await client.impersonate("alice@EXAMPLE.ORG");
   * ```
   */
  impersonate(user: Principal | string | UserCertificate, options: ImpersonateOptions = {}): Promise<ServiceTicket> {
    return impersonate(this, user, options);
  }

  /**
   * Makes a client that acts as a user at other services (S4U2Proxy, constrained delegation, MS-SFU section 3.1.5.2):
   * its tickets are the user's, so that a remctl server sees the user. The KDC says at which services that may be. Its
   * tickets are kept apart from those of this client, in memory. Nothing is sent before the first ticket is needed.
   *
   * @param evidence the user's ticket for this client's service, what an acceptor has as `context.ticket` or {@link
   *   impersonate} gave; or who the user is: `impersonate` then gives the ticket whenever a new one is needed
   * @returns the client, which is a ticket source for `createInitiator` too
   * @throws TypeError for what is neither: the caller's mistake. Its calls throw a {@link KerberosError}:
   *   `DELEGATION_REFUSED` where the KDC does not allow it
   * @example
   * ```ts
   * const { stdout } = await client.actFor("alice@EXAMPLE.ORG").remctl("server.example.org", ["account", "show"]);
   * ```
   */
  actFor(evidence: ServiceTicket | Principal | string | UserCertificate): SessionClient {
    return actFor(this, evidence);
  }

  /**
   * Makes a pool of sessions for this client's commands: they stay open between commands, within limits. On Workers,
   * where a socket belongs to its request, make a pool for each request, or keep one in a Durable Object.
   *
   * @param options the limits
   * @returns the pool
   * @throws TypeError and RangeError for limits that are not numbers, or too small: the caller's mistakes
   * @example
   * ```ts
   * await using pool = client.pool({ maxSessionsPerHost: 4 });
   * await pool.run("server.example.org", ["account", "list"]);
   * ```
   */
  pool(options: PoolOptions = {}): RemctlPool {
    return pool(this, options);
  }

  /**
   * Runs a command on many hosts, each in a new session, with one login and one ticket a host. What happens on
   * one host changes nothing on the others: each has an outcome, a result or an error with `commandState`.
   *
   * @param hosts names, or hosts with ports and services
   * @param command the same for all, or a function that makes it for each host
   * @param options how many hosts at once, and where outcomes go
   * @returns how many succeeded and failed, and the outcomes
   * @throws TypeError and RangeError for the caller's mistakes, and what a callback or the iterator of the hosts
   *   throws; what fails on a host is in the summary
   * @example
   * ```ts
   * const { failures } = await client.runOnHosts(names, ["package", "list"], {
   *   concurrency: 50,
   *   onResult: ({ host, result, error }) => console.log(host, result?.text() ?? error),
   * });
   * ```
   */
  runOnHosts(
    hosts: Iterable<RemctlHost> | AsyncIterable<RemctlHost>,
    command: HostsCommand,
    options: HostsOptions = {},
  ): Promise<HostsSummary> {
    return runOnHosts(this, hosts, command, options);
  }
}

function partsOf(options: ClientOptions & { readonly runtime: Runtime }): MainParts {
  const credentials = sourceOf(options.credentials);
  const kdcTimeoutMs = options.kdcTimeoutMs ?? options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs;
  const library: KerberosLibrary = new KerberosLibrary(
    { ...options, kdcTimeoutMs },
    async () => (await kerberos.identifyForCall()).realm,
  );
  const { runtime, dial, trace } = library;
  const clientOf = (source: CredentialSource, chosen?: ChosenClients<KerberosClient>): KerberosClient =>
    new KerberosClient({
      principal: source.principal,
      chosen,
      exchanges: library.exchanges,
      open: () => open(source, library, options),
      openShelf: cacheShelf,
      directTicket: options.directTicket,
      rejectedSecretRestSeconds: options.rejectedSecretRestSeconds,
      // A Worker's promise belongs to the request that made it: share tickets there, never the wait for one.
      isSharing: runtime.hasRequestBoundPromises !== true,
      turnMs: 2 * kdcTimeoutMs,
    });
  const choose = credentials.forService?.bind(credentials);
  const chosen = choose && new ChosenClients(async (service) => choose(service, await library.host()), clientOf);
  const kerberos: KerberosClient = clientOf(credentials, chosen);
  return {
    defaults: {
      protocols: [version1()],
      argumentKinds: [streamedArguments()],
      outputKinds: [streamedOutput()],
      ...defined(options),
    },
    optionNames: clientOptionNames,
    kerberos,
    library,
    credentials,
    // Rule X6: the host's name as given, unless the configuration says explicitly that DNS shall choose it.
    serviceOf: async (host, search) =>
      servicePrincipal("host", await (await library.locator()).canonicalHost(host, search)),
    asking: library.asking,
    runtime,
    // The one that looks names up as the option `dns` says.
    loadRuntime: async () => (await library.locator()).runtime,
    dial,
    trace,
    now: options.now,
    names: registeredNames(),
  };
}

async function open(
  credentials: CredentialSource,
  library: KerberosLibrary,
  options: ClientOptions,
): Promise<OpenedClient> {
  const host = await library.host();
  const own = await openSource(credentials, host);
  const { login, service } = ticketDefaults(host, own.principal, options);
  const wishes = ticketWishes(options);
  return {
    ...own,
    cache: own.cache ?? cacheOption(own.principal, host, options),
    defaults: { login: { ...login, ...wishes.login }, service: { ...service, ...wishes.service } },
  };
}

/** The cache that the option names, for credentials without one. */
function cacheOption(
  principal: Principal,
  host: CredentialHost,
  { cache }: ClientOptions,
): CredentialCache | undefined {
  if (cache === undefined) return undefined;
  if (!isStoreSettings(cache)) return openNamed(cache, host);
  const { randomBytes, onTrace } = host;
  return createStoreCache({ ...cache, principal, randomBytes, ...(onTrace === undefined ? {} : { onTrace }) });
}
