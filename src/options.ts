import { keytabSecret, passwordSecret, type Secret, type TicketOptions } from "./client/index.ts";
import { decodeKeytab, type Keytab } from "./credentials/index.ts";
import { type EncType, etypeByName, strongEncTypes } from "./crypto/index.ts";
import { CredentialError } from "./errors.ts";
import type { Dial, Fetch, Runtime } from "./host/index.ts";
import { type Principal, parsePrincipal } from "./krb5/index.ts";
import type { RemctlClientOptions } from "./remctl/index.ts";
import type { TraceListener } from "./trace.ts";

/** A value, or a function that gives it when it is needed: a secret store, an environment binding. */
export type Deferred<T> = T | (() => T | Promise<T>);

/** Who logs in: a principal with its password, or with its keytab. */
export type Credentials =
  | { readonly principal: string | Principal; readonly password: Deferred<string | Uint8Array> }
  | { readonly principal: string | Principal; readonly keytab: Deferred<Uint8Array | Keytab> };

/** What one call may say of its server, its bounds and its signal; it overrides the client's. */
export interface RemctlOptions extends Omit<RemctlClientOptions, "trace"> {
  /** The server's principal, as `host/server.example.org@EXAMPLE.ORG`. Default: `host/<host>`, its realm by the KDC's referral. */
  readonly service?: string | Principal;
}

/** What {@link createClient} takes. */
export interface ClientOptions extends RemctlOptions, TicketOptions {
  readonly credentials: Credentials;
  /**
   * KDCs in the order to try: `tcp://host:port`, `udp://host:port`, `host:port` (UDP, then TCP) or an MS-KKDCP
   * `https:` URL; a list for the realm of the principal, or one list for each realm by name.
   */
  readonly kdc: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** Permitted enctypes by name, best first. Default: `aes256-sha1`, `aes128-sha1`, `aes256-sha2`, `aes128-sha2`. */
  readonly enctypes?: readonly string[];
  /** Opens every TCP connection, to KDCs and servers, instead of the runtime. */
  readonly dial?: Dial;
  /** Makes every HTTPS request instead of the runtime. */
  readonly fetch?: Fetch;
  /**
   * Certificates (PEM) of the authorities that vouch for `https:` KDC proxies, instead of those that the host trusts. Node,
   * Deno and Bun; elsewhere give `fetch`.
   */
  readonly trustAnchors?: string | readonly string[];
  readonly onTrace?: TraceListener;
  /** The largest difference of clocks that is borne. Default 300. */
  readonly skewSeconds?: number;
  /** How long a rejected password or key is not tried again, so that retries lock no account. Default 60. */
  readonly rejectedSecretRestSeconds?: number;
  /** The local clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** The host. Default: the one that runs this. */
  readonly runtime?: Runtime;
}

/** The principal of the credentials; it must name its realm, since nothing else here does. */
export function clientPrincipal({ principal }: Credentials): Principal {
  const client = typeof principal === "string" ? parsePrincipal(principal) : principal;
  if (client.realm === "") throw new TypeError(`credentials.principal must name its realm, as alice@EXAMPLE.ORG`);
  return client;
}

/** The permitted enctypes. Throws RangeError for a name that is not built in: a caller's mistake. */
export function permittedTypes(names: readonly string[] | undefined): readonly EncType[] {
  if (names === undefined) return strongEncTypes;
  if (names.length === 0) throw new RangeError("enctypes is empty: name at least one");
  return names.map((name) => {
    const type = etypeByName(name);
    if (type !== undefined) return type;
    throw new RangeError(
      `enctype ${JSON.stringify(name)} is not one of ${strongEncTypes.map((known) => known.name).join(", ")}`,
    );
  });
}

/** The secret, as it is now. A rejected or failing function is the caller's, with its error as the cause. */
export async function loadSecret(credentials: Credentials, client: Principal): Promise<Secret> {
  if ("password" in credentials) {
    return passwordSecret(client, await resolve(credentials.password, "password"));
  }
  const keytab = await resolve(credentials.keytab, "keytab");
  return keytabSecret(client, keytab instanceof Uint8Array ? decodeKeytab(keytab) : keytab);
}

/** The KDCs of a realm. */
export function kdcsOf(kdc: ClientOptions["kdc"], realm: string, home: string): readonly string[] {
  if (isList(kdc)) return realm === home ? kdc : [];
  return Object.hasOwn(kdc, realm) ? (kdc[realm] ?? []) : [];
}

function isList(kdc: ClientOptions["kdc"]): kdc is readonly string[] {
  return Array.isArray(kdc);
}

async function resolve<T>(value: Deferred<T>, what: string): Promise<T> {
  let found: T | undefined;
  try {
    found = typeof value === "function" ? await (value as () => T | Promise<T>)() : value;
  } catch (cause) {
    throw new CredentialError("NO_CREDENTIAL", `the function that gives credentials.${what} failed`, { cause });
  }
  if (found === undefined || found === null) {
    throw new CredentialError(
      "NO_CREDENTIAL",
      `there is no credentials.${what}: the option is not set, or its function gave nothing`,
    );
  }
  return found;
}
