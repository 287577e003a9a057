import path from "node:path";
import { looksEncoded } from "../bytes/index.ts";
import {
  defaultCcacheName,
  defaultClientKeytabName,
  defaultKeytabName,
  type Environment,
  type Krb5Config,
  krb5ConfPaths,
  loadKrb5Config,
} from "../config/index.ts";
import {
  type CacheCollection,
  type CacheContents,
  type CacheHost,
  type CredentialCache,
  Keytab,
  openCache,
  openCollection,
  readKeytabFile,
} from "../credentials/index.ts";
import { hasCode, hasName } from "../errors.ts";
import type { Files } from "../host/index.ts";
import { type Principal, parsePrincipal } from "../krb5/index.ts";
import { createTrace, noteTo } from "../trace.ts";
import type { CommandHost } from "./command.ts";
import { CommandFailure, inOurWords } from "./failure.ts";
import { messageOf } from "./program.ts";

/** What is on this machine: configuration, caches, keytabs. Opened by every command that needs any of it. */
export interface Local {
  readonly config: Krb5Config;
  readonly environment: Environment;
  readonly caches: CacheHost;
  readonly files: Files;
}

/** Reads the configuration. `doing` ends the message of a failure, as MIT's tools each have it. */
export async function openLocal(host: CommandHost, doing = "while initializing krb5"): Promise<Local> {
  const { runtime, env } = host;
  const files = runtime.files?.();
  if (files === undefined) throw new CommandFailure(`this runtime (${runtime.name}) has no files`);
  const environment: Environment = { ...runtime.environment?.(), env };
  const trace = createTrace(host.onTrace, host.now);
  let config: Krb5Config;
  try {
    config = await loadKrb5Config({ files, paths: krb5ConfPaths(environment), allowNone: true, trace });
  } catch (cause) {
    if (!hasName(cause, "ConfigError")) throw cause;
    throw new CommandFailure(`Improper format of Kerberos configuration file ${doing}`, {
      detail: cause.message,
      cause,
    });
  }
  const { kcmSocket } = config.libdefaults;
  return {
    config,
    environment,
    files,
    caches: {
      files,
      ...(runtime.connectUnix === undefined ? {} : { connectUnix: runtime.connectUnix }),
      ...(kcmSocket === undefined ? {} : { kcmSocket }),
      randomBytes,
      onTrace: host.onTrace,
    },
  };
}

/** The same machine with another default cache, as MIT's tools take a cache that is named beside `-A`, `-l` or `-p`. */
export function withDefaultCache(local: Local, name: string | undefined): Local {
  if (name === undefined) return local;
  const { environment } = local;
  return { ...local, environment: { ...environment, env: { ...environment.env, KRB5CCNAME: name } } };
}

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A principal by its text; its realm is the default one if the text names none. */
export function principalOf(
  { config }: Pick<Local, "config">,
  text: string,
  options: { readonly doing?: string; readonly isEnterprise?: boolean } = {},
): Principal {
  const { doing = `when parsing name ${text}`, isEnterprise = false } = options;
  let parsed: Principal;
  try {
    parsed = parsePrincipal(text, { isEnterprise });
  } catch (cause) {
    throw new CommandFailure(`Malformed representation of principal ${doing}`, { advice: messageOf(cause), cause });
  }
  if (parsed.realm !== "") return parsed;
  const { defaultRealm } = config.libdefaults;
  if (defaultRealm === undefined) {
    throw new CommandFailure(`Configuration file does not specify default realm ${doing}`, {
      advice: "name the realm, for example alice@EXAMPLE.ORG, or set default_realm in krb5.conf",
    });
  }
  return { ...parsed, realm: defaultRealm };
}

/**
 * Whether a text is like `alice@`: it names no realm, and does not mean the default one; who writes so has lost
 * something.
 */
export function hasEmptyRealm(text: string): boolean {
  return /^(?:[^@\\]|\\.)+@$/.test(text);
}

const KNOWN_ELSEWHERE = /^(KEYRING|API|MSLSA):/;

/** Names for whichever cache is the primary one: `DIR:/dir` and `KCM:`. */
const NAMES_PRIMARY = /^(?:DIR:[^:]|KCM:$)/;
/** Names of a whole collection; `DIR::/dir/tkt` and `KCM:0:mine` are one cache each. */
const NAMES_ALL = /^(?:DIR:(?!:)|KCM:$|MEMORY:)/;

