import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import type { Principal } from "./principal.ts";

/** A number with octets: an address (RFC 4120 section 5.2.5) or an element of authorization data (section 5.2.6). */
export interface TicketElement {
  /** Signed. */
  readonly type: number;
  /** The address or element. */
  readonly octets: Uint8Array;
}

/** A ticket for a service with what is needed to use it: what {@link TicketSource} gives and credential stores keep. */
export interface ServiceTicket {
  /** Whose ticket it is. */
  readonly client: Principal;
  /** The name in the encrypted part of the KDC's reply. */
  readonly service: Principal;
  /** The key that client and service share: a secret. */
  readonly sessionKey: ProtocolKey;
  /** The DER octets of the Ticket as they were received. */
  readonly ticket: Uint8Array;
  /** TICKET_FLAG bits, unsigned. */
  readonly flags: number;
  /** When the client logged in. */
  readonly authTime: Date;
  /** When the ticket begins to be good. */
  readonly startTime: Date;
  /** When it ends. */
  readonly endTime: Date;
  /** Until when it can be renewed; absent: it cannot. */
  readonly renewTill?: Date;
  /** Where the ticket is good from, `caddr` of the KDC's reply; absent: anywhere. */
  readonly addresses?: readonly TicketElement[];
  /**
   * Whether it is under the session key of another's ticket-granting ticket, not under a key of the service (RFC 4120
   * section 3.7).
   */
  readonly isUserToUser?: boolean;
  /** Milliseconds to add to the local clock to have the KDC's (RFC 4120 section 3.1.3 "if the clocks differ"). */
  readonly clockOffsetMs: number;
}

/** Keeps the octets of a ticket out of logs and of JSON. */
export function hideTicket<T extends Pick<ServiceTicket, "ticket">>(ticket: T): T {
  return Object.defineProperty(ticket, "ticket", { enumerable: false });
}

/** What may be asked of a {@link TicketSource} beside the name. */
export interface GetTicketOptions {
  /** Ends the wait when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** What may be asked of {@link TicketSource.getForwardedTicket}. */
export interface ForwardedTicketOptions extends GetTicketOptions {
  /** Whose ticket it is to be, where the source has those of several: `client` of the service's ticket. */
  readonly client?: Principal | undefined;
}

/** What a GSS-API initiator asks for tickets; `client` is one, a credential cache or a test may be another. */
export interface TicketSource {
  /**
   * A ticket for `service` that has not ended. A service with an empty realm is in the realm that configuration or the
   * KDC's referral says. Throws a KerberosError; `signal` ends the wait.
   */
  getTicket(service: Principal, options?: GetTicketOptions): Promise<ServiceTicket>;
  /**
   * A forwarded ticket-granting ticket for GSS-API delegation (RFC 4120 section 2.6), new each time; absent or
   * undefined if the source cannot delegate.
   */
  getForwardedTicket?(options?: ForwardedTicketOptions): Promise<ServiceTicket | undefined>;
  /**
   * Forgets a ticket that a server refused, so that the next call gets a new one; absent if the source keeps none.
   * Drivers call it, at the most once in 10 s for a service.
   */
  forget?(ticket: ServiceTicket): Promise<void>;
  /**
   * The enctypes, and what computes them, that the source works with: what its user works with unless told otherwise.
   */
  loadEncTypes?(): Promise<EncTypeSet>;
}
