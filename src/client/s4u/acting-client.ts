import type { EncTypeSet } from "../../crypto/index.ts";
import { CredentialError } from "../../errors.ts";
import { formatPrincipal, type Principal, printableName, type ServiceTicket } from "../../krb5/index.ts";
import { reportTicket } from "../exchanges.ts";
import type { ServiceTicketOptions } from "../kerberos.ts";
import { type ClientTickets, type KerberosClient, notCached, type Traced } from "../kerberos-client.ts";
import { SingleFlight } from "../tickets/single-flight.ts";
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
  readonly #flights: SingleFlight<ServiceTicket>;
  #evidence: ServiceTicket | undefined;

  /** `isShared`: whether callers at the same time may wait for one exchange. */
  constructor(client: KerberosClient, evidence: Evidence, isShared: boolean, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
    this.#flights = new SingleFlight(isShared);
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
    const { enctypes, cachedOnly, noStore, trace, signal, userToUser, armor, pac } = options;
    if ((userToUser ?? armor ?? pac) !== undefined) {
      throw new TypeError("userToUser, armor and pac are not for a client that acts for a user: leave them out");
    }
    const find = (): ServiceTicket | undefined => this.#memory.get(service, this.#now());
    const kept = enctypes === undefined ? find() : undefined;
    if (kept !== undefined) {
      if (trace !== undefined) reportTicket(trace, "TGS", kept, true);
      return kept;
    }
    if (cachedOnly) throw notCached(service);
    const isKept = enctypes === undefined && noStore !== true;
    const work = async (inner?: AbortSignal): Promise<ServiceTicket> => {
      const asked = { signal: inner, trace };
      const evidence = await this.#evidenceNow(asked);
      const ticket = await this.#client.exchange(
        (exchanges, tgt, walk) => proxyTicket(exchanges, tgt, evidence, service, { ...walk, enctypes }),
        asked,
      );
      if (isKept) this.#memory.set(service, ticket);
      return ticket;
    };
    return await (isKept ? this.#flights.run(formatPrincipal(service), signal, work, find) : work(signal));
  }

  /** A service that acts for a user does not have the user's ticket-granting ticket, and so cannot hand it on. */
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
    const find = (): ServiceTicket | undefined => {
      const evidence = this.#evidence;
      return evidence && isFresh(evidence, this.#now()) ? evidence : undefined;
    };
    const good = find();
    if (good !== undefined) return good;
    const user = this.#user;
    if (user !== undefined) {
      const work = async (signal: AbortSignal): Promise<ServiceTicket> => {
        this.#evidence = await impersonate(this.#client, user, { signal, trace: options.trace });
        return this.#evidence;
      };
      return await this.#flights.run("evidence", options.signal, work, find);
    }
    const { client, endTime } = this.#evidence as ServiceTicket;
    throw new CredentialError(
      "TICKET_EXPIRED",
      `the ticket that says we may act for ${printableName(client)} ends at ${endTime.toISOString()}: let the user send a new one`,
      { principal: formatPrincipal(client) },
    );
  }
}
