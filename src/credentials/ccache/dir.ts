import { decodeText, encodeHex, encodeText } from "../../bytes/index.ts";
import { CredentialError } from "../../errors.ts";
import type { Files, OpenedFile } from "../../host/index.ts";
import type { Credential } from "../credential.ts";
import { checkCacheCall, checkCacheOptions } from "./cache-options.ts";
import type { CacheHost, CacheType } from "./cache-type.ts";
import { cacheError, onCache, shownCache } from "./failure.ts";
import { FileCache } from "./file.ts";
import { checkDirectory, checkReadable } from "./file-trust.ts";
import type { CacheCollection, CacheContents, CacheOptions, CredentialCache, NewCacheContents } from "./types.ts";

const PREFIX = "tkt";
const PRIMARY = "primary";
const DEFAULT = "tkt";
const MAX_PRIMARY_BYTES = 1024;

/** `DIR:`: a directory of cache files, the primary one named by a file in it. `DIR::/dir/tktname` is one of them. */
export const dirCache: CacheType = {
  type: "DIR",
  open: (residual, host) =>
    residual.startsWith(":") ? subsidiary(residual.slice(1), host) : new PrimaryCache(residual, host),
  openCollection: (residual, host) =>
    new DirCollection(residual.startsWith(":") ? split(residual.slice(1)).directory : residual, host),
};

function split(path: string): { readonly directory: string; readonly base: string } {
  const at = path.lastIndexOf("/");
  return { directory: at < 0 ? "." : path.slice(0, at) || "/", base: path.slice(at + 1) };
}

function subsidiary(path: string, host: CacheHost): CredentialCache {
  const { base } = split(path);
  if (!base.startsWith(PREFIX))
    throw cacheError(`DIR::${path}`, `a file of a DIR collection is called ${PREFIX}...`, { reason: "name" });
  return new DirFile(path, host);
}

/** One file of the directory. */
class DirFile extends FileCache {
  override readonly type: string = "DIR";
  readonly #path: string;
  readonly #host: CacheHost;

  constructor(path: string, host: CacheHost) {
    super(path, host, `DIR::${path}`);
    this.#path = path;
    this.#host = host;
  }

  override async initialize(contents: NewCacheContents, options?: CacheOptions): Promise<void> {
    checkCacheCall("initialize", contents, options);
    await this.#checkDirectory();
    await super.initialize(contents, options);
  }

  override async store(credential: Credential, options: CacheOptions = {}): Promise<void> {
    checkCacheCall("store", credential, options);
    await this.#checkDirectory();
    await super.store(credential, options);
  }

  override async setConfig(
    entry: Parameters<CredentialCache["setConfig"]>[0],
    options: CacheOptions = {},
  ): Promise<void> {
    checkCacheCall("setConfig", entry, options);
    await this.#checkDirectory();
    await super.setConfig(entry, options);
  }

  async #checkDirectory(): Promise<void> {
    await checkOwnDirectory(this.name, split(this.#path).directory, this.#host);
  }
}

/** Throws CredentialError `CCACHE` for a directory that another user controls. */
async function checkOwnDirectory(name: string, directory: string, { files, trustOwner }: CacheHost): Promise<void> {
  const status = await onCache(name, "looking at its directory", async () => files?.stat(directory));
  if (status !== undefined) checkDirectory(name, status, { uid: files?.uid, trustOwner });
}

/** The caches in one directory. */
class DirCollection implements CacheCollection {
  readonly #directory: string;
  readonly #host: CacheHost;

  constructor(directory: string, host: CacheHost) {
    if (directory === "") throw new TypeError("a DIR cache needs a directory, for example DIR:/run/user/1000/krb5cc");
    this.#directory = directory;
    this.#host = host;
  }

