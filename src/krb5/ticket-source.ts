import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import type { Principal } from "./principal.ts";

/** A ticket for a service with what is needed to use it: what {@link TicketSource} gives and credential stores keep. */
export interface ServiceTicket {
  readonly client: Principal;
  /** The name in the encrypted part of the KDC's reply. */
  readonly service: Principal;
  readonly sessionKey: ProtocolKey;
  /** The DER octets of the Ticket as they were received. */
  readonly ticket: Uint8Array;
  /** TICKET_FLAG bits, unsigned. */
  readonly flags: number;
  readonly authTime: Date;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly renewTill?: Date;
  /** Milliseconds to add to the local clock to have the KDC's (RFC 4120 section 3.1.3 "if the clocks differ"). */
  readonly clockOffsetMs: number;
}

/** What a GSS-API initiator asks for tickets; `client` is one, a credential cache or a test may be another. */
export interface TicketSource {
  /**
   * A ticket for `service` that has not ended. A service with an empty realm is in the realm that configuration or the
   * KDC's referral says. Throws a KerberosError; `signal` ends the wait.
   */
  getTicket(service: Principal, options?: { readonly signal?: AbortSignal }): Promise<ServiceTicket>;
  /** The enctypes, and what computes them, that the source works with: what its user works with unless told otherwise. */
  loadEncTypes?(): Promise<EncTypeSet>;
}
