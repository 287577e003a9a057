import type { EncTypeSet } from "../crypto/index.ts";
import { KerberosError } from "../errors.ts";
import {
  type AuthenticatorClock,
  createAuthenticatorClock,
  equalPrincipals,
  formatPrincipal,
  type Principal,
  type ServiceTicket,
  type TicketSource,
  tgsPrincipal,
} from "../krb5/index.ts";
import type { Trace } from "../trace.ts";
import type { KdcTransport } from "../transport/index.ts";
import { AsExchange, type AsStep } from "./as-exchange.ts";
import type { TicketOptions } from "./kdc-request.ts";
import type { Secret } from "./secret.ts";
import { SingleFlight } from "./single-flight.ts";
import { TgsWalk } from "./tgs-walk.ts";
import { TicketCache } from "./ticket-cache.ts";

/** What a {@link KerberosClient} works with. */
export interface KerberosClientOptions extends TicketOptions {
  readonly client: Principal;
  /** Asked for at each login, so that a rotated secret is seen. */
  readonly getSecret: () => Promise<Secret>;
  /** The permitted enctypes; asked for once, when they are first needed. */
  readonly loadEncTypes: () => Promise<EncTypeSet>;
  readonly transport: KdcTransport;
  readonly trace: Trace;
  readonly now?: () => number;
  /** The largest difference of clocks that is borne. Default 300. */
  readonly skewSeconds?: number;
  /** How long a rejected secret is not tried again, so that no account is locked by retries. Default 60. */
  readonly rejectedSecretRestSeconds?: number;
  /** Whether callers at the same time may wait for one exchange; false on hosts where a promise belongs to one request. */
  readonly isSharing?: boolean;
}

/** Logs in and gets tickets, and keeps them: the driver of the AS and TGS exchanges. */
export class KerberosClient implements TicketSource {
  readonly #options: KerberosClientOptions;
  readonly #now: () => number;
  readonly #skewMs: number;
  readonly #clock: AuthenticatorClock;
  readonly #tickets = new TicketCache();
  readonly #flights: SingleFlight<ServiceTicket>;
  #encTypes: EncTypeSet | undefined;
  #rejection: { readonly secret: Secret; readonly error: KerberosError; readonly untilMs: number } | undefined;

  constructor(options: KerberosClientOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#skewMs = (options.skewSeconds ?? 300) * 1000;
    this.#clock = createAuthenticatorClock(this.#now);
    this.#flights = new SingleFlight(options.isSharing ?? true);
  }

  get principal(): Principal {
    return this.#options.client;
  }

  /** See {@link TicketSource.getTicket}. Callers that ask at the same time share one exchange. */
  async getTicket(service: Principal, options: { readonly signal?: AbortSignal } = {}): Promise<ServiceTicket> {
    const kept = this.#tickets.get(service, this.#now());
    if (kept !== undefined) {
      this.#report("TGS", kept, true);
      return kept;
    }
    // Asked for by name: a flight of this name that waits for the login would wait for itself.
    if (equalPrincipals(service, tgsPrincipal(this.#options.client.realm))) return this.login(options);
    return this.#flights.run(formatPrincipal(service), options.signal, async (signal) => {
      const encTypes = await this.#loadEncTypes();
      const tgt = await this.login({ signal });
      const walk = new TgsWalk(this.#start(tgt, service), service, {
        ...this.#exchangeOptions(encTypes),
        clock: this.#clock,
      });
      const ticket = await this.#drive(walk, signal);
      for (const hop of walk.intermediate) this.#tickets.set(hop.service, hop);
      this.#tickets.set(service, ticket);
      this.#report("TGS", ticket, false);
      return ticket;
    });
  }

