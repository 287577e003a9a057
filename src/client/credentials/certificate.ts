import {
  type Checks,
  checkBoolean,
  checkFunction,
  checkOptions,
  checkRequired,
  checkWord,
  refuse,
} from "../../checks/index.ts";
import { PreauthError } from "../../errors.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import { ANONYMOUS, CERTIFICATE_REFUSALS, type Principal, principalOf } from "../../krb5/index.ts";
import type { KdcTrust, Pem, PkinitIdentity, Sign } from "../../preauth/index.ts";
import type { CredentialSource } from "./credential-source.ts";
import { resolvePrincipal } from "./credentials.ts";
import { type Deferred, resolveDeferred } from "./deferred.ts";
import type { Secret } from "./secret.ts";

/** Options for {@link anonymous}: how the KDC is known, which an anonymous client is not. */
export interface AnonymousOptions extends Omit<KdcTrust, "anchors"> {
  /** The certificates that the KDC's leads to, in PEM or DER; or a function that gives them. No others count. */
  readonly anchors: Deferred<Pem | readonly Pem[]>;
}

/** Options for {@link certificate}. */
export interface CertificateOptions extends AnonymousOptions {
  /** The client's certificate, in PEM or DER; what follows it in PEM is its chain. */
  readonly certificate?: Deferred<Pem> | undefined;
  /** Certificates between the client's and one that the KDC has. Default: none. */
  readonly chain?: Pem | readonly Pem[] | undefined;
  /** The private key: PKCS#8, encrypted or not, PKCS#1 or SEC1, in PEM or DER. */
  readonly key?: Deferred<Pem> | undefined;
  /** Signs instead of a key: a token, an agent, a key that WebCrypto does not give out. */
  readonly sign?: Sign | undefined;
  /** Certificate, chain and key in one file (PKCS#12), instead of the three. */
  readonly pkcs12?: Deferred<Uint8Array> | undefined;
  /** The passphrase of the key or the file. Default: it is asked for by the prompt `passphrase`. */
  readonly passphrase?: Deferred<string> | undefined;
  /** Whether the KDC's fresh token (RFC 8070) is signed, to prove that the key is at hand now. Default: true. */
  readonly freshness?: boolean | undefined;
}

/** Credentials that need no host to be opened where the principal names its realm. */
export interface SecretCredentials {
  /** Who logs in; absent where the name has no realm. */
  readonly principal?: Principal | undefined;
  /** Gives what is proven, as it is at each call. */
  readonly loadSecret: () => Promise<Secret>;
}

const trustChecks: Checks<AnonymousOptions> = {
  anchors: checkDeferredPems,
  pool: checkPems,
  kdcHostname: checkNames,
  kdcUsage: [checkWord, "kpKDC", "kpServerAuth"],
  dhMinBits: checkBits,
};

const certificateChecks: Checks<CertificateOptions> = {
  ...trustChecks,
  certificate: checkDeferredPem,
  chain: checkPems,
  key: checkDeferredPem,
  sign: checkFunction,
  pkcs12: checkDeferredOctets,
  passphrase: checkDeferredText,
  freshness: checkBoolean,
};

/**
 * Makes credentials of a certificate (PKINIT, RFC 4556). The KDC proves itself by its own: only what leads to the
 * anchors that are given counts, and of that only what names the realm's KDC.
 *
 * @param principal who logs in; a name without a realm is in the configuration's `default_realm`
 * @param options the certificate with its key, a function that signs or a PKCS#12 file; and the anchors
 * @returns the credentials, for the option `credentials`
 * @throws TypeError or RangeError for options that do not go together: the caller's mistake
 * @example
 * ```ts
 * import { certificate, createClient } from "krb5-remctl";
 *
 * const client = createClient({
 *   credentials: certificate("robot@EXAMPLE.ORG", { certificate: pem, key: keyPem, anchors: caPem }),
 * });
 * ```
 */
export function certificate(
  principal: string | Principal,
  options: CertificateOptions,
): CredentialSource & SecretCredentials {
  checkOptions("certificate", options, certificateChecks);
  checkRequired(options, certificateChecks, "anchors");
  checkParts(options);
  const name = principalOf("principal", principal);
  const memory = new IdentityMemory();
  const { chain, sign, freshness } = options;
  const loadSecret = async (): Promise<Secret> => {
    const [own, key, pkcs12, passphrase] = await Promise.all([
      resolved(options.certificate, "certificate"),
      resolved(options.key, "key"),
      resolved(options.pkcs12, "pkcs12"),
      resolved(options.passphrase, "passphrase"),
    ]);
    const identity = { ...(await trustOf(options)), certificate: own, key, pkcs12, passphrase };
    return certificateSecret("certificate", memory.same({ ...identity, chain, sign, freshness }));
  };
  return {
    kind: "certificate",
    ...(name.realm === "" ? {} : { principal: name }),
    loadSecret,
    open: async (host) => ({ principal: resolvePrincipal(name, host), loadSecret }),
  };
}

