import { encodeHex, equal } from "../../bytes/index.ts";
import { hasCode } from "../../errors.ts";
import type { FileOpenOptions, Files, OpenedFile } from "../../host/index.ts";
import { equalPrincipals } from "../../krb5/index.ts";
import { noteTo } from "../../trace.ts";
import type { Credential } from "../credential.ts";
import { checkCacheCall, checkCacheOptions } from "./cache-options.ts";
import type { CacheHost, CacheType } from "./cache-type.ts";
import {
  decodeConfigEntry,
  encodeConfigEntry,
  isConfigEntry,
  isRemoved,
  isSameEntry,
  markRemoved,
} from "./config-entries.ts";
import { contentsOf, listOf, ownerOf } from "./contents.ts";
import { cacheError, noCache, onCache, shownCache } from "./failure.ts";
import { type CcacheFile, decodeCcacheFile, encodeCcacheFile, encodeCredential } from "./file-format.ts";
import { type CacheUser, checkReadable, checkWritable } from "./file-trust.ts";
import type { CacheContents, CacheOptions, ConfigEntry, CredentialCache, NewCacheContents } from "./types.ts";

/** `FILE:`, libkrb5's own: what kinit writes and everyone reads. */
export const fileCache: CacheType = {
  type: "FILE",
  open: (residual, host) => new FileCache(residual, host),
};

/** More than any cache has: tickets are of some kilobytes. */
const MAX_BYTES = 16 * 1024 * 1024;
const MODE = 0o600;
/** For a writer that is in the middle of adding a ticket. */
const RETRIES = 5;
const RETRY_MS = 20;
/** A temporary file of this age has no writer any more. */
const LEFTOVER_MS = 60_000;

interface Loaded {
  readonly octets: Uint8Array;
  readonly file: CcacheFile;
  /** Rule CC13 for a change that makes the file anew: throws if it is not one's own. */
  readonly checkOurs: () => void;
}

/**
 * A cache in a file. It is made whole in a temporary file beside it, synced and renamed; a ticket is added with one
 * appending write; a removed one is marked in place, in the octets that libkrb5 changes.
 *
 * Beside a libkrb5 program that uses the same file: its locks are not seen here, for JavaScript has none. Tickets added
 * by both at once are all kept, since each is one append, and a reader that meets the middle of one looks again. But a
 * kinit that recreates the cache while a ticket is added here may lose that ticket, and then it is asked for again.
 *
 * Another user may have put a file at the path: rules CC13 and CC14 in `file-trust.ts`.
 */
export class FileCache implements CredentialCache {
  readonly type: string = "FILE";
  readonly name: string;
  readonly #path: string;
  readonly #host: CacheHost;

  constructor(path: string, host: CacheHost, name = `FILE:${path}`) {
    this.name = name;
    this.#path = path;
    this.#host = host;
    if (path === "") throw new TypeError("a FILE cache needs a path, for example FILE:/tmp/krb5cc_0");
  }

  async read(options: CacheOptions = {}): Promise<CacheContents | undefined> {
    checkCacheOptions(options);
    const loaded = await this.#load(options);
    if (loaded === undefined) return undefined;
    const { principal, credentials, clockOffsetMs } = loaded.file;
    return contentsOf(principal, credentials, clockOffsetMs);
  }

  async initialize(contents: NewCacheContents, options?: CacheOptions): Promise<void> {
    checkCacheCall("initialize", contents, options);
    await this.#replace({ ...contents, credentials: listOf(contents) });
  }

  async store(credential: Credential, options: CacheOptions = {}): Promise<void> {
    checkCacheCall("store", credential, options);
    await this.#add(() => credential, options);
  }

  async remove(which: (credential: Credential) => boolean, options: CacheOptions = {}): Promise<number> {
    checkCacheCall("remove", which, options);
    return await this.#mark((one) => !isConfigEntry(one) && which(one), options);
  }

  async setConfig(
    entry: Omit<ConfigEntry, "value"> & { readonly value: Uint8Array | undefined },
    options: CacheOptions = {},
  ): Promise<void> {
    checkCacheCall("setConfig", entry, options);
    const { value } = entry;
    const isOld = (one: Credential): boolean => {
      const other = decodeConfigEntry(one);
      return other !== undefined && isSameEntry(other, entry);
    };
    await this.#mark(isOld, options);
    if (value !== undefined) {
      await this.#add(({ principal }) => encodeConfigEntry(principal, { ...entry, value }), options);
    }
  }

  async destroy(options?: CacheOptions): Promise<boolean> {
    checkCacheOptions(options);
    return await onCache(this.name, "removing it", () => this.#files().erase(this.#path));
  }

  /** Adds with one write to the file, which is read first: nothing is added to a file that is not a cache. */
  async #add(make: (file: CcacheFile) => Credential, options: CacheOptions): Promise<void> {
    let owner: CcacheFile | undefined;
    for (let i = 0; i < RETRIES; i++) {
      const { file, checkOurs } = await this.#need(options);
      owner ??= file;
      if (!equalPrincipals(owner.principal, file.principal)) {
        throw cacheError(this.name, `${ownerOf(file)} took the cache of ${ownerOf(owner)} while it was used`);
      }
      const added = make(file);
      // Only version 4 is written: an older file becomes one. Behind a stray end nobody would find what is added.
      if (file.version !== 4 || file.strayAt !== undefined) {
        checkOurs();
        return await this.#replace({ ...file, credentials: [...file.credentials, added] });
      }
      const octets = encodeCredential(added);
      const result = await onCache(this.name, "adding a ticket", () =>
        this.#files().append(this.#path, octets, this.#ours),
      );
      if (result === "appended") return;
    }
    throw cacheError(this.name, "other programs keep replacing it; nothing was added");
  }

