/**
 * The client for small bundles, as of a Worker: KDCs and credentials are given, tickets are kept in memory. It has no krb5.conf, no DNS,
 * no credential caches, no pools, and connects by itself on Workers only; its calls, options and errors are those of the main entry.
 *
 * @module
 */
import {
  checkClientOptions,
  type Deferred,
  Exchanges,
  keytabSecret,
  passwordSecret,
  RejectedSecret,
  type Secret,
  TicketCache,
  type TicketOptions,
} from "../client/index.ts";
import { decodeKeytab, type Keytab } from "../credentials/index.ts";
import { chooseProvider, createEncTypeSet, type EncTypeSet, strongEncTypes } from "../crypto/index.ts";
import { ConfigError, CredentialError } from "../errors.ts";
import type { Dial, Fetch, Runtime } from "../host/index.ts";
import {
  equalPrincipals,
  type Principal,
  principalOf,
  type ServiceTicket,
  servicePrincipal,
  type TicketSource,
  tgsPrincipal,
} from "../krb5/index.ts";
import {
  REMCTL_DEFAULTS,
  type RemctlArgument,
  type RemctlClientOptions,
  type RemctlResult,
  type RemctlSession,
  resolveClientOptions,
} from "../remctl/index.ts";
import { webRuntime, workerdRuntime } from "../runtime/index.ts";
import { createTrace, type Trace, type TraceListener } from "../trace.ts";
import { createKdcTransport } from "../transport/index.ts";
import { type Connecting, connect, runOnce } from "./connect.ts";

/** What one call may say of its server, its bounds and its signal; it overrides the client's. */
export interface LeanCallOptions extends Omit<RemctlClientOptions, "trace"> {
  /** The server's principal. Default: `host/<host>`, its realm by the KDC's referral. */
  readonly service?: string | Principal;
}

/** What {@link createClient} takes here; each option means what it means in the main entry. */
export interface LeanClientOptions extends LeanCallOptions, TicketOptions {
  readonly credentials:
    | { readonly principal: string | Principal; readonly password: Deferred<string | Uint8Array> }
    | { readonly principal: string | Principal; readonly keytab: Deferred<Uint8Array | Keytab> };
  /** `tcp://host:port` or an MS-KKDCP `https:` URL; a list for the realm of the principal, or one list for each realm by name. */
  readonly kdc: readonly string[] | Readonly<Record<string, readonly string[]>>;
  readonly dial?: Dial;
  readonly fetch?: Fetch;
  readonly onTrace?: TraceListener;
  readonly skewSeconds?: number;
  readonly rejectedSecretRestSeconds?: number;
  readonly now?: () => number;
  /** The host. Default: Workers, or one that has `fetch` only. */
  readonly runtime?: Runtime;
}

/** Logs in once, keeps the tickets in memory, and opens remctl sessions with them. */
export class LeanClient implements TicketSource {
  readonly principal: Principal;
  readonly #options: LeanClientOptions;
  readonly #runtime: Runtime;
  readonly #dial: Dial | undefined;
  readonly #trace: Trace;
  readonly #exchanges: Exchanges;
  readonly #rejected: RejectedSecret;
  // Values, not promises: a Worker's promise belongs to the request that made it.
  readonly #tickets: TicketCache = new TicketCache();
  #encTypes: EncTypeSet | undefined;