  async list(options: CacheOptions = {}): Promise<readonly CredentialCache[]> {
    checkCacheOptions(options);
    // Which cache is primary matters to the order alone: what stands in that file keeps nobody from seeing or removing
    // the caches.
    const primary = await this.#primaryName().catch(() => undefined);
    const names = await onCache(this.#name, "listing it", () => this.#files().list(this.#directory));
    const tickets = [...(names ?? [])].filter((name) => name.startsWith(PREFIX)).sort();
    options.signal?.throwIfAborted();
    return [...tickets.filter((name) => name === primary), ...tickets.filter((name) => name !== primary)].map((name) =>
      this.#open(name),
    );
  }

  async primary(options?: CacheOptions): Promise<CredentialCache> {
    checkCacheOptions(options);
    return this.#open(await this.#primaryName());
  }

  async setPrimary(cache: CredentialCache, options?: CacheOptions): Promise<void> {
    checkCacheOptions(options);
    const { directory, base } = split(cache.name.replace(/^DIR::/, ""));
    if (cache.type !== "DIR" || directory !== split(`${this.#directory}/x`).directory) {
      throw new TypeError(`${shownCache(cache.name)} is not one of ${this.#name}`);
    }
    await onCache(this.#name, "choosing the primary cache", async () => {
      const files = this.#files();
      await this.prepare();
      await checkOwnDirectory(this.#name, this.#directory, this.#host);
      const temporary = `${this.#directory}/.${PRIMARY}.${encodeHex(this.#host.randomBytes(8))}.tmp`;
      await files.writeExclusive(temporary, encodeText(`${base}\n`), { mode: 0o600 });
      try {
        await files.rename(temporary, `${this.#directory}/${PRIMARY}`);
      } catch (error) {
        await files.remove(temporary).catch(() => false);
        throw error;
      }
    });
  }

  async create(options?: CacheOptions): Promise<CredentialCache> {
    checkCacheOptions(options);
    return this.#open(`${PREFIX}${encodeHex(this.#host.randomBytes(8))}`);
  }

  /** The directory is made, as libkrb5 makes it, but its parents are not. */
  async prepare(): Promise<void> {
    await onCache(this.#name, "making the directory", async () => {
      await this.#files().makeDirectory(this.#directory, { mode: 0o700 });
    });
  }

  async #primaryName(): Promise<string> {
    const path = `${this.#directory}/${PRIMARY}`;
    const octets = await onCache(this.#name, "reading which cache is primary", async () => {
      const files = this.#files();
      const user = { uid: files.uid, trustOwner: this.#host.trustOwner };
      const check = (opened: OpenedFile): void => checkReadable(this.#name, opened, user);
      return await files.read(path, { maxBytes: MAX_PRIMARY_BYTES, check });
    });
    if (octets === undefined) return DEFAULT;
    const [name = "", ...rest] = decodeText(octets).split("\n");
    // The name must not lead out of the directory.
    if (!name.startsWith(PREFIX) || /[/\0]/.test(name) || rest.join("") !== "" || rest.length !== 1) {
      throw new CredentialError(
        "CCACHE",
        `${this.#name}: ${path} contains invalid filename: one line with the name of a cache; remove it`,
        { reason: "primary", path },
      );
    }
    return name;
  }

  get #name(): string {
    return `DIR:${this.#directory}`;
  }

  #open(name: string): CredentialCache {
    return subsidiary(`${this.#directory}/${name}`, this.#host);
  }

  #files(): Files {
    const { files } = this.#host;
    if (files === undefined)
      throw cacheError(this.#name, "this host has no files: use a MEMORY cache or a store", { reason: "type" });
    return files;
  }
}

/** `DIR:/dir`: whichever cache is primary when an operation begins. */
class PrimaryCache implements CredentialCache {
  readonly type = "DIR";
  readonly name: string;
  readonly #collection: DirCollection;

  constructor(directory: string, host: CacheHost) {
    this.name = `DIR:${directory}`;
    this.#collection = new DirCollection(directory, host);
  }

  async read(options?: CacheOptions): Promise<CacheContents | undefined> {
    return await (await this.#collection.primary(options)).read(options);
  }

  async initialize(contents: NewCacheContents, options?: CacheOptions): Promise<void> {
    checkCacheCall("initialize", contents, options);
    await this.#collection.prepare();
    await (await this.#collection.primary(options)).initialize(contents, options);
  }

  async store(credential: Credential, options?: CacheOptions): Promise<void> {
    checkCacheCall("store", credential, options);
    await (await this.#collection.primary(options)).store(credential, options);
  }

  async remove(which: (credential: Credential) => boolean, options?: CacheOptions): Promise<number> {
    checkCacheCall("remove", which, options);
    return await (await this.#collection.primary(options)).remove(which, options);
  }

  async setConfig(entry: Parameters<CredentialCache["setConfig"]>[0], options?: CacheOptions): Promise<void> {
    checkCacheCall("setConfig", entry, options);
    await (await this.#collection.primary(options)).setConfig(entry, options);
  }

  async destroy(options?: CacheOptions): Promise<boolean> {
    return await (await this.#collection.primary(options)).destroy(options);
  }
}
