import type { KerberosClient, ServiceTicketOptions } from "../client/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import type { Dial, Runtime } from "../host/index.ts";
import {
  type GetTicketOptions,
  type Principal,
  principalOf,
  type ServiceTicket,
  type TicketSource,
} from "../krb5/index.ts";
import { defined } from "../library/index.ts";
import { type RemctlArgument, type RemctlResult, type RemctlSession, resolveClientOptions } from "../remctl/index.ts";
import type { Trace } from "../trace.ts";
import { type Connecting, connect, runOnce } from "./connect.ts";
import type { RemctlOptions } from "./options.ts";

/** What a {@link SessionClient} is made of: a shell gives the parts that it has. */
export interface SessionClientParts {
  /** What a call leaves out. */
  readonly defaults: RemctlOptions;
  /** The tickets. */
  readonly kerberos: KerberosClient;
  /** The principal of the server on a host, where no option names it. */
  readonly serviceOf: (host: string, signal: AbortSignal) => Principal | Promise<Principal>;
  readonly runtime: Runtime;
  /** The host as it connects to servers, looking names up its way. Default `runtime`. */
  readonly loadRuntime?: (() => Promise<Runtime>) | undefined;
  readonly dial: Dial | undefined;
  readonly trace: Trace;
  readonly now: (() => number) | undefined;
}

/**
 * The client of every entry: it logs in once, keeps the tickets, and opens remctl sessions with them. It is also a ticket
 * source for `createInitiator` of `krb5-remctl/gssapi`.
 */
export class SessionClient implements TicketSource {
  readonly #parts: SessionClientParts;

  constructor(parts: SessionClientParts) {
    this.#parts = parts;
  }

  /** Who logs in; undefined where the environment decides that and nothing has asked for a ticket yet: see {@link identify}. */
  get principal(): Principal | undefined {
    return this.#parts.kerberos.principal;
  }

  /** Who logs in. Opens the credentials, and asks no KDC. Throws a {@link KerberosError}. */
  identify(): Promise<Principal> {
    return this.#parts.kerberos.identify();
  }

  /**
   * A ticket for a service, from the ones kept or from the KDC (RFC 4120 section 3.3). That for `krbtgt/REALM@REALM` of the
   * client's own realm is the login. Throws a {@link KerberosError}.
   */
  async getTicket(service: Principal | string, options: ServiceTicketOptions = {}): Promise<ServiceTicket> {
    return this.#parts.kerberos.getTicket(principalOf("service", service), options);
  }

  /** A forwarded ticket-granting ticket, for GSS-API delegation; undefined if the client's is not forwardable. */
  getForwardedTicket(options: GetTicketOptions = {}): Promise<ServiceTicket | undefined> {
    return this.#parts.kerberos.getForwardedTicket(options);
  }

  /** Forgets a ticket that a server refused, so that the next attempt gets a new one. */
  forget(ticket: ServiceTicket): Promise<void> {
    return this.#parts.kerberos.forget(ticket);
  }

  /** The enctypes permitted here, computed by the fastest that this host has: for {@link createInitiator}. */
  loadEncTypes(): Promise<EncTypeSet> {
    return this.#parts.kerberos.loadEncTypes();
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

  /** Forgets the tickets. Sessions that are open stay open. */
  close(): void {
    this.#parts.kerberos.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #connecting(host: string, options: RemctlOptions): Connecting {
    if (typeof host !== "string") throw new TypeError("host is not text");
    const { defaults, kerberos, serviceOf, ...rest } = this.#parts;
    const service = options.service ?? defaults.service;
    return {
      ...rest,
      host,
      service: (signal) => (service === undefined ? serviceOf(host, signal) : principalOf("service", service)),
      settings: resolveClientOptions({ ...defaults, ...defined(options), trace: rest.trace }),
      loadEncTypes: () => kerberos.loadEncTypes(),
      tickets: kerberos,
    };
  }
}
