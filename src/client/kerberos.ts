import type { Krb5Config } from "../config/index.ts";
import type { Enctypes, GetTicketOptions, Principal, ServiceTicket, TicketElement } from "../krb5/index.ts";
import type { Login, LoginOptions } from "./as/login.ts";
import type { CredentialHost, CredentialSource } from "./credentials/credential-source.ts";
import type { TicketOptions } from "./kdc-request.ts";
import type { PacWish } from "./pac-wish.ts";
import type { S4uUser } from "./s4u/x509-user.ts";

/** Options for a service ticket (`kvno`). */
export interface ServiceTicketOptions extends GetTicketOptions {
  /** The enctypes that its session key may have, best first (`kvno -e`). Default: all that are permitted. */
  readonly enctypes?: Enctypes | undefined;
  /**
   * Only a ticket that is kept already (`kvno --cached-only`): else CredentialError `NO_CREDENTIAL`, and no KDC is
   * asked.
   */
  readonly cachedOnly?: boolean | undefined;
  /** Does not keep the ticket (`kvno --no-store`). */
  readonly noStore?: boolean | undefined;
  /**
   * The ticket-granting ticket of the one whom the ticket is for, under whose session key it shall be (`kvno --u2u`,
   * RFC 4120 section 3.7). The ticket is then new, and kept nowhere.
   */
  readonly userToUser?: ServiceTicket | undefined;
  /**
   * The ticket-granting ticket of the computer that the client is at, for the realm of the service: the KDC vouches for
   * both in one ticket (compound identity: explicit armor, RFC 6113 section 5.4.2). Active Directory and Samba do it;
   * an answer without FAST is ProtocolError `FAST_STRIPPED`. The ticket is then new, and kept nowhere.
   */
  readonly armor?: ServiceTicket | undefined;
  /**
   * Asks for a ticket with a PAC, without one, or with one that has claims (MS-KILE sections 2.2.3 and 2.2.10).
   * Default: what the option `pac` of the client says. The ticket is then new, and kept nowhere.
   */
  readonly pac?: PacWish | undefined;
}

/** Options for {@link Kerberos.getServiceTicket}. */
export type WalkTicketOptions = TicketOptions &
  Pick<ServiceTicketOptions, "armor" | "enctypes" | "pac" | "signal" | "userToUser">;

/** Tickets that a walk through realms may begin at. */
export interface KeptTickets {
  /**
   * Finds a ticket-granting ticket that is there already, `krbtgt/OTHER@REALM`, so that it is not asked for again.
   * Default: only the one that is given.
   */
  readonly kept?: ((service: Principal) => ServiceTicket | undefined) | undefined;
}

/** Options for renewing, validating or forwarding a ticket. */
export interface RefreshOptions extends GetTicketOptions {
  /** Where a forwarded ticket shall be good from (RFC 4120 section 5.4.1). Default: any address. */
  readonly addresses?: readonly TicketElement[];
}

/** Options for {@link Kerberos.changePassword}. */
export interface PasswordChangeOptions extends GetTicketOptions {
  /**
   * Whose password an administrator sets (RFC 3244 section 2, "set password"). Default: the one of the credentials
   * is changed.
   */
  readonly target?: string | Principal | undefined;
}

/**
 * The exchanges with KDCs, with no tickets kept and nothing of remctl: what `kinit`, `kvno` and `kpasswd` are made of.
 * `createKerberos` makes one; a client that keeps tickets is made by `createClient`.
 */
export interface Kerberos {
  /** What credentials, caches and keytabs are opened with: files, environment, krb5.conf. */
  host(): Promise<CredentialHost>;
  /** krb5.conf, read once; an empty one where the host has none. */
  config(): Promise<Krb5Config>;
  /**
   * One AS exchange (RFC 4120 section 3.1), with no regard to tickets that are kept anywhere. `contentsOfLogin` puts it
   * in a cache.
   */
  login(credentials: CredentialSource, options?: LoginOptions): Promise<Login>;
  /**
   * A ticket for a service by means of a ticket-granting ticket (RFC 4120 section 3.3), and the cross-realm ones got on
   * the way.
   */
  getServiceTicket(
    tgt: ServiceTicket,
    service: string | Principal,
    options?: WalkTicketOptions & KeptTickets,
  ): Promise<{ readonly ticket: ServiceTicket; readonly intermediate: readonly ServiceTicket[] }>;
  /**
   * The same ticket with a new life (`kinit -R`, RFC 4120 section 3.3.3, option RENEW). Throws if it is not renewable
   * or has ended.
   */
  renew(ticket: ServiceTicket, options?: RefreshOptions): Promise<ServiceTicket>;
  /** A postdated ticket made valid at its time (`kinit -v`, option VALIDATE). */
  validate(ticket: ServiceTicket, options?: RefreshOptions): Promise<ServiceTicket>;
  /** A ticket-granting ticket to hand on (option FORWARDED). Throws if `tgt` is not forwardable. */
  forward(tgt: ServiceTicket, options?: RefreshOptions): Promise<ServiceTicket>;
  /**
   * A ticket of a user for the service whose ticket-granting ticket this is (`kvno -I`, S4U2Self, MS-SFU section
   * 3.1.5.1.1).
   */
  impersonate(
    tgt: ServiceTicket,
    user: S4uUser,
    options?: Pick<ServiceTicketOptions, "enctypes" | "signal"> & KeptTickets,
  ): Promise<ServiceTicket>;
  /**
   * A ticket of the user whose ticket the evidence is, for another service (`kvno -P`, S4U2Proxy, MS-SFU section
   * 3.1.5.2). The evidence is for the service whose ticket-granting ticket this is.
   */
  actFor(
    tgt: ServiceTicket,
    evidence: ServiceTicket,
    service: string | Principal,
    options?: Pick<ServiceTicketOptions, "enctypes" | "signal"> & KeptTickets,
  ): Promise<ServiceTicket>;
  /**
   * Changes the password of the one whose credentials these are, or sets another's (RFC 3244). They log in to
   * `kadmin/changepw`: an expired password will do. A ticket instead of credentials is one for `kadmin/changepw`, or a
   * ticket-granting ticket that gets one. Throws PasswordChangeError with the server's words, or what a login throws.
   */
  changePassword(
    credentials: CredentialSource | ServiceTicket,
    newPassword: string | Uint8Array,
    options?: PasswordChangeOptions,
  ): Promise<void>;
}
