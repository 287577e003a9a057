import { checkOptions, optionElsewhere } from "../checks/index.ts";
import {
  type Asking,
  type ClientTickets,
  forwardedTicketChecks,
  type ServiceTicketOptions,
  serviceTicketChecks,
} from "../client/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { checkHost, type Dial, type Runtime } from "../host/index.ts";
import {
  type ForwardedTicketOptions,
  type Principal,
  principalOf,
  type RegisteredNames,
  type ServiceTicket,
  serviceNameOf,
  type TicketSource,
} from "../krb5/index.ts";
import { defined } from "../library/index.ts";
import {
  prepareArguments,
  type RemctlArgument,
  type RemctlResult,
  type RemctlRun,
  type RemctlSession,
  resolveClientOptions,
} from "../remctl/index.ts";
import { type Trace, type TracedCall, tracedCall } from "../trace.ts";
import { checkLocalAddress, remctlChecks } from "./call-checks.ts";
import { type Connecting, connect, runOnce, streamOnce } from "./connect.ts";
import type { RemctlOptions } from "./options.ts";

/** What a {@link SessionClient} is made of: a shell gives the parts that it has. */
export interface SessionClientParts {
  /** What a call leaves out. */
  readonly defaults: RemctlOptions;
  /** The names of all options of the client, for calls that are given one of them. */
  readonly optionNames: readonly string[];
  /** The tickets. */
  readonly kerberos: ClientTickets;
  /** The principal of the server on a host, where no option names it. */
  readonly serviceOf: (host: string, search: Parameters<Connecting["service"]>[0]) => Principal | Promise<Principal>;
  /** Tells when a person is asked. Default: nobody is. */
  readonly asking?: Asking | undefined;
  readonly runtime: Runtime;
  /** The host as it connects to servers, looking names up its way. Default `runtime`. */
  readonly loadRuntime?: (() => Promise<Runtime>) | undefined;
  readonly dial: Dial | undefined;
  readonly trace: Trace;
  readonly now: (() => number) | undefined;
  /** What errors call numbers. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
}

/** For functions over a client, which bundles leave out that do not use them. */
const partsByClient: WeakMap<SessionClient, SessionClientParts> = /* @__PURE__ */ new WeakMap();

/** What a client is made of. Throws TypeError for what `createClient` has not made. */
export function partsOf(client: SessionClient): SessionClientParts {
  const parts = partsByClient.get(client);
  if (parts === undefined) throw new TypeError("the client is not one that createClient made");
  return parts;
}

/**
 * The client of every entry: it logs in once, keeps the tickets, and opens remctl sessions with them. It is also a
 * ticket source for `createInitiator` of `krb5-remctl/gssapi`.
 */
export class SessionClient implements TicketSource {
  readonly #parts: SessionClientParts;

  /** {@link createClient} makes one. */
  constructor(parts: SessionClientParts) {
    this.#parts = parts;
    partsByClient.set(this, parts);
  }

  /**
   * Who logs in; undefined where the environment decides that and nothing has asked for a ticket yet: see {@link
   * identify}.
   */
  get principal(): Principal | undefined {
    return this.#parts.kerberos.principal;
  }

  /**
   * Finds who logs in. Opens the credentials, and asks no KDC.
   *
   * @returns the principal
   * @throws a {@link KerberosError} if credentials are missing
   * @example
   * ```ts
   * import { formatPrincipal } from "krb5-remctl";
   *
   * console.log(`logs in as ${formatPrincipal(await client.identify())}`);
   * ```
   */
  identify(): Promise<Principal> {
    return this.#parts.kerberos.identify();
  }

  /**
   * Gets a ticket for a service, from the ones kept or from the KDC (RFC 4120 section 3.3). The ticket for
   * `krbtgt/REALM@REALM` of the client's own realm is that of the login.
   *
   * @param service the service's principal
   * @param options enctypes, whether a KDC may be asked, and a signal
   * @returns the ticket
   * @throws a {@link KerberosError} if credentials are missing, or no KDC gives the ticket
   * @example
   * ```ts
   * const { endTime } = await client.getTicket("host/server.example.org@EXAMPLE.ORG");
   * ```
   */
  async getTicket(service: Principal | string, options: ServiceTicketOptions = {}): Promise<ServiceTicket> {
    const name = principalOf("service", service);
    checkOptions("client.getTicket", options, serviceTicketChecks);
    return await this.#traced({ operation: "getTicket" }, (trace) =>
      this.#parts.kerberos.getTicket(name, { ...options, trace }),
    );
  }

