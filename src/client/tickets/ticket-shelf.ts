import type { KerberosError } from "../../errors.ts";
import type { Principal, ServiceTicket } from "../../krb5/index.ts";
import type { KeptLogins } from "../as/earlier-logins.ts";
import type { Login } from "../as/login.ts";
import type { Secret } from "../credentials/secret.ts";

/** A ticket-granting ticket, and when a new one is to be got although it is still good. */
export interface HeldTgt {
  readonly ticket: ServiceTicket;
  readonly refreshAtMs?: number | undefined;
}

/** A ticket-granting ticket, or that of a service that a login asked for; with all the KDC said, if it is a login's. */
export type Obtained = Login | { readonly ticket: ServiceTicket };

/** What one look at a shelf found of the client's ticket-granting ticket. */
export interface ShelfLook {
  /** The one that is there and has not ended. */
  readonly held: HeldTgt | undefined;
  /** Whether it will do: no KDC needs to be asked. */
  readonly isGood: boolean;
  /**
   * Gets another by `obtain`, which is given what logins of other processes left, and keeps it; or gives one that
   * another process has put there meanwhile. `mayRest` tells whether the error of a login lets the secret rest for all
   * who share the shelf. A ticket for the service `direct` will do as well.
   */
  acquire(
    obtain: (kept?: KeptLogins) => Promise<Obtained>,
    signal: AbortSignal,
    mayRest: (error: unknown) => boolean,
    direct?: Principal,
  ): Promise<HeldTgt | undefined>;
  /** Why nothing can be done without a secret. */
  noTickets(): KerberosError;
}

/** Which tickets {@link TicketShelf.find} may give. */
export interface ShelfQuery {
  readonly requested?: readonly number[] | undefined;
  /** Whether one that has not ended will do, though it is not fresh. */
  readonly isLastResort?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Where a client's tickets are kept beside its memory, for others too: a credential cache. A client may have none. */
export interface TicketShelf {
  /** `loadSecret` gives the secret of this login: what is there was got with the same one, or is not found. */
  look(signal: AbortSignal, loadSecret: () => Promise<Secret | undefined>): Promise<ShelfLook>;
  find(service: Principal, query: ShelfQuery): Promise<ServiceTicket | undefined>;
  /** Keeps what a walk gave, under the name that was asked for. A failure is noted in the trace. */
  add(asked: Principal, ticket: ServiceTicket, intermediate: readonly ServiceTicket[]): Promise<void>;
  /** Forgets a ticket that a server refused. A failure is noted in the trace. */
  drop(ticket: ServiceTicket): Promise<void>;
  /** The call that opened the credentials ends without a look: what it has read is not used any more. */
  forgetRead(): void;
  /** Lets a rejected secret be tried again, by all who share the shelf. */
  forgetRejection(): Promise<void>;
}
