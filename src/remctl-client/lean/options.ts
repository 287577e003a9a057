import type { Deferred, SecretCredentials, TicketOptions } from "../../client/index.ts";
import type { Keytab, KeytabText } from "../../credentials/index.ts";
import type { Principal, RegisteredNames } from "../../krb5/index.ts";
import type { ExchangeOptions, FastPart, ServerLists } from "../../library/index.ts";
import type { RemctlOptions } from "../options.ts";
import type { KdcTransportPart } from "./transports.ts";

/**
 * Who logs in: a principal, which names its realm, with its password or with its keytab; or what another subpath makes,
 * for example `certificate()` of `krb5-remctl/pkinit`.
 */
export type LeanCredentials =
  | {
      readonly principal: string | Principal;
      readonly password: Deferred<string | Uint8Array | undefined>;
      /** The salt of its keys, for `preauth: "timestamp-first"`. Default: the KDC says it. */
      readonly salt?: string | undefined;
    }
  | { readonly principal: string | Principal; readonly keytab: Deferred<Uint8Array | KeytabText | Keytab> }
  | SecretCredentials;

/** Options for {@link createClient}: those of the main entry that need no configuration, no files and no DNS. */
export interface LeanClientOptions extends RemctlOptions, TicketOptions, ExchangeOptions {
  /** Who logs in. */
  readonly credentials: LeanCredentials;
  /** What armors every login and every request for a ticket: `fast()` of `krb5-remctl/fast`. Default: no armor. */
  readonly armor?: FastPart | undefined;
  /**
   * `tcp://host:port`, or with {@link LeanClientOptions.transports} an MS-KKDCP `https:` URL; a list for the realm of
   * the principal, or one list for each realm by name.
   */
  readonly kdc: ServerLists;
  /** Ways to ask KDCs beside TCP. Default: none; {@link httpsProxy} makes one. */
  readonly transports?: readonly KdcTransportPart[] | undefined;
  /** What KRB-ERROR codes and types of PA-DATA are called. Default: numbers; see {@link registeredNames}. */
  readonly names?: RegisteredNames | undefined;
  /**
   * Asks for the first service's ticket in the login itself (RFC 4120 section 3.1), without a ticket-granting ticket:
   * one round trip less for a program that runs one command. Only where `service` names the client's realm. Where the
   * KDC gives no ticket so, the usual way is taken, and taken at once the next time. Active Directory's monitoring
   * may raise an alarm. Default false.
   */
  readonly directTicket?: boolean | undefined;
  /** How long a rejected password or key is not tried again, so that retries lock no account. Default 60. */
  readonly rejectedSecretRestSeconds?: number | undefined;
}
