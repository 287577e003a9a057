import { CredentialError, isKerberosError } from "../../errors.ts";
import { TICKET_FLAG } from "../../iana/index.ts";
import { formatPrincipal, type Principal, type ServiceTicket, tgsPrincipal } from "../../krb5/index.ts";
import type { Trace } from "../../trace.ts";
import type { SpareConnections } from "../../transport/index.ts";
import type { DirectService, LoginWish } from "../as/direct-login.ts";
import type { KeptLogins } from "../as/earlier-logins.ts";
import type { LoginOptions } from "../as/login.ts";
import type { OpenedCredentials } from "../credentials/credential-source.ts";
import type { Secret } from "../credentials/secret.ts";
import type { Exchanges } from "../exchanges.ts";
import { RejectedSecret } from "./rejection.ts";
import type { TicketCache } from "./ticket-cache.ts";
import type { HeldTgt, Obtained, ShelfLook, TicketShelf } from "./ticket-shelf.ts";

/** What a {@link TgtSource} works with. */
export interface TgtSourceOptions {
  readonly credentials: OpenedCredentials;
  readonly memory: TicketCache;
  readonly shelf: TicketShelf | undefined;
  readonly exchanges: Exchanges;
  /** What is asked of a login. */
  readonly options: LoginOptions;
  readonly restMs: number;
}

/** One call of {@link TgtSource.get}. */
interface Getting {
  readonly exchanges: Exchanges;
  readonly look: ShelfLook | undefined;
  readonly atHand: ServiceTicket | undefined;
  readonly loadSecret: () => Promise<Secret | undefined>;
  readonly signal: AbortSignal;
  readonly direct: DirectService | undefined;
  readonly spares: SpareConnections | undefined;
}

/** After a refresh that failed the next waits so long, as in libkrb5. */
const REFRESH_RETRY_MS = 30_000;

/**
 * Where a client's ticket-granting ticket comes from: memory, its shelf, a renewal, a login; in that order, so that a
 * KDC is asked only where nothing else helps, and before the current ticket has ended.
 */
export class TgtSource {
  readonly #options: TgtSourceOptions;
  readonly #rejected: RejectedSecret;
  #refreshAtMs: number | undefined;
  /** The last one, which is renewed, or used to its end, when memory gives it out no more. */
  #last: ServiceTicket | undefined;

  constructor(options: TgtSourceOptions) {
    this.#options = options;
    this.#rejected = new RejectedSecret(options.restMs, options.exchanges.now);
  }