/** The cache of a name, or the default one; of a collection, the primary. */
export async function cacheOf(
  local: Local,
  name: string | undefined,
  doing = "while resolving ccache",
): Promise<CredentialCache> {
  const full = cacheName(local, name);
  if (full.startsWith(":")) {
    throw new CommandFailure(`Unknown credential cache type ${doing}`, {
      advice: "a name begins with its type, or is a path",
    });
  }
  try {
    const cache = openCache(full, local.caches);
    return NAMES_PRIMARY.test(full) ? ((await openCollection(full, local.caches)?.primary()) ?? cache) : cache;
  } catch (cause) {
    throw cacheFailure(full, doing, cause);
  }
}

/**
 * The caches that `-A`, `-l` and `-p` look at: those of the collection that the default name is of, or the one it
 * names.
 */
export async function cachesOf(local: Local, doing = ""): Promise<readonly CredentialCache[]> {
  const collection = isDefaultAll(local) ? collectionOf(local) : undefined;
  if (collection === undefined) return [await cacheOf(local, undefined)];
  try {
    return await collection.list();
  } catch (cause) {
    throw cacheFailure(cacheName(local), doing, cause);
  }
}

/** The collection that the default cache is in; undefined for a type that has none. */
export function collectionOf(local: Local): CacheCollection | undefined {
  const name = cacheName(local);
  return /^(DIR|KCM|MEMORY):/.test(name) ? openCollection(name, local.caches) : undefined;
}

/** Whether the default name is of a whole collection, and not of one cache. */
export function isDefaultAll(local: Pick<Local, "environment" | "config">): boolean {
  return NAMES_ALL.test(cacheName(local));
}

/** The given name of a cache, or the default one. */
function cacheName({ environment, config }: Pick<Local, "environment" | "config">, name?: string): string {
  const full = name ?? defaultCcacheName(environment, config);
  refuseEncoded(full, "credential cache");
  return full;
}

/** A collection in a directory begins with the directory; its parents must be there. */
export async function prepareCache({ files }: Local, cache: CredentialCache, doing: string): Promise<void> {
  if (cache.type !== "DIR") return;
  const directory = path.dirname(fileNameOf(cache));
  try {
    await files.makeDirectory(directory, { mode: 0o700 });
  } catch (cause) {
    const words = `Credential cache directory ${directory} does not exist ${doing}`;
    throw new CommandFailure(words, { advice: messageOf(cause), cause });
  }
}

/** What is in a cache; undefined if it is not there. */
export async function readCache(cache: CredentialCache, doing = ""): Promise<CacheContents | undefined> {
  try {
    return await cache.read();
  } catch (cause) {
    throw cacheFailure(cache.name, doing, cause);
  }
}

/** What is in a cache that must be there. */
export async function needCache(cache: CredentialCache, doing = ""): Promise<CacheContents> {
  const contents = await readCache(cache, doing);
  if (contents !== undefined) return contents;
  throw new CommandFailure(`${noCacheWords(cache)}${doing === "" ? "" : ` ${doing}`}`, {
    advice: "make one with kinit, or name another with KRB5CCNAME",
  });
}

export function noCacheWords(cache: CredentialCache): string {
  if (cache.type === "KCM") return `Credentials cache '${cache.name}' not found`;
  return `No credentials cache found${cache.type === "MEMORY" ? "" : ` (filename: ${fileNameOf(cache)})`}`;
}

/** The path of a FILE or DIR cache; for others what stands after the type. */
export function fileNameOf({ name }: Pick<CredentialCache, "name">): string {
  return name.replace(/^DIR::?|^[A-Z]{2,}:/, "");
}

/** MIT's words for a cache that cannot be used, with ours behind them where they say more. */
export function cacheFailure(
  name: string,
  doing: string,
  cause: unknown,
  options: { readonly isWrite?: boolean } = {},
): unknown {
  if (cause instanceof CommandFailure) return cause;
  const { isWrite = false } = options;
  const advice = messageOf(cause);
  const rest = doing === "" ? "" : ` ${doing}`;
  const file = `(filename: ${fileNameOf({ name })})`;
  const inner = (cause as { readonly cause?: unknown }).cause;
  const about = hasName(cause, "CredentialError") ? cause : undefined;
  if (about?.reason === "name") {
    const words = `Subsidiary cache path ${fileNameOf({ name })} filename does not begin with "tkt"`;
    return new CommandFailure(`${words}${rest}`, { cause });
  }
  if (about?.reason === "primary") {
    return new CommandFailure(`${about.path} contains invalid filename${rest}`, { advice, cause });
  }
  if (hasCode(inner, "DECODE")) {
    const words =
      inner.reason === "version"
        ? "Unsupported credentials cache format version number"
        : "Bad format in credentials cache";
    return new CommandFailure(`${words} ${file}${rest}`, { detail: inner.message, cause });
  }
  const code = (inner as { readonly code?: string } | undefined)?.code;
  if (isWrite && (code === "ENOENT" || code === "ENOTDIR")) {
    return new CommandFailure(`No credentials cache found${rest}`, { advice, cause });
  }
  if (isWrite && (code === "EISDIR" || code === "EACCES" || code === "EPERM" || code === "EROFS")) {
    return new CommandFailure(`Credentials cache permissions incorrect${rest}`, { advice, cause });
  }
  if (code === "EISDIR") return new CommandFailure(`Bad format in credentials cache ${file}${rest}`, { cause });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new CommandFailure(`Credentials cache permissions incorrect ${file}${rest}`, { advice, cause });
  }
  if (name.startsWith("KCM:") && (code === "ENOENT" || code === "ECONNREFUSED")) {
    return new CommandFailure(`No KCM server found${rest || " while resolving ccache"}`, { advice, cause });
  }
  if (about?.reason === "type" && !KNOWN_ELSEWHERE.test(name)) {
    return new CommandFailure(`Unknown credential cache type${rest}`, { advice, cause });
  }
  return inOurWords(cause, doing);
}

