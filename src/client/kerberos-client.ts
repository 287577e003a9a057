import type { CredentialCache } from "../credentials/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { CredentialError } from "../errors.ts";
import { NAME_TYPE, TICKET_FLAG } from "../iana/index.ts";
import {
  equalPrincipals,
  formatPrincipal,
  type GetTicketOptions,
  type Principal,
  type ServiceTicket,
  type TicketSource,
  tgsPrincipal,
} from "../krb5/index.ts";
import type { LoginOptions } from "./as/login.ts";
import type { CredentialHost, CredentialSource } from "./credentials/credential-source.ts";
import { type Exchanges, ticketEvent, type WalkOptions } from "./exchanges.ts";
import type { ServiceTicketOptions } from "./kerberos.ts";
import { SingleFlight } from "./tickets/single-flight.ts";
import { TgtSource } from "./tickets/tgt-source.ts";
import { TicketKeeper } from "./tickets/ticket-keeper.ts";

/** What a {@link KerberosClient} works with. */
export interface KerberosClientOptions {
  readonly credential: CredentialSource;
  readonly exchanges: Exchanges;
  /** What the credential is opened with, when it is first needed. */
  readonly loadHost: () => Promise<CredentialHost>;
  /** Where tickets are kept, if the credential does not say; absent: in memory. */
  readonly openCache?: ((principal: Principal, host: CredentialHost) => CredentialCache | undefined) | undefined;
  /** What is asked of every ticket, with what the configuration says. */
  readonly defaults: (host: CredentialHost, principal: Principal) => TicketDefaults;
  /** How long a rejected secret is not tried again, so that no account is locked by retries. Default 60. */
  readonly rejectedSecretRestSeconds?: number | undefined;
  /** Whether callers at the same time may wait for one exchange; false on hosts where a promise belongs to one request. */
  readonly isSharing?: boolean;
}

/** What is asked of the tickets of a login, and of those of services. */
export interface TicketDefaults {
  readonly login: LoginOptions;
  readonly service: WalkOptions;
}

interface Opened {
  readonly principal: Principal;
  readonly keeper: TicketKeeper;
  readonly tgts: TgtSource;
  readonly defaults: TicketDefaults;
}

/** One client: its credential, the tickets it has, and how it gets more. */
export class KerberosClient implements TicketSource {
  readonly #options: KerberosClientOptions;
  readonly #exchanges: Exchanges;
  readonly #flights: SingleFlight<ServiceTicket>;
  // A value, not a promise: on Workers a promise belongs to the request that made it.
  #opened: Opened | undefined;

  constructor(options: KerberosClientOptions) {
    this.#options = options;
    this.#exchanges = options.exchanges;
    this.#flights = new SingleFlight(options.isSharing ?? true);
  }

  /** Who the client is, if that is known yet. */
  get principal(): Principal | undefined {
    return this.#opened?.principal ?? this.#options.credential.principal;
  }

  /** Who the client is. Opens the credential, and asks no KDC. */
  async identify(): Promise<Principal> {
    return (await this.#open()).principal;
  }

  loadEncTypes(): Promise<EncTypeSet> {
    return this.#exchanges.loadEncTypes();
  }

  /** See {@link TicketSource.getTicket}. Callers that ask at the same time share one exchange. */
  async getTicket(service: Principal, options: ServiceTicketOptions = {}): Promise<ServiceTicket> {
    const { etypes, signal, isCachedOnly = false, isNotStored = false } = options;
    const { keeper, principal, defaults } = await this.#open();
    if (equalPrincipals(service, tgsPrincipal(principal.realm)) && !isCachedOnly && etypes === undefined) {
      return await this.login(options);
    }
    const kept = await keeper.find(service, { etypes, signal, isLastResort: isCachedOnly });
    if (kept !== undefined) {
      this.#exchanges.trace(ticketEvent("TGS", kept, true));
      return kept;
    }
    if (isCachedOnly) {
      throw new CredentialError("NO_CREDENTIAL", `no ticket for ${formatPrincipal(service)} is kept here`);
    }
    const key = `${formatPrincipal(service)} ${etypes?.join() ?? ""} ${isNotStored}`;
    const work = async (inner: AbortSignal): Promise<ServiceTicket> => {
      const tgt = await this.login({ signal: inner });
      const { ticket, intermediate } = await this.#exchanges.getServiceTicket(tgt, service, {
        ...defaults.service,
        signal: inner,
        kept: (name) => keeper.memory.get(name, this.#exchanges.now()),
        ...(etypes === undefined ? {} : { etypes }),
      });
      if (!isNotStored) await keeper.add(service, ticket, intermediate, etypes === undefined);
      return ticket;
    };
    return await this.#flights.run(key, signal, work, () =>
      etypes === undefined && !isNotStored ? keeper.memory.get(service, this.#exchanges.now()) : undefined,
    );
  }

  /** The ticket-granting ticket of the client's realm: one that is kept, a renewed one, or that of a new login. */
  async login(options: GetTicketOptions = {}): Promise<ServiceTicket> {
    const { tgts } = await this.#open();
    const { kept } = tgts;
    if (kept !== undefined) return kept;
    return await this.#flights.run(
      "login",
      options.signal,
      (signal) => tgts.get(signal),
      () => tgts.kept,
    );
  }

  /** A forwarded ticket-granting ticket, got anew; undefined if the one at hand is not forwardable. */
  async getForwardedTicket(options: GetTicketOptions = {}): Promise<ServiceTicket | undefined> {
    const tgt = await this.login(options);
    if ((tgt.flags & TICKET_FLAG.forwardable) === 0) return undefined;
    return await this.#exchanges.forward(tgt, options);
  }

  /** Forgets a ticket that a server refused, so that the next attempt gets a new one. */
  async forget(ticket: ServiceTicket): Promise<void> {
    await this.#opened?.keeper.drop(ticket);
  }

  /** Lets a secret that was rejected be tried at once, by all who share the store. */
  async forgetRejection(): Promise<void> {
    await (await this.#open()).tgts.forgetRejection();
  }

  /** Whether there is a secret to log in with, or the tickets of a cache alone. */
  async hasSecret(): Promise<boolean> {
    return (await this.#open()).tgts.hasSecret;
  }

  /** Forgets every ticket in memory; a cache keeps its own. */
  clear(): void {
    this.#opened?.keeper.memory.clear();
  }

  async #open(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const { credential, loadHost, openCache, defaults: defaultsOf, rejectedSecretRestSeconds = 60 } = this.#options;
    const host = await loadHost();
    const [own, encTypes] = await Promise.all([credential.open(host), this.#exchanges.loadEncTypes()]);
    const { principal } = own;
    const cache = own.cache ?? openCache?.(principal, host);
    const defaults = defaultsOf(host, principal);
    const { now, trace } = this.#exchanges;
    const mayBeRenamed = defaults.login.canonicalize === true || principal.nameType === NAME_TYPE.enterprise;
    const keeper = new TicketKeeper({ principal, cache, encTypes, now, trace, mayBeRenamed });
    const restMs = rejectedSecretRestSeconds * 1000;
    const tgts = new TgtSource({
      credential: own,
      cache,
      keeper,
      exchanges: this.#exchanges,
      options: defaults.login,
      restMs,
    });
    // Two that opened at once: the first counts, so that both see the same tickets.
    this.#opened ??= { principal, keeper, tgts, defaults };
    return this.#opened;
  }
}