  /** The ticket-granting ticket of the client's realm: the one kept, or a new login. */
  async login(options: { readonly signal?: AbortSignal } = {}): Promise<ServiceTicket> {
    const service = tgsPrincipal(this.#options.client.realm);
    const kept = this.#tickets.get(service, this.#now());
    if (kept !== undefined) return kept;
    return this.#flights.run(formatPrincipal(service), options.signal, async (signal) => {
      const ticket = await this.#logIn(service, signal);
      this.#tickets.set(service, ticket);
      this.#report("AS", ticket, false);
      return ticket;
    });
  }

  /** Forgets a ticket that a server refused, so that the next attempt gets a new one. */
  forget(ticket: ServiceTicket): void {
    this.#tickets.delete(ticket);
  }

  /** Forgets every ticket. */
  clear(): void {
    this.#tickets.clear();
  }

  async #logIn(service: Principal, signal: AbortSignal): Promise<ServiceTicket> {
    const [encTypes, secret] = await Promise.all([this.#loadEncTypes(), this.#options.getSecret()]);
    this.#refuseRejected(secret);
    const exchange = new AsExchange({
      ...this.#options,
      ...this.#exchangeOptions(encTypes),
      service,
      secret,
    });
    try {
      const ticket = await this.#drive(exchange, signal);
      this.#rejection = undefined;
      return ticket;
    } catch (error) {
      if (error instanceof KerberosError && (error.code === "WRONG_PASSWORD" || error.code === "KEYTAB")) {
        const restMs = (this.#options.rejectedSecretRestSeconds ?? 60) * 1000;
        this.#rejection = { secret, error, untilMs: this.#now() + restMs };
      }
      throw error;
    }
  }

  /** A secret that was rejected a moment ago would only be rejected again, and counted against the account. */
  #refuseRejected(secret: Secret): void {
    const rejection = this.#rejection;
    if (rejection === undefined || rejection.untilMs <= this.#now() || !secret.isSame(rejection.secret)) return;
    const seconds = Math.ceil((rejection.untilMs - this.#now()) / 1000);
    throw new KerberosError(
      rejection.error.code,
      `${rejection.error.message} (not tried again for another ${seconds} s)`,
      { cause: rejection.error },
    );
  }

  async #drive(
    machine: { start(): AsStep; step(reply: Uint8Array): AsStep | Promise<AsStep> },
    signal: AbortSignal,
  ): Promise<ServiceTicket> {
    let next = machine.start();
    while (next.type === "send") {
      const reply = await this.#options.transport.exchange(next.realm, next.request, { signal });
      next = await machine.step(reply);
    }
    return next.ticket;
  }

  /** The nearest ticket-granting ticket to a service's realm that is kept. */
  #start(tgt: ServiceTicket, { realm }: Principal): ServiceTicket {
    const home = this.#options.client.realm;
    if (realm === "" || realm === home) return tgt;
    return this.#tickets.get(tgsPrincipal(realm, home), this.#now()) ?? tgt;
  }

  #exchangeOptions(encTypes: EncTypeSet): TicketOptions & {
    readonly encTypes: EncTypeSet;
    readonly trace: Trace;
    readonly now: () => number;
    readonly skewMs: number;
  } {
    const { lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable } = this.#options;
    return {
      encTypes,
      trace: this.#options.trace,
      now: this.#now,
      skewMs: this.#skewMs,
      ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
      ...(renewLifetimeSeconds === undefined ? {} : { renewLifetimeSeconds }),
      ...(forwardable === undefined ? {} : { forwardable }),
      ...(proxiable === undefined ? {} : { proxiable }),
    };
  }

  async #loadEncTypes(): Promise<EncTypeSet> {
    this.#encTypes ??= await this.#options.loadEncTypes();
    return this.#encTypes;
  }

  #report(exchange: "AS" | "TGS", ticket: ServiceTicket, cached: boolean): void {
    this.#options.trace({
      type: "ticket",
      exchange,
      client: formatPrincipal(ticket.client),
      service: formatPrincipal(ticket.service),
      etype: ticket.sessionKey.encType.name,
      endTime: ticket.endTime,
      cached,
    });
  }
}
