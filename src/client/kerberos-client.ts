import type { CredentialCache } from "../credentials/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { CredentialError, isKerberosError } from "../errors.ts";
import { NAME_TYPE, TICKET_FLAG } from "../iana/index.ts";
import {
  equalPrincipals,
  etypesOf,
  type ForwardedTicketOptions,
  formatPrincipal,
  type GetTicketOptions,
  type Principal,
  printableName,
  type ServiceTicket,
  type TicketSource,
  tgsPrincipal,
} from "../krb5/index.ts";
import type { Trace } from "../trace.ts";
import { SpareConnections } from "../transport/index.ts";
import type { LoginWish } from "./as/direct-login.ts";
import type { LoginOptions } from "./as/login.ts";
import type { ChosenClients } from "./credentials/chosen.ts";
import type { OpenedCredentials } from "./credentials/credential-source.ts";
import { type Exchanges, reportTicket, type WalkOptions } from "./exchanges.ts";
import type { ServiceTicketOptions } from "./kerberos.ts";
import type { ShelfParts } from "./tickets/cache-shelf.ts";
import { DirectTickets, flightOf } from "./tickets/direct-tickets.ts";
import { SingleFlight } from "./tickets/single-flight.ts";
import { TgtSource } from "./tickets/tgt-source.ts";
import { TicketCache } from "./tickets/ticket-cache.ts";
import type { ShelfQuery, TicketShelf } from "./tickets/ticket-shelf.ts";

/** What a {@link KerberosClient} works with. */
export interface KerberosClientOptions {
  /** Who logs in, if that is known before the credentials are opened. */
  readonly principal?: Principal | undefined;
  readonly exchanges: Exchanges;
  /** Opens the credentials, when they are first needed, and says what is asked of its tickets. */
  readonly open: () => Promise<OpenedClient>;
  /** Other clients, where who asks depends on the service. */
  readonly chosen?: ChosenClients<KerberosClient> | undefined;
  /** What a cache of the credentials is opened with; a client without it keeps its tickets in memory alone. */
  readonly openShelf?: (cache: CredentialCache, parts: ShelfParts) => TicketShelf;
  /** Whether the first service is asked for in the login itself, where its realm is known to be the client's. */
  readonly directTicket?: boolean | undefined;
  /** How long a rejected secret is not tried again, so that no account is locked by retries. Default 60. */
  readonly rejectedSecretRestSeconds?: number | undefined;
  /**
   * Whether callers at the same time may wait for one exchange; false on hosts where a promise belongs to one request.
   */
  readonly isSharing?: boolean;
  /** Milliseconds after which the work of one caller is given up, and another's begins, where nothing is shared. */
  readonly turnMs?: number;
}

/** Credentials, with what is asked of their tickets. */
export interface OpenedClient extends OpenedCredentials {
  readonly defaults: TicketDefaults;
}

/** What is asked of the tickets of a login, and of those of services. */
export interface TicketDefaults {
  readonly login: LoginOptions;
  readonly service: WalkOptions;
}

interface Opened {
  readonly principal: Principal;
  readonly memory: TicketCache;
  readonly shelf: TicketShelf | undefined;
  readonly tgts: TgtSource;
  readonly direct: DirectTickets | undefined;
  readonly defaults: TicketDefaults;
}

/** The trace of the call that asks: exchanges that several calls share report to the first. */
export interface Traced {
  /** Default: that of the client. */
  readonly trace?: Trace | undefined;
}

/** The tickets of a client, or of one that acts for another. */
export interface ClientTickets extends TicketSource {
  readonly principal: Principal | undefined;
  identify(): Promise<Principal>;
  loadEncTypes(): Promise<EncTypeSet>;
  getTicket(service: Principal, options?: ServiceTicketOptions & Traced): Promise<ServiceTicket>;
  getForwardedTicket(options?: GetTicketOptions & Traced): Promise<ServiceTicket | undefined>;
  forget(ticket: ServiceTicket): Promise<void>;
  clear(): void;
}

/** One client: its credentials, the tickets it has, and how it gets more. */
export class KerberosClient implements ClientTickets {
  readonly #options: KerberosClientOptions;
  readonly #exchanges: Exchanges;
  readonly #flights: SingleFlight<ServiceTicket>;
  // A value, not a promise: on Workers a promise belongs to the request that made it.
  #opened: Opened | undefined;

  constructor(options: KerberosClientOptions) {
    this.#options = options;
    this.#exchanges = options.exchanges;
    this.#flights = new SingleFlight(options.isSharing ?? true, options.turnMs);
  }

  /** Who the client is, if that is known yet. */
  get principal(): Principal | undefined {
    return this.#opened?.principal ?? this.#options.principal;
  }

  /** Who the client is. Opens the credentials, and asks no KDC. */
  async identify(): Promise<Principal> {
    const { principal, shelf } = await this.#open();
    shelf?.forgetRead();
    return principal;
  }

