import type { EncTypeSet } from "../../crypto/index.ts";
import type { AuthenticatorClock, Principal, ServiceTicket } from "../../krb5/index.ts";
import type { ArmorParts, Envelope, TgsEnvelopeParts } from "../../preauth/index.ts";
import type { Login } from "./login.ts";
import type { LoginParts } from "./logins.ts";

/** The armor of a computer's ticket, for a ticket of both (RFC 6113 section 5.4.2: explicit armor). */
export interface ComputerArmor {
  /** What goes around a TGS-REQ to the KDC of a realm; undefined: that KDC cannot open the armor's ticket. */
  wrapFor(realm: string): ((parts: TgsEnvelopeParts) => Envelope) | undefined;
  /** Throws CredentialError for the ticket of a service that was asked for without the armor. */
  check(service: Principal): void;
}

/** Makes it of the computer's TGT. Throws RangeError or CredentialError for a ticket that cannot serve. */
export type ExplicitArmor = (
  ticket: ServiceTicket,
  parts: Omit<ArmorParts, "ticket"> & { now(): number },
) => ComputerArmor;

/** What armors the exchanges of one program (RFC 6113 section 5.4.1). The code of FAST stands behind it. */
export interface LoginArmor {
  /** Runs a login inside armor. */
  login(parts: LoginParts, clock: AuthenticatorClock): Promise<Login>;
  /** Goes around a TGS-REQ. */
  wrap(parts: TgsEnvelopeParts, encTypes: EncTypeSet): Envelope;
  /** Goes around a TGS-REQ for two: the client, and the computer that it is at. */
  readonly explicit: ExplicitArmor;
}
