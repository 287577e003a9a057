import { isEncodedKeytab } from "../../bytes/index.ts";
import { type Checks, checkMethods, checkOptions, checkText } from "../../checks/index.ts";
import { defaultCcacheName, defaultClientKeytabName, defaultKeytabName } from "../../config/index.ts";
import {
  type CacheContents,
  type CredentialCache,
  checkKeytabOrFile,
  decodeKeytab,
  Keytab,
  type KeytabText,
  keysOf,
  openCache,
  readKeytabFile,
  refuseEncodedKeytab,
  shownCache,
  shownKeytab,
} from "../../credentials/index.ts";
import { ConfigError, CredentialError, hasName, UnsupportedError } from "../../errors.ts";
import { checkPrincipal, formatPrincipal, type Principal, principalOf, printableName } from "../../krb5/index.ts";
import { noteTo } from "../../trace.ts";
import { clientForService } from "./client-for-service.ts";
import {
  type CredentialHost,
  type CredentialSource,
  type OpenedCredentials,
  READ_AT_OPENING,
  type ReadCredentials,
} from "./credential-source.ts";
import { type Deferred, resolveDeferred } from "./deferred.ts";
import { collectionNamed, type FoundCache, findCacheOf } from "./find-cache.ts";
import { checkSalt, keytabSecret, type Secret } from "./secret.ts";
import { checkPassword, KeytabMemory, passwordLoader } from "./secret-loaders.ts";

/** Options for {@link password}. */
export interface PasswordOptions {
  /**
   * The salt of the password's keys, for `preauth: "timestamp-first"`: where no administrator chose another, the
   * realm and the components of the name, for example `EXAMPLE.ORGalice`. Default: the KDC says it.
   */
  readonly salt?: string | undefined;
}

const passwordChecks: Checks<PasswordOptions> = { salt: checkSalt };

/**
 * Makes credentials of a principal and its password.
 *
 * @param principal who logs in; a name without a realm is in the configuration's `default_realm`
 * @param secret the password, text as UTF-8; or a function that gives it, called before each login. Undefined, for
 *   example of an environment variable that is not set, is CredentialError `NO_CREDENTIAL` at the login
 * @param options the salt, where it is known
 * @returns the credentials, for the option `credentials`
 * @throws TypeError for a text that is not a principal and a secret that is not a password: the caller's mistakes
 * @example
 * ```ts
 * import { createClient, password } from "krb5-remctl";
 *
 * const client = createClient({ credentials: password("alice@EXAMPLE.ORG", async () => secret) });
 * ```
 */
export function password(
  principal: string | Principal,
  secret: Deferred<string | Uint8Array | undefined>,
  options: PasswordOptions = {},
): CredentialSource {
  checkPassword("password", secret);
  checkOptions("password", options, passwordChecks);
  return {
    kind: "password",
    ...knownPrincipal(principal),
    async open(host) {
      const client = resolvePrincipal(principal, host);
      return { principal: client, loadSecret: passwordLoader(client, secret, options.salt) };
    },
  };
}

/**
 * Makes credentials of a principal and the keys of a keytab. A file is read again at each login, so that new keys are
 * seen.
 *
 * @param principal who logs in. Default: the first principal of the keytab
 * @param source the octets of a keytab, a parsed one, the name of a file, or a function that gives one of these.
 *   Default: the keytab that `kinit -k` uses (`KRB5_KTNAME`, `default_keytab_name`, `/etc/krb5.keytab`)
 * @returns the credentials, for the option `credentials`
 * @throws TypeError for a text that is not a principal and a source that is not a keytab: the caller's mistakes
 * @example
 * ```ts
 * import { createClient, keytab } from "krb5-remctl";
 *
 * const client = createClient({ credentials: keytab("robot@EXAMPLE.ORG", "/etc/robot.keytab") });
 * ```
 */
