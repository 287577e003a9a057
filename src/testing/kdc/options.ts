import { strongEncTypes } from "../../crypto/index.ts";
import { DEFAULT_SKEW_SECONDS, type Enctypes } from "../../krb5/index.ts";

/** Ways to prove who one is. */
export type ProofName = "encrypted-timestamp" | "encrypted-challenge" | "spake" | "otp" | "pkinit";

/** What a realm can know of pre-authentication: FAST (RFC 6113), and the proofs. */
export type PreauthName = "fast" | ProofName;

/** One token of a principal, and its one-time passwords (RFC 6560). */
export interface TestOtp {
  /** What a user who has several is shown of it. Default: nothing. */
  readonly vendor?: string | undefined;
  /** Each is good once. */
  readonly codes: readonly string[];
  /** The PIN that a client has to ask for; default: none. */
  readonly pin?: string | undefined;
  /**
   * Whether the PIN goes apart from the code; a request without it is KDC_ERR_PIN_REQUIRED then. False: it goes before
   * the code, in one value (RFC 6560 section 3.3). Default true.
   */
  readonly isPinSeparate?: boolean | undefined;
  /** The PIN that the KDC sets at the next login, whose reply tells it (RFC 6560 section 4.3). Default: none. */
  readonly newPin?: string | undefined;
  /** Whether the PIN has expired: a right code is KDC_ERR_PIN_EXPIRED, with the rules of a PIN. Default false. */
  readonly isPinExpired?: boolean | undefined;
  /** Whether the token has drifted: after a right code its next one is wanted too (section 2.4). Default false. */
  readonly hasDrifted?: boolean | undefined;
}

/** One principal of a test realm: a person with a password, or a service with random keys. */
export interface TestPrincipalOptions {
  /** Absent: the keys are random, as a service's; {@link TestRealm.keytab} gives them. */
  readonly password?: string | undefined;
  /** The salt of the password's keys; default: 16 random characters, so that a client has to ask (ETYPE-INFO2). */
  readonly salt?: string | undefined;
  /** PBKDF2 rounds of the password's keys; default: the enctype's own default, in which case no parameters are sent. */
  readonly iterations?: number | undefined;
  /** Enctypes of the keys, by name or number; default: all of the realm's. */
  readonly enctypes?: Enctypes | undefined;
  /** Version of the first keys; default 1. */
  readonly kvno?: number | undefined;
  /**
   * Other names of the same principal, for example `www/alias` or `alice@enterprise.example` (RFC 6806 sections 5 and
   * 6).
   */
  readonly aliases?: readonly string[] | undefined;
  /** From then on: KDC_ERR_NAME_EXP as a client, KDC_ERR_SERVICE_EXP as a service. */
  readonly expires?: Date | undefined;
  /** From then on: KDC_ERR_KEY_EXPIRED, but for a ticket for `kadmin/changepw`. */
  readonly passwordExpires?: Date | undefined;
  /** KDC_ERR_CLIENT_REVOKED as a client, KDC_ERR_SERVICE_REVOKED as a service. Default false. */
  readonly isLocked?: boolean | undefined;
  /** Default: the realm's. */
  readonly requirePreauth?: boolean | undefined;
  /**
   * What a login must have, of what the realm's `preauth` lists: `"fast"` is an armor, and of the others one. Default:
   * nothing in particular.
   */
  readonly requires?: readonly PreauthName[] | undefined;
  /**
   * The token whose one-time passwords the proof `"otp"` takes, or a list of several. Default: the principal has no
   * such proof.
   */
  readonly otp?: TestOtp | readonly TestOtp[] | undefined;
  /** False: KDC_ERR_POLICY to who asks for a ticket for it. Default true. */
  readonly allowTickets?: boolean | undefined;
  /** The flag ok-as-delegate in tickets for it (RFC 4120 section 2.8). Default false. */
  readonly isTrustedForDelegation?: boolean | undefined;
  /** The services at which it may act for users (S4U2Proxy; `msDS-AllowedToDelegateTo`). Default: none. */
  readonly delegatesTo?: readonly string[] | undefined;
  /** The services that may act for users at it (resource-based delegation). Default: none. */
  readonly takesDelegationFrom?: readonly string[] | undefined;
  /** Whether its word for who came is taken: tickets of S4U2Self are forwardable. Default false. */
  readonly isTrustedToAuthenticate?: boolean | undefined;
  /** Nobody may act for it, as for a protected user. Default false. */
  readonly isNotDelegated?: boolean | undefined;
  /** KDC_ERR_MUST_USE_USER2USER to who asks for a ticket under its long-term key. Default false. */
  readonly requiresUserToUser?: boolean | undefined;
  /** Its SID in the PAC; default: `domainSid` and a number. */
  readonly sid?: string | undefined;
  /** The SIDs of its groups in the PAC, beside that of all users (513). Default: none. */
  readonly groups?: readonly string[] | undefined;
}