  async #mark(which: (credential: Credential) => boolean, options: CacheOptions): Promise<number> {
    for (let i = 0; i < RETRIES; i++) {
      const { file, octets, checkOurs } = await this.#need(options);
      const { credentials, places } = file;
      const isMeant = (one: Credential): boolean => !isRemoved(one) && which(one);
      const meant = credentials.flatMap((one, at) => (isMeant(one) ? [at] : []));
      if (meant.length === 0) return 0;
      if (file.version !== 4) {
        checkOurs();
        await this.#replace({ ...file, credentials: credentials.filter((one) => !isMeant(one)) });
        return meant.length;
      }
      let marked = 0;
      for (const at of meant) {
        const start = places[at]?.start ?? 0;
        const old = octets.subarray(start, places[at + 1]?.start ?? octets.length);
        const changed = encodeCredential(markRemoved(credentials[at] as Credential));
        const isDone = await onCache(this.name, "removing a ticket", () =>
          this.#files().overwrite(this.#path, start, old, changed, this.#ours),
        );
        if (isDone) marked++;
      }
      if (marked === meant.length) return marked;
    }
    throw cacheError(this.name, "other programs keep changing it; not everything was removed");
  }

  async #replace(file: NewCacheContents & { readonly credentials: readonly Credential[] }): Promise<void> {
    const octets = encodeCcacheFile(file);
    const files = this.#files();
    // Beside it, since a rename stays in one file system; with a dot, since a DIR collection lists its own names.
    const at = this.#path.lastIndexOf("/") + 1;
    const directory = this.#path.slice(0, at);
    const prefix = `.${this.#path.slice(at)}.`;
    const temporary = `${directory}${prefix}${encodeHex(this.#host.randomBytes(8))}.tmp`;
    await onCache(this.name, "writing it", async () => {
      await files.writeExclusive(temporary, octets, { mode: MODE });
      try {
        await files.rename(temporary, this.#path);
      } catch (error) {
        await files.erase(temporary).catch(() => false);
        throw error;
      }
    });
    await this.#sweep(files, directory, prefix);
  }

  /** Erases what programs that were killed left: it has keys in it. A failure is ignored. */
  async #sweep(files: Files, directory: string, prefix: string): Promise<void> {
    try {
      for (const name of (await files.list(directory || ".")) ?? []) {
        if (!name.startsWith(prefix) || !/^[0-9a-f]{16}\.tmp$/.test(name.slice(prefix.length))) continue;
        const path = `${directory}${name}`;
        const modified = (await files.stat(path))?.modified.getTime() ?? Number.POSITIVE_INFINITY;
        if (modified < Date.now() - LEFTOVER_MS) await files.erase(path);
      }
    } catch {
      // The cache itself is written.
    }
  }

  async #need(options: CacheOptions): Promise<Loaded> {
    const loaded = await this.#load(options);
    if (loaded === undefined) throw noCache(this.name);
    return loaded;
  }

  async #load({ signal }: CacheOptions): Promise<Loaded | undefined> {
    return await onCache(this.name, "reading it", async () => {
      const files = this.#files();
      let opened: OpenedFile | undefined;
      const check = (found: OpenedFile): void => {
        checkReadable(this.name, found, this.#user);
        opened = found;
      };
      const checkOurs = (): void => {
        if (opened !== undefined) checkWritable(this.name, opened, this.#user);
      };
      let failed: { readonly octets: Uint8Array; readonly error: unknown } | undefined;
      for (let tries = 1; ; tries++) {
        signal?.throwIfAborted();
        const octets = await files.read(this.#path, { maxBytes: MAX_BYTES, check });
        if (octets === undefined) return undefined;
        try {
          // What nobody has changed since reads no better.
          if (failed !== undefined && tries < RETRIES && equal(failed.octets, octets)) throw failed.error;
          // Another program may be writing: only what stays there is a stray end.
          const file = decodeCcacheFile(octets, { allowStrayEnd: tries === RETRIES });
          await this.#notePermissions(files);
          if (file.strayAt === undefined) return { octets, file, checkOurs };
          const text = `${octets.length - file.strayAt} octets behind its last whole ticket are passed over`;
          noteTo(this.#host.onTrace, `${shownCache(this.name)}: ${text}`);
          return { octets: octets.subarray(0, file.strayAt), file, checkOurs };
        } catch (error) {
          if (!hasCode(error, "DECODE") || tries === RETRIES) throw error;
          failed = { octets, error };
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    });
  }

  async #notePermissions(files: Files): Promise<void> {
    const { onTrace } = this.#host;
    if (onTrace === undefined) return;
    const { mode = MODE, uid } = (await files.stat(this.#path)) ?? {};
    if ((mode & 0o077) !== 0) {
      noteTo(onTrace, `${this.name}: others may read it (mode ${mode.toString(8)}); it should be 600`);
    }
    if (uid !== undefined && files.uid !== undefined && uid !== files.uid) {
      noteTo(onTrace, `${this.name}: it belongs to user ${uid}, and this program is user ${files.uid}`);
    }
  }

  get #user(): CacheUser {
    return { uid: this.#files().uid, trustOwner: this.#host.trustOwner };
  }

  /** Only one's own file is written to. */
  get #ours(): FileOpenOptions {
    return { check: (opened) => checkWritable(this.name, opened, this.#user) };
  }

  #files(): Files {
    const { files } = this.#host;
    if (files === undefined)
      throw cacheError(this.name, "this host has no files: use a MEMORY cache or a store", { reason: "type" });
    return files;
  }
}
