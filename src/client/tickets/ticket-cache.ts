import { formatPrincipal, type Principal, type ServiceTicket } from "../../krb5/index.ts";

/** The longest time before its end at which a ticket is no longer given out; a short ticket: a tenth of its life. */
const marginMs = 60_000;

/** Whether a ticket still has enough life left to be used. */
export function isFresh(ticket: ServiceTicket, nowMs: number): boolean {
  const lifeMs = ticket.endTime.getTime() - ticket.startTime.getTime();
  return ticket.endTime.getTime() - (nowMs + ticket.clockOffsetMs) > Math.min(marginMs, lifeMs / 10);
}

/** Tickets that keep what was derived of their keys, some five kilobytes each: those that were used last. */
const MAX_READY = 64;

/** So many tickets are kept without a look whether they have ended. */
const FIRST_SWEEP = 256;

/** Tickets in memory, by the name that was asked for. */
export class TicketCache {
  #sweepAt = FIRST_SWEEP;
  readonly #tickets = new Map<string, ServiceTicket>();
  /** In the order of their last use. */
  readonly #ready = new Set<ServiceTicket>();

  get(service: Principal, nowMs: number): ServiceTicket | undefined {
    if (this.#tickets.size > this.#sweepAt) this.#sweep(nowMs);
    const key = formatPrincipal(service);
    const ticket = this.#tickets.get(key);
    if (ticket === undefined) return undefined;
    if (isFresh(ticket, nowMs)) {
      this.#use(ticket);
      return ticket;
    }
    this.#tickets.delete(key);
    this.#ready.delete(ticket);
    return undefined;
  }

  /** How many are kept. */
  get size(): number {
    return this.#tickets.size;
  }

  set(service: Principal, ticket: ServiceTicket): void {
    this.#tickets.set(formatPrincipal(service), ticket);
    this.#use(ticket);
  }

  /** Forgets a ticket that a server refused. */
  delete(ticket: ServiceTicket): void {
    for (const [key, kept] of this.#tickets) if (kept === ticket) this.#tickets.delete(key);
    this.#ready.delete(ticket);
  }

  clear(): void {
    this.#tickets.clear();
    this.#ready.clear();
  }

  /** Forgets ended tickets. The next sweep comes when their number has doubled: a ticket costs the same each time. */
  #sweep(nowMs: number): void {
    for (const [key, ticket] of this.#tickets) {
      if (isFresh(ticket, nowMs)) continue;
      this.#tickets.delete(key);
      this.#ready.delete(ticket);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#tickets.size);
  }

  #use(ticket: ServiceTicket): void {
    this.#ready.delete(ticket);
    this.#ready.add(ticket);
    if (this.#ready.size <= MAX_READY) return;
    const [oldest] = this.#ready;
    if (oldest === undefined) return;
    this.#ready.delete(oldest);
    oldest.sessionKey.forgetDerived();
  }
}