/**
 * Makes anonymous credentials: their ticket tells the KDC, and services, no name (RFC 8062). It serves as armor for
 * another login, and for services that let anybody in.
 *
 * @param realm the realm whose KDC gives the ticket
 * @param options the anchors: an anonymous client must know the KDC
 * @returns the credentials, for the option `credentials`
 * @throws TypeError or RangeError: the caller's mistake
 * @example
 * ```ts
 * import { anonymous, createKerberos } from "krb5-remctl";
 *
 * const { ticket } = await createKerberos().login(anonymous("EXAMPLE.ORG", { anchors: caPem }));
 * ```
 */
export function anonymous(realm: string, options: AnonymousOptions): CredentialSource & SecretCredentials {
  if (typeof realm !== "string" || realm === "") refuse("realm", realm, "the name of a realm");
  checkOptions("anonymous", options, trustChecks);
  checkRequired(options, trustChecks, "anchors");
  const principal: Principal = { ...ANONYMOUS, nameType: NAME_TYPE.wellKnown, realm };
  const memory = new IdentityMemory();
  const loadSecret = async (): Promise<Secret> =>
    certificateSecret("anonymous", memory.same({ ...(await trustOf(options)) }));
  return { kind: "anonymous", principal, loadSecret, open: async () => ({ principal, loadSecret }) };
}

/** A secret that only PKINIT proves. It has no long-term key. */
function certificateSecret(kind: "certificate" | "anonymous", pkinit: PkinitIdentity): Secret {
  return {
    kind,
    etypes: (encTypes) => encTypes.permitted,
    async key() {
      throw new PreauthError(
        "PREAUTH_UNSUPPORTED",
        "the KDC wants no certificate: it answers under the key of a password, and a certificate is all that there is; " +
          "let the KDC require pre-authentication of this client, or log in with a password",
        { mechanism: "PA-PK-AS-REQ" },
      );
    },
    isSame: (other) => other.pkinit === pkinit,
    pkinit,
    refusals: CERTIFICATE_REFUSALS,
  };
}

/** The identity of the login before, where nothing has changed: what was read of it, and its passphrase, are kept. */
class IdentityMemory {
  #last: PkinitIdentity | undefined;

  same(identity: PkinitIdentity): PkinitIdentity {
    const last = this.#last;
    const names = Object.keys(identity) as (keyof PkinitIdentity)[];
    if (last === undefined || names.some((name) => last[name] !== identity[name])) this.#last = identity;
    return this.#last as PkinitIdentity;
  }
}

async function trustOf({ anchors, pool, kdcHostname, kdcUsage, dhMinBits }: AnonymousOptions): Promise<KdcTrust> {
  return { anchors: await resolveDeferred(anchors, "anchors"), pool, kdcHostname, kdcUsage, dhMinBits };
}

async function resolved<T>(value: Deferred<T> | undefined, what: string): Promise<NonNullable<T> | undefined> {
  return value === undefined ? undefined : await resolveDeferred<T>(value, what);
}

/** One way to sign. Throws TypeError. */
function checkParts({ certificate: own, key, sign, pkcs12, chain }: CertificateOptions): void {
  const given = Object.entries({ key, sign, pkcs12 }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const found = given.map(([name]) => name).join(" and ") || "none of them";
    throw new TypeError(`certificate needs one of key, sign and pkcs12, and has ${found}`);
  }
  if (pkcs12 === undefined && own === undefined)
    throw new TypeError("certificate has no option certificate: give the client's, in PEM or DER");
  if (pkcs12 !== undefined && (own ?? chain) !== undefined) {
    throw new TypeError("certificate: a PKCS#12 file has the certificate and its chain: leave them out, or give a key");
  }
}

function checkPem(name: string, value: unknown): void {
  if (!(value instanceof Uint8Array) && !(typeof value === "string" && value.includes("-----BEGIN "))) {
    refuse(name, value, "text in PEM, or a Uint8Array with DER");
  }
}

function checkPems(name: string, value: unknown): void {
  if (!Array.isArray(value)) checkPem(name, value);
  else if (value.length === 0) throw new RangeError(`${name} is empty: give at least one certificate`);
  else for (const [index, one] of value.entries()) checkPem(`${name}[${index}]`, one);
}

function checkDeferredPem(name: string, value: unknown): void {
  if (typeof value !== "function") checkPem(name, value);
}

function checkDeferredPems(name: string, value: unknown): void {
  if (typeof value !== "function") checkPems(name, value);
}

function checkDeferredOctets(name: string, value: unknown): void {
  if (typeof value !== "function" && !(value instanceof Uint8Array)) refuse(name, value, "a Uint8Array");
}

function checkDeferredText(name: string, value: unknown): void {
  if (typeof value !== "function" && typeof value !== "string") refuse(name, value, "a string");
}

function checkNames(name: string, value: unknown): void {
  const list = Array.isArray(value) ? value : [value];
  if (list.some((one) => typeof one !== "string" || one === "")) refuse(name, value, "the name of a host, or a list");
}

function checkBits(name: string, value: unknown): void {
  if (value === 2048 || value === 4096) return;
  if (typeof value !== "number") refuse(name, value, "2048 or 4096");
  throw new RangeError(`${name} is ${value}: it must be 2048 or 4096`);
}