  constructor(options: LeanClientOptions) {
    const { credentials, dial, now, rejectedSecretRestSeconds = 60 } = options;
    checkClientOptions(options);
    const client = principalOf("principal", credentials?.principal);
    if (client.realm === "") throw new TypeError("credentials.principal must name its realm, as alice@EXAMPLE.ORG");
    this.principal = client;
    this.#options = options;
    this.#runtime = options.runtime ?? ("WebSocketPair" in globalThis ? workerdRuntime() : webRuntime());
    this.#dial = dial === undefined ? undefined : (this.#runtime.limitDial?.(dial) ?? dial);
    this.#trace = createTrace(options.onTrace, now);
    const transport = createKdcTransport({
      runtime: this.#runtime,
      kdcs: (realm) => kdcsOf(options.kdc, realm, client.realm),
      trace: this.#trace,
      timeoutMs: options.connectTimeoutMs ?? REMCTL_DEFAULTS.connectTimeoutMs,
      dial: this.#dial,
      fetch: options.fetch,
    });
    this.#exchanges = new Exchanges({
      transport,
      loadEncTypes: () => this.loadEncTypes(),
      trace: this.#trace,
      now,
      skewSeconds: options.skewSeconds,
    });
    this.#rejected = new RejectedSecret(rejectedSecretRestSeconds * 1000, this.#exchanges.now);
  }

  async loadEncTypes(): Promise<EncTypeSet> {
    this.#encTypes ??= createEncTypeSet(strongEncTypes, await chooseProvider(this.#runtime));
    return this.#encTypes;
  }

  /** A ticket for a service, from the ones kept or from the KDC (RFC 4120 section 3.3). Throws a {@link KerberosError}. */
  async getTicket(
    service: Principal | string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ServiceTicket> {
    const { now } = this.#exchanges;
    const name = principalOf("service", service);
    const kept = this.#tickets.get(name, now());
    if (kept !== undefined) return kept;
    const tgs = tgsPrincipal(this.principal.realm);
    const tgt = this.#tickets.get(tgs, now()) ?? (await this.#login(tgs, options));
    if (equalPrincipals(name, tgs)) return tgt;
    const { ticket, intermediate } = await this.#exchanges.getServiceTicket(tgt, name, {
      ...ticketOptions(this.#options),
      ...options,
      kept: (hop) => this.#tickets.get(hop, now()),
    });
    for (const hop of intermediate) this.#tickets.set(hop.service, hop);
    this.#tickets.set(name, ticket);
    return ticket;
  }

  /** Opens an authenticated session. Throws a {@link KerberosError} with `commandState` `"not-sent"`. */
  async connect(host: string, options: LeanCallOptions = {}): Promise<RemctlSession> {
    return await connect(this.#connecting(host, options));
  }

  /** Runs one command in a session of its own. A non-zero exit status is a result. Throws a {@link KerberosError} with `commandState`. */
  async remctl(host: string, args: readonly RemctlArgument[], options: LeanCallOptions = {}): Promise<RemctlResult> {
    return await runOnce(this.#connecting(host, options), args);
  }

  /** Forgets the tickets. */
  close(): void {
    this.#tickets.clear();
  }

  async #login(tgs: Principal, options: { readonly signal?: AbortSignal }): Promise<ServiceTicket> {
    const secret = await this.#loadSecret();
    this.#rejected.refuse(secret);
    try {
      const all = { ...ticketOptions(this.#options), ...options };
      const { ticket } = await this.#exchanges.login(this.principal, secret, all);
      this.#tickets.set(tgs, ticket);
      return ticket;
    } catch (error) {
      this.#rejected.note(secret, error);
      throw error;
    }
  }

  async #loadSecret(): Promise<Secret> {
    const { credentials } = this.#options;
    if ("password" in credentials) {
      return passwordSecret(this.principal, await resolve(credentials.password, "password"));
    }
    const keytab = await resolve(credentials.keytab, "keytab");
    return keytabSecret(this.principal, keytab instanceof Uint8Array ? decodeKeytab(keytab) : keytab);
  }

  #connecting(host: string, options: LeanCallOptions): Connecting {
    if (typeof host !== "string") throw new TypeError("host is not text");
    const service = options.service ?? this.#options.service;
    return {
      host,
      service: () => (service === undefined ? servicePrincipal("host", host) : principalOf("service", service)),
      settings: resolveClientOptions({ ...this.#options, ...options, trace: this.#trace }),
      runtime: this.#runtime,
      dial: this.#dial,
      trace: this.#trace,
      now: this.#options.now,
      loadEncTypes: () => this.loadEncTypes(),
      tickets: {
        getTicket: (name, more) => this.getTicket(name, more),
        forget: async (ticket) => this.#tickets.delete(ticket),
      },
    };
  }
}

/**
 * Makes a client: nothing is sent before the first ticket is needed. Throws `TypeError` for options that cannot work.
 *
 * ```ts
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: () => fromBase64(env.KEYTAB) },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * ```
 */
export function createClient(options: LeanClientOptions): LeanClient {
  return new LeanClient(options);
}

export * from "../errors.ts";
export type { ByteStream, Dial, Fetch } from "../host/index.ts";
export type { RemctlResult, RemctlSession } from "../remctl/index.ts";

function kdcsOf(kdc: LeanClientOptions["kdc"], realm: string, home: string): readonly string[] {
  const lists = Array.isArray(kdc) ? { [home]: kdc as readonly string[] } : (kdc as Record<string, readonly string[]>);
  const found = Object.hasOwn(lists, realm) ? (lists[realm] ?? []) : [];
  if (found.length > 0) return found;
  throw new ConfigError(
    `there is no KDC for realm ${realm}: add it to the option \`kdc\`, as { "${realm}": ["tcp://..."] }`,
    {
      code: "NO_KDC_FOR_REALM",
    },
  );
}

function ticketOptions(options: TicketOptions): TicketOptions {
  const { lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable } = options;
  // What is not set is undefined, which an exchange takes as not given.
  return { lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable } as TicketOptions;
}

async function resolve<T>(value: Deferred<T>, what: string): Promise<T> {
  let found: T | undefined;
  try {
    found = typeof value === "function" ? await (value as () => T | Promise<T>)() : value;
  } catch (cause) {
    throw new CredentialError("NO_CREDENTIAL", `the function that gives credentials.${what} failed`, { cause });
  }
  if (found !== undefined && found !== null) return found;
  throw new CredentialError(
    "NO_CREDENTIAL",
    `there is no credentials.${what}: it is not set, or its function gave nothing`,
  );
}
