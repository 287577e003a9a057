import {
  type Checks,
  checkFunction,
  checkMethods,
  checkObject,
  checkOptions,
  checkPart,
  checkText,
  checkWhole,
} from "../checks/index.ts";
import { checkRuntime, type Runtime } from "../host/index.ts";
import { storageHost } from "../runtime/index.ts";
import type { CacheCollection, CacheHost, CredentialCache, Keytab, KeytabReadOptions } from "./index.ts";
import * as room from "./index.ts";

/** A client's host has more than a cache uses. */
const hostChecks: Checks<CacheHost & { readonly config: unknown; readonly environment: unknown }> = {
  files: [
    checkMethods,
    "read",
    ..."stat? list? writeExclusive? rename? append? overwrite? remove? erase? makeDirectory?".split(" "),
  ],
  connectUnix: checkFunction,
  randomBytes: checkFunction,
  memory: checkObject,
  trustOwner: [checkWhole, 0],
  kcmSocket: checkText,
  onTrace: checkFunction,
  config: checkObject,
  environment: checkObject,
};

const readChecks: Checks<KeytabReadOptions & { readonly host?: CacheHost }> = {
  ...room.keytabReadChecks,
  host: (name, value) => checkPart(name, value, hostChecks),
};

/**
 * Gathers what caches and keytabs use of a host: its files, its sockets in the file system, random octets.
 *
 * @param runtime the host. Default: the one that runs this
 * @returns what {@link openCache} takes
 * @example
 * ```ts
 * import { cacheHost, openCache } from "krb5-remctl/credentials";
 *
 * const cache = openCache("KCM:1000", { ...cacheHost(), kcmSocket: "/run/heim_org.h5l.kcm-socket" });
 * ```
 */
export function cacheHost(runtime?: Runtime): CacheHost {
  if (runtime !== undefined) checkRuntime("runtime", runtime);
  const host = runtime ?? storageHost();
  const { files, connectUnix } = host;
  return {
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...(files === undefined ? {} : { files: files.call(host) }),
    ...(connectUnix === undefined ? {} : { connectUnix: connectUnix.bind(host) }),
  };
}

/**
 * Opens a credential cache by its name. Nothing is read yet.
 *
 * @param name `FILE:/path` or a path, `DIR:/dir`, `MEMORY:name`, `KCM:name`
 * @param host what of a host the cache uses. Default: all of the one that runs this
 * @returns the cache
 * @throws CredentialError `CCACHE` for a type that is unknown or not available here; it says what to use instead
 * @example
 * ```ts
 * import { openCache } from "krb5-remctl/credentials";
 *
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * ```
 */
export function openCache(name: string, host: CacheHost = cacheHost()): CredentialCache {
  checkText("name", name);
  checkOptions("openCache", host, hostChecks);
  return room.openCache(name, host);
}

/**
 * Opens the collection that a cache belongs to.
 *
 * @param name the name of a cache, or of the collection
 * @param host what of a host the caches use. Default: all of the one that runs this
 * @returns the collection; undefined if caches of this type have none
 * @example
 * ```ts
 * import { openCollection } from "krb5-remctl/credentials";
 *
 * for (const cache of (await openCollection("DIR:/run/user/1000/krb5cc")?.list()) ?? []) console.log(cache.name);
 * ```
 */
export function openCollection(name: string, host: CacheHost = cacheHost()): CacheCollection | undefined {
  checkText("name", name);
  checkOptions("openCollection", host, hostChecks);
  return room.openCollection(name, host);
}

/**
 * Reads a keytab file.
 *
 * @param name `FILE:/path`, `WRFILE:/path` or a path
 * @param options the host, and the byte order of old files
 * @returns the keytab
 * @throws CredentialError `KEYTAB` for a file that is not there, or not a keytab
 * @example
 * ```ts
 * import { readKeytabFile } from "krb5-remctl/credentials";
 *
 * const { principals } = await readKeytabFile("/etc/krb5.keytab");
 * ```
 */
export async function readKeytabFile(
  name: string,
  options: KeytabReadOptions & { readonly host?: CacheHost | undefined } = {},
): Promise<Keytab> {
  checkText("name", name);
  checkOptions("readKeytabFile", options, readChecks);
  const { host = cacheHost(), ...rest } = options;
  return await room.readKeytabFile(name, filesOf(name, host), rest);
}

/**
 * Writes a keytab as a file of mode 0600, whole or not at all. One that is there and closed to all but its owner and
 * group keeps them and its mode; a link is followed.
 *
 * @param name `FILE:/path`, `WRFILE:/path` or a path
 * @param keys the keytab
 * @param host what of a host is used. Default: all of the one that runs this
 * @throws CredentialError `KEYTAB` if the file cannot be written
 * @example
 * ```ts
 * import { decodeKeytab, writeKeytabFile } from "krb5-remctl/credentials";
 *
 * await writeKeytabFile("/etc/robot.keytab", decodeKeytab(octets));
 * ```
 */
export async function writeKeytabFile(name: string, keys: Keytab, host: CacheHost = cacheHost()): Promise<void> {
  checkText("name", name);
  checkOptions("writeKeytabFile", host, hostChecks);
  await room.writeKeytabFile(name, keys, { files: filesOf(name, host), randomBytes: host.randomBytes });
}

function filesOf(name: string, { files }: CacheHost): NonNullable<CacheHost["files"]> {
  if (files !== undefined) return files;
  throw new TypeError(`${name}: this host has no files: use decodeKeytab and encodeKeytab with octets`);
}
