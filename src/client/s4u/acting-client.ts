import type { EncTypeSet } from "../../crypto/index.ts";
import { CredentialError } from "../../errors.ts";
import { formatPrincipal, type Principal, printableName, type ServiceTicket } from "../../krb5/index.ts";
import { reportTicket } from "../exchanges.ts";
import type { ServiceTicketOptions } from "../kerberos.ts";
import { type ClientTickets, type KerberosClient, notCached, type Traced } from "../kerberos-client.ts";
import { isFresh, TicketCache } from "../tickets/ticket-cache.ts";
import { selfTicket } from "./impersonate.ts";
import { proxyTicket } from "./proxy.ts";
import type { S4uUser } from "./x509-user.ts";

/** Whom to act for: a ticket of theirs for this service, or who they are; S4U2Self then gives the ticket. */
export type Evidence = ServiceTicket | S4uUser;

/** A ticket of the user for the client itself, by S4U2Self. It is kept nowhere. */
export function impersonate(
  client: KerberosClient,
  user: S4uUser,
  options: Pick<ServiceTicketOptions, "signal" | "enctypes"> & Traced = {},
): Promise<ServiceTicket> {
  const { enctypes } = options;
  return client.exchange((exchanges, tgt, walk) => selfTicket(exchanges, tgt, user, { ...walk, enctypes }), options);
}

/** Tickets of a user, got by S4U2Proxy with the ticket-granting ticket of a service. They are kept here alone. */
export class ActingClient implements ClientTickets {
  readonly #client: KerberosClient;
  readonly #user: S4uUser | undefined;
  readonly #now: () => number;
  readonly #memory: TicketCache = new TicketCache();
  #evidence: ServiceTicket | undefined;

  constructor(client: KerberosClient, evidence: Evidence, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
    if ("ticket" in evidence) this.#evidence = evidence;
    else this.#user = evidence;
  }

  get principal(): Principal | undefined {
    return this.#evidence?.client;
  }

  async identify(): Promise<Principal> {
    return (await this.#evidenceNow({})).client;
  }

  loadEncTypes(): Promise<EncTypeSet> {
    return this.#client.loadEncTypes();
  }

  async getTicket(service: Principal, options: ServiceTicketOptions & Traced = {}): Promise<ServiceTicket> {
    const { enctypes, cachedOnly = false, noStore = false, trace } = options;
    const kept = enctypes === undefined ? this.#memory.get(service, this.#now()) : undefined;
    if (kept !== undefined) {
      if (trace !== undefined) reportTicket(trace, "TGS", kept, true);
      return kept;
    }
    if (cachedOnly) throw notCached(service);
    const evidence = await this.#evidenceNow(options);
    const ticket = await this.#client.exchange(
      (exchanges, tgt, walk) => proxyTicket(exchanges, tgt, evidence, service, { ...walk, enctypes }),
      options,
    );
    if (enctypes === undefined && !noStore) this.#memory.set(service, ticket);
    return ticket;
  }

  /** Who acts for another cannot hand on the user's ticket-granting ticket, and does not have it. */
  async getForwardedTicket(): Promise<undefined> {
    return undefined;
  }

  async forget(ticket: ServiceTicket): Promise<void> {
    this.#memory.delete(ticket);
  }

  clear(): void {
    this.#memory.clear();
    if (this.#user !== undefined) this.#evidence = undefined;
  }

  /** The evidence that is there, if it is good; S4U2Self gives a new one where it is known whose it must be. */
  async #evidenceNow(options: Pick<ServiceTicketOptions, "signal"> & Traced): Promise<ServiceTicket> {
    const evidence = this.#evidence;
    if (evidence !== undefined && isFresh(evidence, this.#now())) return evidence;
    if (this.#user !== undefined) {
      const { signal, trace } = options;
      this.#evidence = await impersonate(this.#client, this.#user, { signal, trace });
      return this.#evidence;
    }
    const { client, endTime } = evidence as ServiceTicket;
    throw new CredentialError(
      "TICKET_EXPIRED",
      `the ticket that says we may act for ${printableName(client)} ends at ${endTime.toISOString()}: let the user send a new one`,
      { principal: formatPrincipal(client) },
    );
  }
}
