import { encodeText } from "../../bytes/index.ts";
import { type CacheContents, credentialOfTicket, type NewCacheContents, START_REALM } from "../../credentials/index.ts";
import {
  checkTicket,
  type Enctypes,
  type Principal,
  type ServiceTicket,
  type TicketElement,
} from "../../krb5/index.ts";
import type { TicketOptions } from "../kdc-request.ts";

/** Options for one login, those of `kinit`, beside the options for every ticket ({@link TicketOptions}). */
export interface LoginOptions extends TicketOptions {
  /** The service to log in to. Default: the ticket-granting service of the client's realm (`kinit -S`). */
  readonly service?: string | Principal;
  /** When the ticket shall begin; it comes invalid and is validated then (`kinit -s`, RFC 4120 section 2.4). */
  readonly startTime?: Date;
  /** The addresses that it shall be good from (`kinit -a`). Default: any. */
  readonly addresses?: readonly TicketElement[];
  /** The enctypes to ask for, best first. Default: all that are permitted. */
  readonly enctypes?: Enctypes;
  /** Types of pre-authentication that are not used, as `disable_encrypted_timestamp` asks. */
  readonly disabledPreauth?: readonly number[];
  /** Types of pre-authentication to try before the others, as `preferred_preauth_types` asks. */
  readonly preferredPreauth?: readonly number[];
  /** More KDC options to ask for, as bits (RFC 4120 section 5.4.1), as `kdc_default_options` asks. */
  readonly kdcOptions?: number;
  /** Ends the login when it aborts. */
  readonly signal?: AbortSignal;
}

/** What a login gave. */
export interface Login {
  /** The ticket-granting ticket, or the ticket for the service that the login asked for. */
  readonly ticket: ServiceTicket;
  /** The type of PA-DATA that the KDC took, for example 2 for PA-ENC-TIMESTAMP; undefined if it asked for none. */
  readonly preauthType?: number;
  /** Whether the KDC says, under the reply key, that it does FAST (RFC 6806 section 11, RFC 6113 section 5.4). */
  readonly isFastAvailable: boolean;
  /**
   * What the ticket-granting service can do, as a KDC of Active Directory says under the reply key
   * (PA-SUPPORTED-ENCTYPES, MS-KILE section 2.2.8): bits 3 and 4 are AES, 16 to 18 FAST, compound identity and claims.
   * Others say nothing.
   */
  readonly supportedEnctypes?: number;
  /** When the password or the account ends, if the KDC says (RFC 4120 section 5.4.2). */
  readonly keyExpires?: Date;
  /** When the password ends, if the KDC says just that (last-req 6, RFC 4120 section 5.4.2), by its clock. */
  readonly passwordExpires?: Date;
}

/**
 * Makes what a credential cache holds after a login: the ticket, and what kinit remarks beside it.
 *
 * @param login what {@link Kerberos.login} gave
 * @returns the contents, for {@link CredentialCache.initialize}
 * @throws TypeError for what is not a login: the caller's mistake
 * @example
 * ```ts
 * import { contentsOfLogin, createKerberos, password } from "krb5-remctl";
 * import { openCache } from "krb5-remctl/credentials";
 *
 * const login = await createKerberos().login(password("alice@EXAMPLE.ORG", secret));
 * await openCache("FILE:/tmp/krb5cc_1000").initialize(contentsOfLogin(login));
 * ```
 */
export function contentsOfLogin(login: Login): NewCacheContents {
  const { ticket, preauthType, isFastAvailable } = Object(login) as Login;
  checkTicket("login.ticket", ticket);
  const { client, service, clockOffsetMs } = ticket;
  const [name, realm] = service.components;
  const isForeign = name === "krbtgt" && realm !== undefined && realm !== client.realm;
  const config: CacheContents["config"] = [
    ...(isForeign ? [{ key: START_REALM, value: encodeText(realm) }] : []),
    ...(isFastAvailable ? [{ key: "fast_avail", server: service, value: encodeText("yes") }] : []),
    ...(preauthType === undefined ? [] : [{ key: "pa_type", server: service, value: encodeText(String(preauthType)) }]),
  ];
  return {
    principal: client,
    credentials: [credentialOfTicket(ticket)],
    config,
    ...(clockOffsetMs === 0 ? {} : { clockOffsetMs }),
  };
}