export function keytab(
  principal?: string | Principal,
  source?: Deferred<Uint8Array | KeytabText | Keytab | string>,
): CredentialSource {
  if (typeof principal === "string" && !principal.includes("@") && isEncodedKeytab(principal)) {
    throw new TypeError("principal begins as an encoded keytab does: give the principal first, then { base64: text }");
  }
  if (source !== undefined && typeof source !== "function") checkKeytabOrFile("credentials.keytab", source);
  const memory = new KeytabMemory<Keytab>(decodeKeytab);
  return {
    kind: "keytab",
    ...(principal === undefined ? {} : knownPrincipal(principal)),
    async open(host) {
      const load = async (): Promise<Keytab> => {
        const found = source === undefined ? defaultKeytabName(host.environment, host.config) : source;
        const value = await resolveDeferred(found, "keytab");
        return typeof value === "string" ? await readKeytab(value, host) : memory.decode(value);
      };
      const client = principal === undefined ? firstPrincipal(await load()) : resolvePrincipal(principal, host);
      const loadSecret = async (): Promise<Secret> => {
        const found = await load();
        // Without the checks that a program's calls get: a login asks ten times.
        return memory.secretOf(client, found, found.constructor === Keytab ? keysOf(found.entries) : found);
      };
      return { principal: client, loadSecret };
    },
  };
}

/** Options for {@link ccache} and {@link fromEnvironment}. */
export interface CacheChoice {
  /**
   * Whose tickets are used, text or a principal; without a realm, of the configuration's `default_realm`. A collection
   * (`DIR:/dir`, `KCM:`) is looked through for them, and another's tickets are never used. Default: the primary cache,
   * whosever it is.
   */
  readonly principal?: string | Principal | undefined;
}

const choiceChecks: Checks<CacheChoice> = { principal: checkPrincipal };

/**
 * Makes credentials of the tickets in a credential cache; tickets that the client gets go there too. A renewable ticket
 * is renewed before it ends; without a secret, nothing else can be done.
 *
 * @param cache its name, or an open one. Default: the cache that libkrb5 uses (`KRB5CCNAME`, `default_ccache_name`,
 *   `/tmp/krb5cc_<uid>`)
 * @param options whose tickets of a collection are used
 * @returns the credentials, for the option `credentials`
 * @throws TypeError for what is not a cache or its name, and for options that make no sense: the caller's mistakes
 * @example
 * ```ts
 * import { ccache, createClient } from "krb5-remctl";
 *
 * const client = createClient({ credentials: ccache("FILE:/tmp/krb5cc_1000") });
 * const admin = createClient({ credentials: ccache("KCM:", { principal: "alice/admin@EXAMPLE.ORG" }) });
 * ```
 */
export function ccache(cache?: string | CredentialCache, options: CacheChoice = {}): CredentialSource {
  if (cache !== undefined) checkCache("cache", cache);
  checkOptions("ccache", options, choiceChecks);
  return {
    kind: "ccache",
    ...(options.principal === undefined ? {} : knownPrincipal(options.principal)),
    async open(host) {
      const named = cache ?? defaultCcacheName(host.environment, host.config);
      if (options.principal !== undefined) {
        const found = await findCacheOf(resolvePrincipal(options.principal, host), named, host);
        return readOf(found.cache, found.contents, { principal: found.contents.principal });
      }
      const opened = openNamed(named, host);
      const contents = await opened.read();
      if (contents === undefined) {
        throw new CredentialError("NO_CREDENTIAL", `no tickets in ${shownCache(opened.name)}: log in with kinit`);
      }
      return readOf(opened, contents, { principal: contents.principal });
    },
  };
}

/**
 * Makes credentials of what libkrb5 would use here: the default cache (`KRB5CCNAME`, `default_ccache_name`,
 * `/tmp/krb5cc_<uid>`) and the client keytab (`KRB5_CLIENT_KTNAME`, `default_client_keytab_name`,
 * `/etc/krb5/user/<uid>/client.keytab`). The keys of the keytab get tickets into the cache where it has none, and
 * new ones when half their life is over. A client without the option `credentials` uses this.
 *
 * Where nobody is named, who asks depends on the service, as with libgssapi: whom `.k5identity` of the home folder
 * names, else whose cache of the collection (`DIR:/dir`, `KCM:`) is of the service's realm, else the primary.
 *
 * @param options who logs in: that principal's cache of the collection, else its keys of the client keytab
 * @returns the credentials, for the option `credentials`
 * @throws TypeError for options that make no sense: the caller's mistake
 * @example
 * ```ts
 * import { createClient, fromEnvironment } from "krb5-remctl";
 *
 * const client = createClient({ credentials: fromEnvironment() });
 * const admin = createClient({ credentials: fromEnvironment({ principal: "alice/admin@EXAMPLE.ORG" }) });
 * ```
 */