  /** Who the client is, within a call that goes on to its tickets. */
  async identifyForCall(): Promise<Principal> {
    return (await this.#open()).principal;
  }

  loadEncTypes(): Promise<EncTypeSet> {
    return this.#exchanges.loadEncTypes();
  }

  /** See {@link TicketSource.getTicket}. Callers that ask at the same time share one exchange. */
  async getTicket(service: Principal, options: ServiceTicketOptions & Traced = {}): Promise<ServiceTicket> {
    const other = await this.#otherFor(service);
    if (other !== undefined) return await other.getTicket(service, options);
    const { enctypes, signal, cachedOnly = false, userToUser, armor, pac, trace = this.#exchanges.trace } = options;
    if (userToUser !== undefined || armor !== undefined || pac !== undefined) {
      if (cachedOnly) throw notCached(service);
      const walk = await this.exchange((exchanges, tgt, asked) => {
        const wish = { ...asked, userToUser, armor, pac, enctypes: enctypes ?? asked.enctypes };
        return exchanges.getServiceTicket(tgt, service, wish);
      }, options);
      return walk.ticket;
    }
    const { noStore = false } = options;
    const permitted = enctypes && (await this.#exchanges.loadEncTypes()).permitted;
    const requested = enctypes && etypesOf("enctypes", enctypes, permitted);
    const { memory, shelf, principal, defaults } = await this.#open();
    if (equalPrincipals(service, tgsPrincipal(principal.realm)) && !cachedOnly && requested === undefined) {
      return await this.login(options);
    }
    const kept = await this.#find(service, { requested, signal, isLastResort: cachedOnly });
    if (kept !== undefined) {
      reportTicket(trace, "TGS", kept, true);
      return kept;
    }
    if (cachedOnly) throw notCached(service);
    const key = [formatPrincipal(service), requested?.join(), noStore].join(" ");
    const work = async (inner: AbortSignal): Promise<ServiceTicket> => {
      const spares = new SpareConnections();
      try {
        return await walk(inner, spares);
      } finally {
        spares.close();
      }
    };
    const walk = async (inner: AbortSignal, spares: SpareConnections): Promise<ServiceTicket> => {
      const mayBeDirect = requested === undefined && !noStore;
      const tgt = await this.#logInFor(service, mayBeDirect, { signal: inner, trace, spares });
      if (tgt.service.components[0] !== "krbtgt") {
        memory.set(service, tgt);
        return tgt;
      }
      const { ticket, intermediate } = await this.#exchanges.reportingTo(trace).getServiceTicket(tgt, service, {
        ...defaults.service,
        signal: inner,
        spares,
        kept: (name) => memory.get(name, this.#exchanges.now()),
        enctypes: requested ?? defaults.service.enctypes,
      });
      if (noStore) return ticket;
      for (const hop of intermediate) memory.set(hop.service, hop);
      if (requested === undefined) memory.set(service, ticket);
      await shelf?.add(service, ticket, intermediate);
      return ticket;
    };
    return await this.#flights.run(key, signal, work, () =>
      requested === undefined && !noStore ? memory.get(service, this.#exchanges.now()) : undefined,
    );
  }

  /** The ticket-granting ticket of the client's realm: one that is kept, a renewed one, or that of a new login. */
  async login(options: GetTicketOptions & Traced & Pick<LoginWish, "spares"> = {}): Promise<ServiceTicket> {
    const { tgts, direct } = await this.#open();
    const { kept } = tgts;
    if (kept !== undefined) return kept;
    // Rule P11: of two logins at the same time, each would prove a secret that is wrong.
    for (let other = direct?.flight; other !== undefined && this.#flights.isUnderWay(other); other = direct?.flight) {
      await this.#flights.awaitEnd(other, options.signal);
    }
    return await this.#flights.run(
      "login",
      options.signal,
      (signal) => tgts.get(signal, options.trace ?? this.#exchanges.trace, { spares: options.spares }),
      () => tgts.kept,
    );
  }

  /** The ticket-granting ticket; or that for the service, where a login gives it. */
  async #logInFor(
    service: Principal,
    mayBeDirect: boolean,
    options: { readonly signal: AbortSignal; readonly trace: Trace; readonly spares: SpareConnections },
  ): Promise<ServiceTicket> {
    const { signal, trace, spares } = options;
    const { direct, tgts } = await this.#open();
    while (mayBeDirect && direct !== undefined && this.#flights.isUnderWay("login")) {
      await this.#flights.awaitEnd("login", signal);
    }
    const name = mayBeDirect && tgts.kept === undefined ? direct?.nameOf(service, trace) : undefined;
    if (direct === undefined || name === undefined) return await this.login(options);
    const asked = { service: name, onRefused: () => direct.refuse(name) };
    return await this.#flights.run(flightOf(name), signal, (inner) =>
      direct.run(name, () => tgts.get(inner, trace, { direct: asked, spares })),
    );
  }

