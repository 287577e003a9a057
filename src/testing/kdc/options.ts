import { strongEncTypes } from "../../crypto/index.ts";
import { DEFAULT_SKEW_SECONDS, type Enctypes } from "../../krb5/index.ts";

/** One principal of a test realm: a person with a password, or a service with random keys. */
export interface TestPrincipalOptions {
  /** Absent: the keys are random, as a service's; {@link TestRealm.keytab} gives them. */
  readonly password?: string;
  /** The salt of the password's keys; default: 16 random characters, so that a client has to ask (ETYPE-INFO2). */
  readonly salt?: string;
  /** PBKDF2 rounds of the password's keys; default: the enctype's own default, in which case no parameters are sent. */
  readonly iterations?: number;
  /** Enctypes of the keys, by name or number; default: all of the realm's. */
  readonly enctypes?: Enctypes;
  /** Version of the first keys; default 1. */
  readonly kvno?: number;
  /**
   * Other names of the same principal, for example `www/alias` or `alice@enterprise.example` (RFC 6806 sections 5 and
   * 6).
   */
  readonly aliases?: readonly string[];
  /** From then on: KDC_ERR_NAME_EXP as a client, KDC_ERR_SERVICE_EXP as a service. */
  readonly expires?: Date;
  /** From then on: KDC_ERR_KEY_EXPIRED, but for a ticket for `kadmin/changepw`. */
  readonly passwordExpires?: Date;
  /** KDC_ERR_CLIENT_REVOKED as a client, KDC_ERR_SERVICE_REVOKED as a service. Default false. */
  readonly isLocked?: boolean;
  /** Default: the realm's. */
  readonly requirePreauth?: boolean;
  /** False: KDC_ERR_POLICY to who asks for a ticket for it. Default true. */
  readonly allowTickets?: boolean;
  /** The flag ok-as-delegate in tickets for it (RFC 4120 section 2.8). Default false. */
  readonly isTrustedForDelegation?: boolean;
}

/** What of a principal can be changed without new keys. */
export type PrincipalChange = Omit<TestPrincipalOptions, "password" | "salt" | "iterations" | "enctypes" | "kvno">;

/** What a ticket for a cache is to have. */
export interface IssueOptions {
  /** Default: the most that the policy gives. */
  readonly lifetimeSeconds?: number;
  /** Absent: not renewable. */
  readonly renewLifetimeSeconds?: number;
  /** Whether the ticket is forwardable. Default false. */
  readonly forwardable?: boolean;
  /** Whether the ticket is proxiable. Default false. */
  readonly proxiable?: boolean;
  /** The session key's enctype, or what is to be chosen from, by name or number; default: the realm's. */
  readonly enctypes?: Enctypes;
}

/** The KDC's own policy. */
export interface KdcPolicy {
  /** Encryption types in order of preference, RFC numbers; default 18, 17, 20, 19. */
  readonly enctypes: readonly number[];
  /** Whether a client must prove that it knows its key before it gets a ticket. Default true. */
  readonly requirePreauth: boolean;
  /**
   * Whether pre-authentication without the cookie of the answer before gets that answer again (RFC 6113 section 5.2). A
   * cookie that comes is verified in any case. Default false: Heimdal 7 sends none back.
   */
  readonly requireCookie: boolean;
  /** How far a client's clock may be off. Default 300. */
  readonly clockSkewSeconds: number;
  /** How far the KDC's own clock is ahead of this host's. Default 0. */
  readonly clockOffsetSeconds: number;
  /** Longest life of a ticket. Default 36000, ten hours. */
  readonly ticketLifetimeSeconds: number;
  /** Longest time in which a ticket can be renewed; 0: tickets are not renewable. Default 604800, a week. */
  readonly renewLifetimeSeconds: number;
  /** Whether tickets may be forwardable. Default true. */
  readonly allowForwardable: boolean;
  /** Whether tickets may be proxiable. Default true. */
  readonly allowProxiable: boolean;
  /** So many failures lock a principal (KDC_ERR_CLIENT_REVOKED); 0: never. Default 0. */
  readonly maxFailures: number;
  /** Larger answers over UDP become KRB_ERR_RESPONSE_TOO_BIG. Default 4096. */
  readonly maxDatagramBytes: number;
}

export const defaultPolicy: KdcPolicy = {
  enctypes: strongEncTypes.map(({ etype }) => etype),
  requirePreauth: true,
  requireCookie: false,
  clockSkewSeconds: DEFAULT_SKEW_SECONDS,
  clockOffsetSeconds: 0,
  ticketLifetimeSeconds: 36_000,
  renewLifetimeSeconds: 604_800,
  allowForwardable: true,
  allowProxiable: true,
  maxFailures: 0,
  maxDatagramBytes: 4096,
};