export function fromEnvironment(options: CacheChoice = {}): CredentialSource {
  checkOptions("fromEnvironment", options, choiceChecks);
  return {
    kind: "environment",
    ...(options.principal === undefined ? { forService: environmentFor } : knownPrincipal(options.principal)),
    async open(host): Promise<OpenedCredentials> {
      if (host.files === undefined && host.connectUnix === undefined) {
        throw new UnsupportedError(
          "this host has no files, and so no tickets or keytabs of its own: give the option `credentials`, " +
            "for example { principal, keytab } with the keytab's octets",
        );
      }
      const named = environmentCache(host);
      const wanted = options.principal === undefined ? undefined : resolvePrincipal(options.principal, host);
      const clientKeytab = clientKeytabName(host);
      const lookup = wanted === undefined ? undefined : await lookFor(wanted, named, host);
      const cache = lookup?.found?.cache ?? openNamed(named, host);
      const contents = lookup === undefined ? await cache.read() : lookup.found?.contents;
      const found = clientKeytab === undefined ? undefined : await readClientKeytab(clientKeytab, host);
      const [keys, damage] = found instanceof Error ? [undefined, found] : [found, undefined];
      const principal = contents?.principal ?? wanted ?? keys?.principals[0];
      // Tickets of kinit may be another's than the keytab's: then they are all there is.
      const hasKeys = principal !== undefined && keys?.find({ principal }) !== undefined;
      if (principal === undefined || (contents === undefined && !hasKeys)) {
        const what =
          damage === undefined
            ? `no client keytab${clientKeytab === undefined ? "" : ` ${shownKeytab(clientKeytab)}`}`
            : `the client keytab cannot be used: ${damage.message}`;
        if (lookup?.missing !== undefined && damage === undefined) throw lookup.missing;
        throw new CredentialError(
          "NO_CREDENTIAL",
          `no tickets in ${shownCache(cache.name)} (KRB5CCNAME names another) and ${what} ` +
            "(KRB5_CLIENT_KTNAME names another): log in with kinit, or give the option `credentials`",
          damage === undefined ? {} : { cause: damage },
        );
      }
      const keytabName = hasKeys ? clientKeytab : undefined;
      if (keytabName === undefined) return readOf(cache, contents, { principal });
      const loadSecret = async (): Promise<Secret> => keytabSecret(principal, await readKeytab(keytabName, host));
      const place = contents === undefined && wanted !== undefined ? await placeFor(named, host) : cache;
      return readOf(place, contents, { principal, loadSecret, isRefreshedAtHalf: true });
    },
  };
}

/** Opened credentials with their cache, and what was read of it. */
function readOf(
  cache: CredentialCache | undefined,
  contents: CacheContents | undefined,
  opened: OpenedCredentials,
): ReadCredentials {
  return { ...opened, cache, [READ_AT_OPENING]: contents };
}

async function environmentFor(service: Principal, host: CredentialHost): Promise<CredentialSource | undefined> {
  // Told by `open`: there is nothing to choose from.
  if (host.files === undefined && host.connectUnix === undefined) return undefined;
  const principal = await clientForService(service, environmentCache(host), host);
  return principal === undefined ? undefined : fromEnvironment({ principal });
}

/** Finds the cache of a principal. If no cache has it, gives the error in place of the cache. */
async function lookFor(
  principal: Principal,
  name: string,
  host: CredentialHost,
): Promise<{ readonly found?: FoundCache; readonly missing?: CredentialError }> {
  try {
    return { found: await findCacheOf(principal, name, host) };
  } catch (error) {
    if (!hasName(error, "CredentialError") || error.code !== "NO_CREDENTIAL") throw error;
    return { missing: error };
  }
}

/**
 * Where tickets of a named principal go that has none yet: the default cache if it is not there, else a new one of its
 * collection, else (undefined) memory. Another's cache is never written over.
 */
async function placeFor(name: string, host: CredentialHost): Promise<CredentialCache | undefined> {
  const cache = openNamed(name, host);
  if ((await cache.read()) === undefined) return cache;
  return await collectionNamed(name, host)?.create();
}