/** The full name of a keytab: the given one, or the default one. */
export function keytabName(local: Local, name: string | undefined, isClient = false): string {
  const full =
    name ??
    (isClient
      ? defaultClientKeytabName(local.environment, local.config)
      : defaultKeytabName(local.environment, local.config));
  refuseEncoded(full, "keytab");
  // As libkrb5 has it: one letter before a colon is a drive of Windows, and no type.
  return /^(?:[^:]*$|\/|[A-Za-z]:)/.test(full) ? `FILE:${full}` : full;
}

/**
 * Refuses what is more likely a secret than a name, before anything shows it: a variable may hold the contents of a
 * file in base64.
 */
function refuseEncoded(name: string, what: string): void {
  if (!isEncodedName(name)) return;
  throw new CommandFailure(`the name of the ${what} looks like octets in base64 or hexadecimal`, {
    advice: "name a file; a file that is called so is named with ./ before it",
  });
}

function isEncodedName(name: string): boolean {
  return looksEncoded(name.replace(/^(?:WR)?FILE:|^DIR::?/, ""));
}

/** The name of a cache for a message; other words for one that may be a secret. */
export function shownCacheName(name: string): string {
  return isEncodedName(name) ? "its name looks like octets in base64 or hexadecimal" : name;
}

/** Refuses a keytab of an unknown type before anything else is done. */
export function requireKeytabType(name: string, doing: string): void {
  if (FILE_KEYTAB.test(name)) return;
  throw new CommandFailure(`Unknown Key table type${doing === "" ? "" : ` ${doing}`}`, {
    advice: `${name}: a keytab is a file here: name it by its path`,
  });
}

const FILE_KEYTAB = /^(?:WR)?FILE:/;

/** Reads a keytab, and says of a failure in MIT's words what it is. */
export async function readKeytab(local: Local, name: string, doing: string): Promise<Keytab> {
  requireKeytabType(name, doing);
  const file = name.replace(/^(?:WR)?FILE:/, "");
  try {
    const onWarning = (text: string): void => noteTo(local.caches.onTrace, `${name}: ${text}`);
    return await readKeytabFile(name, local.files, { onWarning });
  } catch (cause) {
    const inner = (cause as { readonly cause?: unknown }).cause;
    const rest = doing === "" ? "" : ` ${doing}`;
    if (hasCode(inner, "DECODE")) {
      const words =
        inner.reason === "version" || inner.offset < 2
          ? "Unsupported key table format version number"
          : "Bad format in keytab";
      throw new CommandFailure(`${words}${rest}`, { detail: `${name}: ${inner.message}`, cause });
    }
    const code = (inner as { readonly code?: string } | undefined)?.code;
    if (code === "EISDIR") throw new CommandFailure(`Is a directory${rest}`, { cause });
    if (code === "EACCES") {
      throw new CommandFailure(`Permission denied${rest}`, { advice: messageOf(cause), cause });
    }
    if (hasCode(cause, "KEYTAB") && cause.reason === "missing") {
      throw new CommandFailure(`Key table file '${file}' not found${rest}`, { advice: messageOf(cause), cause });
    }
    throw inOurWords(cause, doing);
  }
}

/** Reads a keytab that is to be added to; one that is not there is new. */
export async function readOrNewKeytab(local: Local, name: string, doing: string): Promise<Keytab> {
  const path = name.replace(/^(?:WR)?FILE:/, "");
  return (await local.files.stat(path)) === undefined ? new Keytab() : await readKeytab(local, name, doing);
}
