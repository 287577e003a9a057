import type { Runtime } from "../host/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import type { CacheCollection, CacheHost, CredentialCache, Keytab, KeytabReadOptions } from "./index.ts";
import * as room from "./index.ts";

/** What caches and keytabs are opened with: what of a host they use. Default: the host that runs this. */
export function cacheHost(runtime: Runtime = detectRuntime()): CacheHost {
  const { files, connectUnix } = runtime;
  return {
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    ...(files === undefined ? {} : { files: files.call(runtime) }),
    ...(connectUnix === undefined ? {} : { connectUnix: connectUnix.bind(runtime) }),
  };
}

/**
 * Opens a credential cache by its name: `FILE:/path` or a path, `DIR:/dir`, `MEMORY:name`, `KCM:name`. Nothing is read yet.
 *
 * Throws CredentialError `CCACHE` for a type that is unknown or cannot be had here, and says what to use instead.
 *
 * ```ts
 * const contents = await openCache("FILE:/tmp/krb5cc_1000").read();
 * ```
 */
export function openCache(name: string, host: CacheHost = cacheHost()): CredentialCache {
  return room.openCache(name, host);
}

/** The collection that a name belongs to; undefined if its type has none. */
export function openCollection(name: string, host: CacheHost = cacheHost()): CacheCollection | undefined {
  return room.openCollection(name, host);
}

/** Reads a keytab by its name: `FILE:/path`, `WRFILE:/path` or a path. Throws CredentialError `KEYTAB`. */
export async function readKeytabFile(
  name: string,
  options: KeytabReadOptions & { readonly host?: CacheHost } = {},
): Promise<Keytab> {
  const { host = cacheHost(), ...rest } = options;
  return await room.readKeytabFile(name, filesOf(name, host), rest);
}

/** Writes a keytab as a file of mode 0600, whole or not at all. Throws CredentialError `KEYTAB`. */
export async function writeKeytabFile(name: string, keys: Keytab, host: CacheHost = cacheHost()): Promise<void> {
  await room.writeKeytabFile(name, keys, { files: filesOf(name, host), randomBytes: host.randomBytes });
}

function filesOf(name: string, { files }: CacheHost): NonNullable<CacheHost["files"]> {
  if (files !== undefined) return files;
  throw new TypeError(`${name}: this host has no files: use decodeKeytab and encodeKeytab with octets`);
}