/** The principal that a text names in this configuration. Throws ConfigError `NO_REALM`. */
export function resolvePrincipal(name: string | Principal, { config }: Pick<CredentialHost, "config">): Principal {
  const principal = principalOf("principal", name);
  if (principal.realm !== "") return principal;
  const realm = config.libdefaults.defaultRealm;
  if (realm === undefined || realm === "") {
    throw new ConfigError(
      `${printableName(principal).slice(0, -1)} has no realm: write it as alice@EXAMPLE.ORG, or set default_realm in krb5.conf`,
      { code: "NO_REALM", key: "default_realm" },
    );
  }
  return { ...principal, realm };
}

/** The contents of a cache that are of one principal. Throws CredentialError `CCACHE` if they are another's. */
export function ownContents(
  cache: CredentialCache,
  contents: CacheContents | undefined,
  principal: Principal,
): CacheContents | undefined {
  if (contents === undefined || formatPrincipal(contents.principal) === formatPrincipal(principal)) return contents;
  throw new CredentialError(
    "CCACHE",
    `${shownCache(cache.name)} has tickets of ${printableName(contents.principal)}, and this client is ${printableName(principal)}: ` +
      "name another cache, or remove this one with kdestroy",
    { principal: formatPrincipal(principal) },
  );
}

/** Checks an option that is a cache, or its name. Throws TypeError: the caller's mistake. */
export function checkCache(name: string, value: unknown): void {
  if (typeof value === "string") checkText(name, value);
  else checkMethods(name, value, "read", "initialize", "store", "remove");
}

/** A cache by its name, or as it is. */
export function openNamed(cache: string | CredentialCache, host: CredentialHost): CredentialCache {
  return typeof cache === "string" ? openCache(cache, host) : cache;
}

/** The default cache. A host without users has none, unless a variable or the configuration names it. */
function environmentCache({ environment, config }: CredentialHost): string {
  try {
    return defaultCcacheName(environment, config);
  } catch (cause) {
    if (!hasName(cause, "ConfigError")) throw cause;
    throw new CredentialError(
      "NO_CREDENTIAL",
      `there are no credentials in the environment (${cause.message}): set KRB5CCNAME, or give the option credentials`,
      { cause },
    );
  }
}

/** The client keytab's name; undefined if this process cannot know it: then it has none. */
function clientKeytabName({ environment, config, onTrace }: CredentialHost): string | undefined {
  try {
    return defaultClientKeytabName(environment, config);
  } catch (error) {
    if (!hasName(error, "ConfigError")) throw error;
    noteTo(onTrace, `no client keytab: ${error.message}`);
    return undefined;
  }
}

function knownPrincipal(name: string | Principal): { readonly principal?: Principal } {
  const principal = principalOf("principal", name);
  return principal.realm === "" ? {} : { principal };
}

async function readKeytab(name: string, { files, onTrace }: CredentialHost): Promise<Keytab> {
  if (files === undefined) {
    refuseEncodedKeytab(name);
    throw new CredentialError("KEYTAB", `${shownKeytab(name)}: this host has no files: give the keytab's octets`, {
      reason: "type",
    });
  }
  return await readKeytabFile(name, files, { onWarning: noteOf(name, onTrace) });
}

function noteOf(name: string, onTrace: CredentialHost["onTrace"]): (text: string) => void {
  return (text) => noteTo(onTrace, `${shownKeytab(name)}: ${text}`);
}

/**
 * A client keytab that is not there, or not ours to read, does not count: the tickets of the cache may be all that is
 * wanted. The error of one that is there, for when they are not.
 */
async function readClientKeytab(name: string, host: CredentialHost): Promise<Keytab | Error | undefined> {
  if (host.files === undefined) return undefined;
  try {
    return await readKeytabFile(name, host.files, { onWarning: noteOf(name, host.onTrace) });
  } catch (error) {
    noteTo(host.onTrace, `no client keytab: ${error instanceof Error ? error.message : String(error)}`);
    const isThere = hasName(error, "CredentialError") && error.cause !== undefined;
    return error instanceof TypeError || isThere ? error : undefined;
  }
}

function firstPrincipal(keys: Keytab): Principal {
  const [first] = keys.principals;
  if (first === undefined)
    throw new CredentialError("KEYTAB_NO_KEY", "the keytab is empty: write a key of the client into it");
  return first;
}
