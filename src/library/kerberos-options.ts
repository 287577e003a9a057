import type { CredentialSource, PacWish } from "../client/index.ts";
import type { Krb5Config } from "../config/index.ts";
import type { EncType } from "../crypto/index.ts";
import type { DnsOption } from "../discovery/index.ts";
import type { Dial, Fetch, HostEnvironment, Runtime } from "../host/index.ts";
import type { Enctypes } from "../krb5/index.ts";
import type { PreauthMechanism, Prompts } from "../preauth/index.ts";
import type { TraceListener } from "../trace.ts";

/**
 * KDCs or password servers in the order to try: a list for the realm of the principal, or one list for each realm by
 * name. One server may be given without a list.
 */
export type ServerLists = string | readonly string[] | Readonly<Record<string, string | readonly string[]>>;

/** FAST around every login: `fast()` of `krb5-remctl/fast` makes it of credentials. */
export interface FastPart {
  /** What it is. */
  readonly name: "FAST";
}

/** Options of every program that speaks with KDCs, from any entry; all have a default. */
export interface ExchangeOptions {
  /**
   * Permitted enctypes by name or number, best first; a value of `krb5-remctl/legacy-enctypes` too. Default:
   * `permitted_enctypes`, or `aes256-sha1`, `aes128-sha1`, `aes256-sha2`, `aes128-sha2`.
   */
  readonly enctypes?: Enctypes | undefined;
  /**
   * Deprecated enctypes (RFC 8429), for example `["rc4-hmac"]`, whose key may be proven though a password makes it: an
   * eavesdropper, or a forged KDC, can guess such a password offline in hours. They must be in `enctypes` as well.
   * Default: none.
   */
  readonly login?: Enctypes | undefined;
  /** Opens every TCP connection, to KDCs and servers, instead of the runtime. */
  readonly dial?: Dial | undefined;
  /** Makes every HTTPS request instead of the runtime. */
  readonly fetch?: Fetch | undefined;
  /** Takes each step as an event. What it throws is ignored. */
  readonly onTrace?: TraceListener | undefined;
  /**
   * The mechanisms of pre-authentication that a login may use, best first; one of your own is a value too. Default:
   * PKINIT, SPAKE, encrypted challenge, PA-ENC-TIMESTAMP, one-time passwords.
   *
   * `"timestamp-first"`: the mechanisms are the default ones, and a keytab's key, or a password whose `salt` is
   * given, is proven in the first request by PA-ENC-TIMESTAMP, before the KDC asks for it. That saves a round trip.
   * An eavesdropper gets something to guess a password by, even where the KDC has SPAKE, and a wrong key counts as a
   * failed login.
   */
  readonly preauth?: readonly PreauthMechanism[] | "timestamp-first" | undefined;
  /**
   * Whether a login may use a mechanism from which an eavesdropper can guess a password, for example PA-ENC-TIMESTAMP,
   * where the KDC took SPAKE or FAST of the same principal within a day. Default false: it is PreauthError
   * `PREAUTH_DOWNGRADE`.
   */
  readonly allowPreauthDowngrade?: boolean | undefined;
  /** How the user is asked for what a login needs and was not given, for example a passphrase. Default: nobody is. */
  readonly ask?: Prompts | undefined;
  /** Maximum clock skew, in seconds. Default: `clockskew`, or 300. */
  readonly skewSeconds?: number | undefined;
  /** Milliseconds that each KDC has to answer. Default: `connectTimeoutMs` of a client, or 10,000. */
  readonly kdcTimeoutMs?: number | undefined;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime | undefined;
}

/** Options of programs that speak with KDCs, from the main entry; all have a default. */
export interface KerberosOptions extends ExchangeOptions {
  /**
   * KDCs in the order to try: `tcp://host:port`, `udp://host:port`, `host:port` (UDP, then TCP) or an MS-KKDCP
   * `https:` URL; a list for the realm of the principal, or one list for each realm by name. Default: what the
   * configuration and DNS say.
   */
  readonly kdc?: ServerLists | undefined;
  /**
   * Password servers, as in `kdc`, with 464 as the default port. Default: those of the configuration and DNS; where
   * only `kdc` is given, the same hosts at port 464, and the same proxies.
   */
  readonly kpasswd?: ServerLists | undefined;
  /**
   * The text of a krb5.conf, a parsed one, or the files to read; true: those of `KRB5_CONFIG`, else `/etc/krb5.conf`;
   * false: none. Default: true where `kdc` is not given; `kdc` comes before what the configuration says.
   */
  readonly config?: string | Krb5Config | { readonly files: readonly string[] } | boolean | undefined;
  /**
   * Credentials whose ticket-granting ticket armors every login and every request for a ticket (FAST, RFC 6113 section
   * 5.4): `keytab(...)` of this host, `ccache(...)`, or `anonymous(...)`. An eavesdropper then has nothing to guess
   * a password by. Default: no armor.
   */
  readonly armor?: CredentialSource | FastPart | undefined;
  /**
   * `"required"`: nothing is sent without armor. `"if-offered"`: armor is taken up where the KDC offers FAST, which an
   * attacker can hide. Default `"required"`, where `armor` is given.
   */
  readonly armorPolicy?: "required" | "if-offered" | undefined;
  /**
   * What KDCs are asked about the PAC in every login and ticket (PA-PAC-REQUEST, PA-PAC-OPTIONS): true for one, false
   * for none, `"claims"` for one with what the directory claims about the user. Default: nothing, the KDC decides.
   */
  readonly pac?: PacWish | undefined;
  /** How names are looked up that the configuration does not answer. Default `"system"`: the host's resolvers. */
  readonly dns?: DnsOption | undefined;
  /**
   * The site of an Active Directory that this host is in: the domain controllers that DNS names for it
   * (`_kerberos._tcp.SITE._sites.dc._msdcs.DOMAIN`) are asked before the others. Default: `dns_site` of krb5.conf, else
   * none.
   */
  readonly site?: string | undefined;
  /** Instead of the process's own variables and user. */
  readonly environment?: HostEnvironment | undefined;
  /**
   * Certificates (PEM) of the authorities that vouch for `https:` KDC proxies, instead of those that the host trusts.
   * Node, Deno and Bun; elsewhere give `fetch`.
   */
  readonly trustAnchors?: string | readonly string[] | undefined;
}

/** Options for a {@link KerberosLibrary}: the host is chosen by then. */
export interface LibraryOptions extends KerberosOptions {
  readonly runtime: Runtime;
  /** The enctypes that the configuration may permit. Default: those that are built in. */
  readonly knownTypes?: readonly EncType[];
  /** How long a rejected secret of the armor is not tried again. */
  readonly rejectedSecretRestSeconds?: number | undefined;
}