  /** Does an exchange with the ticket-granting ticket, by what is asked of service tickets. Keeps nothing. */
  async exchange<T>(
    body: (exchanges: Exchanges, tgt: ServiceTicket, options: WalkOptions) => Promise<T>,
    options: GetTicketOptions & Traced = {},
  ): Promise<T> {
    const { signal, trace = this.#exchanges.trace } = options;
    const { memory, defaults } = await this.#open();
    const tgt = await this.login(options);
    return await body(this.#exchanges.reportingTo(trace), tgt, {
      ...defaults.service,
      signal,
      kept: (name) => memory.get(name, this.#exchanges.now()),
    });
  }

  /** A forwarded ticket-granting ticket, obtained again; undefined if the current one is not forwardable. */
  async getForwardedTicket(options: ForwardedTicketOptions & Traced = {}): Promise<ServiceTicket | undefined> {
    const other = options.client && this.#options.chosen?.of(options.client);
    if (other !== undefined) return await other.getForwardedTicket(options);
    const tgt = await this.login(options);
    if ((tgt.flags & TICKET_FLAG.forwardable) === 0) return undefined;
    return await this.#exchanges.reportingTo(options.trace ?? this.#exchanges.trace).forward(tgt, options);
  }

  /** Forgets a ticket that a server refused, so that the next attempt gets a new one. */
  async forget(ticket: ServiceTicket): Promise<void> {
    await this.#options.chosen?.of(ticket.client)?.forget(ticket);
    this.#opened?.memory.delete(ticket);
    await this.#opened?.shelf?.drop(ticket);
  }

  /** Lets a secret that was rejected be tried at once, by all who share the store. */
  async forgetRejection(): Promise<void> {
    const { tgts, shelf } = await this.#open();
    shelf?.forgetRead();
    await tgts.forgetRejection();
  }

  /** Whether there is a secret to log in with, or the tickets of a cache alone. */
  async hasSecret(): Promise<boolean> {
    const { tgts, shelf } = await this.#open();
    shelf?.forgetRead();
    return tgts.hasSecret;
  }

  /** Forgets every ticket in memory; a cache keeps its own. */
  clear(): void {
    for (const other of this.#options.chosen?.all() ?? []) other.clear();
    this.#opened?.memory.clear();
  }

  /** A kept ticket that is fresh, or as a last resort one that has not ended. */
  async #find(service: Principal, query: ShelfQuery): Promise<ServiceTicket | undefined> {
    const { memory, shelf } = await this.#open();
    const { requested } = query;
    const kept = memory.get(service, this.#exchanges.now());
    if (kept !== undefined && (requested === undefined || requested.includes(kept.sessionKey.encType.etype)))
      return kept;
    const found = await shelf?.find(service, query);
    if (found !== undefined && requested === undefined) memory.set(service, found);
    return found;
  }

  /** Who asks for a service instead; undefined: this one. */
  async #otherFor(service: Principal): Promise<KerberosClient | undefined> {
    const other = await this.#options.chosen?.for(service);
    if (other?.principal === undefined) return undefined;
    try {
      return equalPrincipals(await this.identifyForCall(), other.principal) ? undefined : other;
    } catch (error) {
      // Nobody is there without a choice.
      if (!isKerberosError(error)) throw error;
      return other;
    }
  }

  async #open(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const { open, openShelf, rejectedSecretRestSeconds = 60 } = this.#options;
    const exchanges = this.#exchanges;
    const [credentials, encTypes] = await Promise.all([open(), exchanges.loadEncTypes()]);
    const { principal, cache, defaults } = credentials;
    const { now, trace } = exchanges;
    const memory = new TicketCache();
    const mayBeRenamed = defaults.login.canonicalize === true || principal.nameType === NAME_TYPE.enterprise;
    const parts = { credentials, memory, encTypes, now, trace, mayBeRenamed };
    const shelf = cache === undefined ? undefined : openShelf?.(cache, parts);
    const restMs = rejectedSecretRestSeconds * 1000;
    const tgts = new TgtSource({ credentials, memory, shelf, exchanges, options: defaults.login, restMs });
    const isKept = (service: Principal): boolean => memory.get(service, now()) !== undefined;
    // A client that the KDC may send to another realm is not known to be of the service's.
    const isDirect = this.#options.directTicket === true && !mayBeRenamed;
    const { configuredRealm } = exchanges;
    const direct = isDirect ? new DirectTickets({ client: principal, configuredRealm, isKept }) : undefined;
    // Two that opened at once: the first counts, so that both see the same tickets.
    this.#opened ??= { principal, memory, shelf, tgts, direct, defaults };
    return this.#opened;
  }
}

/** What is thrown where no KDC may be asked. */
export function notCached(service: Principal): CredentialError {
  return new CredentialError(
    "NO_CREDENTIAL",
    `no ticket for ${printableName(service)} is cached here: log in first, or let the KDC be asked`,
  );
}