  /**
   * Gets a forwarded ticket-granting ticket, for GSS-API delegation (RFC 4120 section 2.6).
   *
   * @param options whose ticket, where the environment has those of several; and a signal
   * @returns the ticket; undefined if the client's own is not forwardable
   * @throws a {@link KerberosError} if no KDC gives the ticket
   * @example
   * ```ts
   * const forwarded = await client.getForwardedTicket();
   * if (forwarded === undefined) console.log("the ticket-granting ticket is not forwardable: nothing is delegated");
   * ```
   */
  async getForwardedTicket(options: ForwardedTicketOptions = {}): Promise<ServiceTicket | undefined> {
    checkOptions("client.getForwardedTicket", options, forwardedTicketChecks);
    return await this.#traced({ operation: "getForwardedTicket" }, (trace) =>
      this.#parts.kerberos.getForwardedTicket({ ...options, trace }),
    );
  }

  /**
   * Forgets a ticket that a server refused, so that the next attempt gets a new one.
   *
   * @param ticket what {@link getTicket} gave
   * @returns once the ticket is gone, from the cache too
   * @example
   * ```ts
   * const service = "host/server.example.org@EXAMPLE.ORG";
   * await client.forget(await client.getTicket(service));
   * const fresh = await client.getTicket(service);
   * ```
   */
  forget(ticket: ServiceTicket): Promise<void> {
    return this.#parts.kerberos.forget(ticket);
  }

  /**
   * Gives the enctypes permitted here, computed by the fastest cryptography of this host: for a GSS-API context.
   *
   * @returns the set
   * @example
   * ```ts
   * const { permitted } = await client.loadEncTypes();
   * ```
   */
  loadEncTypes(): Promise<EncTypeSet> {
    return this.#parts.kerberos.loadEncTypes();
  }

  /**
   * Opens an authenticated session with a remctl server.
   *
   * @param host the server's name
   * @param options what is different from the client's own options
   * @returns the session
   * @throws a {@link KerberosError} with `commandState` `"not-sent"`; TypeError and RangeError, the caller's mistakes,
   *   before anything is sent
   * @example
   * ```ts
   * await using session = await client.connect("server.example.org");
   * const { status, stdout } = await session.run(["quota", "get", "alice"]);
   * ```
   */
  async connect(host: string, options: RemctlOptions = {}): Promise<RemctlSession> {
    const connecting = this.#connecting("client.connect", host, options);
    return await this.#traced({ operation: "connect", host }, (trace) => connect({ ...connecting, trace }));
  }

  /**
   * Runs one command in a new session. An exit status other than 0 is a result.
   *
   * @param host the server's name
   * @param args the command: octets as they are, text as UTF-8, or streams of known length
   * @param options what is different from the client's own options
   * @returns the exit status, and all of the output
   * @throws a {@link KerberosError} with `commandState` and the output that came before the failure; TypeError and
   *   RangeError, the caller's mistakes, before anything is sent
   * @example
   * ```ts
   * const { status, stdout } = await client.remctl("server.example.org", ["quota", "get", "alice"]);
   * ```
   */
  async remctl(host: string, args: readonly RemctlArgument[], options: RemctlOptions = {}): Promise<RemctlResult> {
    const connecting = this.#connecting("client.remctl", host, options);
    const ready = prepareArguments(args, connecting.settings);
    return await this.#traced({ operation: "remctl", host }, (trace) => runOnce({ ...connecting, trace }, ready));
  }

  /**
   * Runs one command in a new session and gives the output as it comes, without a limit. The session is closed
   * when the command ends, or by {@link RemctlRun.cancel}. Errors do not have the output: it was given.
   *
   * @param host the server's name
   * @param args the command: octets as they are, text as UTF-8, or streams of known length
   * @param options what is different from the client's own options
   * @returns the command that runs
   * @throws a {@link KerberosError} with `commandState` `"not-sent"`; what fails later comes from the output and the
   *   status; TypeError and RangeError, the caller's mistakes, before anything is sent
   * @example
   * ```ts
   * await using run = await client.stream("server.example.org", ["log", "follow"]);
   * await run.stdout.pipeTo(writable);
   * ```
   */
  async stream(host: string, args: readonly RemctlArgument[], options: RemctlOptions = {}): Promise<RemctlRun> {
    const connecting = this.#connecting("client.stream", host, options);
    const ready = prepareArguments(args, connecting.settings);
    return await this.#traced({ operation: "stream", host }, (trace) => streamOnce({ ...connecting, trace }, ready));
  }

  /** Forgets the tickets. Sessions that are open stay open. */
  close(): void {
    this.#parts.kerberos.clear();
  }

  /** Forgets the tickets at the end of a `using`; see {@link close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #traced<T>(about: TracedCall, body: (trace: Trace) => Promise<T>): Promise<T> {
    return tracedCall(this.#parts.trace, about, body);
  }

  #connecting(of: string, host: string, options: RemctlOptions): Connecting {
    const { defaults, kerberos, serviceOf, optionNames, ...rest } = this.#parts;
    checkHost("host", host);
    checkOptions(of, options, remctlChecks, optionElsewhere("createClient", optionNames, remctlChecks));
    checkLocalAddress(options, rest.dial);
    const service = options.service ?? defaults.service;
    return {
      ...rest,
      host,
      service: (search) => (service === undefined ? serviceOf(host, search) : serviceNameOf("service", service)),
      settings: resolveClientOptions({ ...defaults, ...defined(options) }),
      loadEncTypes: () => kerberos.loadEncTypes(),
      tickets: kerberos,
    };
  }
}