  get service(): Principal {
    return tgsPrincipal(this.#options.credentials.principal.realm);
  }

  /** The one in memory, if it will do. */
  get kept(): ServiceTicket | undefined {
    const { memory, exchanges } = this.#options;
    const isDue = this.#refreshAtMs !== undefined && this.#refreshAtMs <= exchanges.now();
    return isDue ? undefined : memory.get(this.service, exchanges.now());
  }

  get hasSecret(): boolean {
    return this.#options.credentials.loadSecret !== undefined;
  }

  /** Lets a rejected secret be tried again: a password was changed. */
  async forgetRejection(): Promise<void> {
    this.#rejected.forget();
    await this.#options.shelf?.forgetRejection();
  }

  /**
   * The ticket-granting ticket, by whatever gives one; or, where a login is needed and the KDC gives it so, the
   * ticket for the service of `direct`.
   */
  async get(signal: AbortSignal, trace: Trace, { direct, spares }: LoginWish = {}): Promise<ServiceTicket> {
    const { shelf } = this.#options;
    const exchanges = this.#options.exchanges.reportingTo(trace);
    const loadSecret = once(async () => this.#options.credentials.loadSecret?.());
    const look = await shelf?.look(signal, loadSecret);
    const held = look?.held;
    if (held !== undefined && look?.isGood === true) return this.#keep(held);
    const atHand = held?.ticket ?? (isAlive(this.#last, exchanges.now()) ? this.#last : undefined);
    try {
      // One that is at hand, and is renewed, costs no secret.
      const wanted = atHand === undefined ? direct : undefined;
      return this.#keep(await this.#acquire({ exchanges, look, atHand, loadSecret, signal, direct: wanted, spares }));
    } catch (error) {
      // The current ticket is good until it ends, even if no KDC can be reached now.
      if (atHand === undefined || signal.aborted || !isKerberosError(error)) throw error;
      exchanges.trace({
        type: "note",
        text: `no new ticket-granting ticket; the current one ends at ${atHand.endTime.toISOString()}: ${error.message}`,
      });
      this.#refreshAtMs = exchanges.now() + REFRESH_RETRY_MS;
      this.#last = atHand;
      return atHand;
    }
  }

  async #acquire(getting: Getting): Promise<HeldTgt> {
    const { exchanges, look, atHand, loadSecret, signal, direct } = getting;
    const secret = await loadSecret();
    const obtain = (kept?: KeptLogins): Promise<Obtained> => this.#obtain(getting, secret, kept);
    if (look === undefined) {
      const { ticket } = await obtain();
      return { ticket, refreshAtMs: refreshTimeOf(this.#options.credentials, ticket) };
    }
    const mayRest = (error: unknown): boolean => exchanges.restOf(error) === "everyone";
    const held = await look.acquire(obtain, signal, mayRest, direct?.service);
    if (held !== undefined) return held;
    if (atHand === undefined) throw look.noTickets();
    return { ticket: atHand };
  }

  /** By renewal if that is possible, which needs no proof of the secret; else by a login. */
  async #obtain(
    { exchanges, look, atHand, signal, direct, spares }: Getting,
    secret: Secret | undefined,
    kept: KeptLogins | undefined,
  ): Promise<Obtained> {
    const { credentials, options } = this.#options;
    if (atHand !== undefined && isRenewable(atHand)) {
      try {
        return { ticket: await exchanges.renew(atHand, { signal }) };
      } catch (error) {
        if (secret === undefined || signal.aborted) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        exchanges.trace({ type: "note", text: `the ticket-granting ticket was not renewed, logging in: ${reason}` });
      }
    }
    if (secret === undefined) throw look?.noTickets() ?? noCredential(credentials);
    this.#rejected.refuse(secret);
    if (spares !== undefined) spares.afterLogin = direct === undefined ? 1 : 0;
    try {
      const login = await exchanges.login(
        credentials.principal,
        secret,
        { ...options, signal },
        { direct, spares, kept },
      );
      this.#rejected.forget();
      return login;
    } catch (error) {
      if (exchanges.restOf(error) !== "nobody") this.#rejected.note(secret, error);
      throw error;
    }
  }

  #keep({ ticket, refreshAtMs }: HeldTgt): ServiceTicket {
    if (ticket.service.components[0] !== "krbtgt") return ticket;
    this.#options.memory.set(this.service, ticket);
    this.#last = ticket;
    this.#refreshAtMs = refreshAtMs;
    return ticket;
  }
}

/** Calls a function when its value is first wanted, for one call of {@link TgtSource.get}. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** When half of a ticket's life is over, for credentials whose tickets are renewed by then. */
export function refreshTimeOf(
  { isRefreshedAtHalf }: Pick<OpenedCredentials, "isRefreshedAtHalf">,
  { service, startTime, endTime }: ServiceTicket,
): number | undefined {
  if (isRefreshedAtHalf !== true || service.components[0] !== "krbtgt") return undefined;
  return Math.floor((startTime.getTime() + endTime.getTime()) / 2000) * 1000;
}

/** Credentials have a secret or a cache: those with neither come from a source that somebody else wrote. */
function noCredential({ principal }: OpenedCredentials): CredentialError {
  const who = formatPrincipal(principal);
  const words = "hold neither tickets nor a secret to log in with: give a cache, a keytab or a password";
  return new CredentialError("NO_CREDENTIAL", `the credentials of ${who} ${words}`, { principal: who });
}

function isAlive(ticket: ServiceTicket | undefined, nowMs: number): boolean {
  return ticket !== undefined && ticket.endTime.getTime() > nowMs + ticket.clockOffsetMs;
}

/** Of a ticket at hand, which has not ended. */
function isRenewable({ flags, endTime, renewTill }: ServiceTicket): boolean {
  if ((flags & TICKET_FLAG.renewable) === 0 || renewTill === undefined) return false;
  // One that could not last longer than it does is not worth a request.
  return renewTill.getTime() > endTime.getTime();
}