/** What of a principal can be changed without new keys. */
export type PrincipalChange = Omit<TestPrincipalOptions, "password" | "salt" | "iterations" | "enctypes" | "kvno">;

/** What a ticket for a cache is to have. */
export interface IssueOptions {
  /** Default: the most that the policy gives. */
  readonly lifetimeSeconds?: number | undefined;
  /** Absent: not renewable. */
  readonly renewLifetimeSeconds?: number | undefined;
  /** Whether the ticket is forwardable. Default false. */
  readonly forwardable?: boolean | undefined;
  /** Whether the ticket is proxiable. Default false. */
  readonly proxiable?: boolean | undefined;
  /** The session key's enctype, or what is to be chosen from, by name or number; default: the realm's. */
  readonly enctypes?: Enctypes | undefined;
}

/** The KDC's own policy. */
export interface KdcPolicy {
  /** Encryption types in order of preference, RFC numbers; default 18, 17, 20, 19. */
  readonly enctypes: readonly number[];
  /**
   * What this KDC knows of pre-authentication, and offers in this order: `"encrypted-timestamp"`, `"fast"`,
   * `"encrypted-challenge"` and `"otp"` (both inside FAST only), `"spake"`, `"pkinit"`. It is chosen when the realm is
   * made. Default: the encrypted timestamp alone.
   */
  readonly preauth: readonly PreauthName[];
  /** The groups of SPAKE by number, best first: edwards25519, P-256, P-384, P-521. Default 1, 2, 3, 4. */
  readonly spakeGroups: readonly number[];
  /** The group of a SPAKE challenge that comes before the client has named its groups; 0, the default: none comes. */
  readonly spakeChallenge: number;
  /** Whether PKINIT gives tickets to nobody too (RFC 8062): armor for FAST, for example. Default true. */
  readonly allowAnonymous: boolean;
  /** The smallest group of PKINIT in bits: 2048, the default, or 4096. */
  readonly pkinitDhMinBits: number;
  /** Whether PKINIT needs a fresh token of this KDC (RFC 8070). Default false. */
  readonly requireFreshness: boolean;
  /** Whether PKINIT needs the body's SHA-256, like Windows Server 2025 (error 79). Default false. */
  readonly requireChecksum2: boolean;
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
  /** The SID of the domain, for example `S-1-5-21-1-2-3`: tickets then have a PAC. Default `""`: they have none. */
  readonly domainSid: string;
  /** Larger answers over UDP become KRB_ERR_RESPONSE_TOO_BIG. Default 4096. */
  readonly maxDatagramBytes: number;
}

/** What a caller says of a policy: what is left out or undefined has its default, or stays. */
export type PolicyChange = { readonly [name in keyof KdcPolicy]?: KdcPolicy[name] | undefined };

export const defaultPolicy: KdcPolicy = {
  enctypes: strongEncTypes.map(({ etype }) => etype),
  preauth: ["encrypted-timestamp"],
  spakeGroups: [1, 2, 3, 4],
  spakeChallenge: 0,
  allowAnonymous: true,
  pkinitDhMinBits: 2048,
  requireFreshness: false,
  requireChecksum2: false,
  requirePreauth: true,
  requireCookie: false,
  clockSkewSeconds: DEFAULT_SKEW_SECONDS,
  clockOffsetSeconds: 0,
  ticketLifetimeSeconds: 36_000,
  renewLifetimeSeconds: 604_800,
  allowForwardable: true,
  allowProxiable: true,
  maxFailures: 0,
  domainSid: "",
  maxDatagramBytes: 4096,
};
