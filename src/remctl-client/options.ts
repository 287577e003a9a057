import {
  type CredentialSource,
  type Deferred,
  fromEnvironment,
  isCredentialSource,
  keytab,
  password,
  resolvePrincipal,
  type SecretCredentials,
  type TicketOptions,
} from "../client/index.ts";
import type { CredentialCache, Keytab, KeytabText, KeyValueStore } from "../credentials/index.ts";
import type { Principal } from "../krb5/index.ts";
import type { KerberosOptions } from "../library/index.ts";
import type { RemctlClientOptions } from "../remctl/index.ts";

/**
 * The option `credentials`, which says who logs in and with what: a principal with its password or with its keytab, or
 * a {@link CredentialSource}, as `password()`, `keytab()`, `ccache()` and `fromEnvironment()` make it.
 */
export type Credentials =
  | {
      readonly principal: string | Principal;
      readonly password: Deferred<string | Uint8Array | undefined>;
      /** The salt of its keys, for `preauth: "timestamp-first"`. Default: the KDC says it. */
      readonly salt?: string | undefined;
    }
  | { readonly principal: string | Principal; readonly keytab: Deferred<Uint8Array | KeytabText | Keytab> }
  | SecretCredentials
  | CredentialSource;

/** A sealed cache in a key-value store: {@link ClientOptions.cache}. */
export interface StoreCacheSettings {
  /** Where the sealed tickets are kept. */
  readonly store: KeyValueStore;
  /** 16 or 32 random octets; or several, of which the first seals and any opens. Keep it apart from the store. */
  readonly key: Uint8Array | readonly Uint8Array[];
  /** Sets the caches of one program apart from another's in the same store. Default `krb5:`. */
  readonly prefix?: string | undefined;
  /** Seconds that a rejected secret rests, for all who share the store. Default 300. */
  readonly restSeconds?: number | undefined;
  /** Seconds after which a process that began a login and never came back is taken for dead. Default 30. */
  readonly lockSeconds?: number | undefined;
  /** Passes over what was sealed before this time, though somebody put it back. Default: all counts. */
  readonly notBefore?: Date | undefined;
}

/** What one call may say of its server, its bounds and its signal; it overrides the client's. */
export interface RemctlOptions extends Omit<RemctlClientOptions, "trace"> {
  /**
   * The server's service, for example `host@server.example.org` or `host/server.example.org@EXAMPLE.ORG`. Default:
   * `host/<host>`, its realm by configuration or the KDC's referral.
   */
  readonly service?: string | Principal | undefined;
}

/** Options for {@link createClient}. */
export interface ClientOptions extends RemctlOptions, TicketOptions, KerberosOptions {
  /** Default: what libkrb5 would use, {@link fromEnvironment}. */
  readonly credentials?: Credentials | undefined;
  /**
   * Where the tickets are kept, so that other processes have them too: the name of a credential cache, for example
   * `FILE:/path`; an open one; or a key-value store with a key that seals what is put there. Default: in memory, or in
   * the cache of the credentials.
   */
  readonly cache?: string | CredentialCache | StoreCacheSettings | undefined;
  /**
   * Asks for the first service's ticket in the login itself (RFC 4120 section 3.1), without a ticket-granting ticket:
   * one round trip less for a program that runs one command. Only where `service` or the configuration's
   * `[domain_realm]` says that the service is of the client's realm. Where the KDC gives no ticket so, the usual way
   * is taken, and taken at once the next time. Active Directory's monitoring may raise an alarm. Default false.
   */
  readonly directTicket?: boolean | undefined;
  /** How long a rejected password or key is not tried again, so that retries lock no account. Default 60. */
  readonly rejectedSecretRestSeconds?: number | undefined;
}

/** The credentials as a value; they have been checked. */
export function sourceOf(credentials: Credentials | undefined): CredentialSource {
  if (credentials === undefined) return fromEnvironment();
  if (isCredentialSource(credentials)) return credentials;
  if ("loadSecret" in credentials) {
    const { principal, loadSecret } = credentials;
    return {
      kind: "secret",
      principal: principal as Principal,
      open: async (host) => ({ principal: resolvePrincipal(principal as Principal, host), loadSecret }),
    };
  }
  return "password" in credentials
    ? password(
        credentials.principal,
        credentials.password,
        credentials.salt === undefined ? {} : { salt: credentials.salt },
      )
    : keytab(credentials.principal, credentials.keytab);
}

/** Whether a cache is one in a key-value store that is still to be opened. */
export function isStoreSettings(cache: NonNullable<ClientOptions["cache"]>): cache is StoreCacheSettings {
  return typeof cache === "object" && "store" in cache && typeof cache.store === "object";
}
