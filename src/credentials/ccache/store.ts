import { decodeText, encodeText } from "../../bytes/index.ts";
import {
  type Checks,
  checkFunction,
  checkOptions,
  checkRequired,
  checkSignal,
  checkString,
} from "../../checks/index.ts";
import { formatPrincipal } from "../../krb5/index.ts";
import { createTrace, type Trace } from "../../trace.ts";
import type { Credential } from "../credential.ts";
import { isRejection, type KeptRejection, keepRejection, type Rejection, repeatRejection } from "../rejection.ts";
import { checkCacheOptions } from "./cache-options.ts";
import { isSameEntry } from "./config-entries.ts";
import { contentsOf, listOf } from "./contents.ts";
import { noCache, onCache } from "./failure.ts";
import { decodeCcacheFile, encodeCcacheFile } from "./file-format.ts";
import { storeCacheChecks } from "./store-checks.ts";
import { withStoreLock } from "./store-lock.ts";
import type { StoreCacheOptions } from "./store-options.ts";
import { Sealer, storeKeyOf } from "./store-seal.ts";
import type { CacheContents, CacheOptions, ConfigEntry, CredentialCache, NewCacheContents } from "./types.ts";

/** Options for {@link StoreCache.acquire}. */
export interface AcquireOptions extends CacheOptions {
  /** Whether the tickets that are there will do. */
  readonly isFresh: (contents: CacheContents) => boolean;
  /** Logs in. */
  readonly obtain: () => Promise<NewCacheContents>;
  /**
   * Another text for another secret, so that a new password does not rest because of an old one: what
   * {@link StoreCache.secretIdOf} gives, never the secret itself.
   */
  readonly secretId?: string;
}

const acquireChecks: Checks<AcquireOptions> = {
  signal: checkSignal,
  isFresh: checkFunction,
  obtain: checkFunction,
  secretId: checkString,
};

interface Rest {
  readonly rejection: KeptRejection;
  readonly secretId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const LEAST_TTL_SECONDS = 60;
const DEFAULT_REST_SECONDS = 300;
const DEFAULT_LOCK_SECONDS = 30;

/**
 * Makes a cache in a key-value store. Its contents are sealed: the store sees no ticket, no key and no name.
 *
 * @param options the store, the key that seals, and whose tickets are kept
 * @returns the cache
 * @throws TypeError for an option that is not one, RangeError for keys that are not 16 or 32 octets: the caller's
 *   mistakes
 * @example
 * ```ts
 * import { createClient, parsePrincipal } from "krb5-remctl";
 * import { createStoreCache, memoryStore } from "krb5-remctl/credentials";
 *
 * const principal = parsePrincipal("alice@EXAMPLE.ORG");
 * const cache = createStoreCache({ store: memoryStore(), key: octets, principal });
 * const client = createClient({ credentials: { principal, password }, cache });
 * ```
 */
export function createStoreCache(options: StoreCacheOptions): StoreCache {
  checkOptions("createStoreCache", options, storeCacheChecks);
  checkRequired(options, storeCacheChecks, "store", "key", "principal");
  return new StoreCache(options);
}

/**
 * A cache in a key-value store. If the store has `add`, then of all processes that need a ticket at once one logs in
 * and the others take its ticket, and tickets added at once are all kept. Without `add`, two may log in, and of two
 * tickets added at once one may be lost, and is then asked for again.
 */
export class StoreCache implements CredentialCache {
  /** Always `STORE`. */
  readonly type = "STORE";
  /** `STORE:` and the principal. */
  readonly name: string;
  readonly #options: StoreCacheOptions;
  readonly #owner: string;
  readonly #sealer: Sealer;
  readonly #trace: Trace;
  #key: string | undefined;

  /** Reads nothing yet. */
  constructor(options: StoreCacheOptions) {
    const { key, principal } = options;
    this.#options = options;
    this.#trace = createTrace(options.onTrace);
    this.#owner = formatPrincipal(principal);
    this.#sealer = new Sealer(key instanceof Uint8Array ? [key] : key, randomBytesOf(options));
    this.name = `STORE:${this.#owner}`;
  }

  /**
   * Reads everything in one look.
   *
   * @returns the contents; undefined if the store has nothing, or only what this key does not open
   */
  async read(): Promise<CacheContents | undefined> {
    return await onCache(this.name, "reading it", async () => {
      const octets = await this.#open(await this.#keyOf("cache"), "cache");
      if (octets === undefined) return undefined;
      const { principal, credentials, clockOffsetMs } = decodeCcacheFile(octets);
      return contentsOf(principal, credentials, clockOffsetMs);
    });
  }

  /**
   * Makes the cache anew.
   *
   * @param contents what it holds from now on
   * @param options a signal
   */
  async initialize(contents: NewCacheContents, options: CacheOptions = {}): Promise<void> {
    checkCacheOptions(options);
    await this.#locked(options, () => this.#write(contents));
  }

  /**
   * Adds a ticket to a cache that is there.
   *
   * @param credential the ticket
   * @param options a signal
   */
  async store(credential: Credential, options: CacheOptions = {}): Promise<void> {
    await this.#change(options, (contents) => ({ ...contents, credentials: [...contents.credentials, credential] }));
  }

  /**
   * Removes tickets.
   *
   * @param which says of each ticket whether it goes
   * @param options a signal
   * @returns how many went
   */
  async remove(which: (credential: Credential) => boolean, options: CacheOptions = {}): Promise<number> {
    let count = 0;
    await this.#change(options, (contents) => {
      const credentials = contents.credentials.filter((one) => !which(one));
      count = contents.credentials.length - credentials.length;
      return { ...contents, credentials };
    });
    return count;
  }

  /**
   * Sets a remark, or takes it away.
   *
   * @param entry the remark; without a value it is taken away
   * @param options a signal
   */
  async setConfig(
    entry: Omit<ConfigEntry, "value"> & { readonly value: Uint8Array | undefined },
    options: CacheOptions = {},
  ): Promise<void> {
    await this.#change(options, (contents) => {
      const { value } = entry;
      const others = contents.config.filter((other) => !isSameEntry(other, entry));
      return { ...contents, config: value === undefined ? others : [...others, { ...entry, value }] };
    });
  }

  /**
   * Removes the cache with all that is in it.
   *
   * @returns false if there was none
   */
  async destroy(): Promise<boolean> {
    return await onCache(this.name, "removing it", async () => {
      const { store } = this.#options;
      const key = await this.#keyOf("cache");
      const isThere = (await store.get(key)) !== undefined;
      await store.delete(key);
      return isThere;
    });
  }

  /**
   * Gives the tickets that are there if they are fresh; else those of a login, of this process or of another one that
   * was first.
   *
   * @param options what is fresh, and how to log in
   * @returns the contents
   * @throws what the login throws; while a rejected secret rests, the error that it was rejected with, and no KDC is
   *   asked
   */
  async acquire(options: AcquireOptions): Promise<CacheContents> {
    checkOptions("cache.acquire", options, acquireChecks);
    checkRequired(options, acquireChecks, "isFresh", "obtain");
    const { isFresh, obtain, signal, secretId = "" } = options;
    const look = async (): Promise<CacheContents | undefined> => {
      const contents = await this.read();
      if (contents !== undefined && isFresh(contents)) return contents;
      await this.#throwIfResting(secretId);
      return undefined;
    };
    return await this.#withLock("login", { look, signal }, async () => {
      let obtained: NewCacheContents;
      try {
        obtained = await obtain();
      } catch (error) {
        if (isRejection(error)) await this.#rest(error, secretId);
        throw error;
      }
      try {
        await this.initialize(obtained, signal === undefined ? {} : { signal });
      } catch (error) {
        // The tickets are good all the same; only nobody else has them.
        const reason = error instanceof Error ? error.message : String(error);
        this.#trace({ type: "note", text: `${this.name}: not kept for others: ${reason}` });
      }
      return { credentials: [], config: [], ...obtained };
    });
  }

  /**
   * Makes a text of a secret that says nothing about it: HMAC-SHA-256 under the store's key.
   *
   * @param secret the octets of the secret
   * @returns the text, for {@link AcquireOptions}
   */
  async secretIdOf(secret: Uint8Array): Promise<string> {
    return await this.#sealer.fingerprint(secret);
  }

  /** Lets a secret that was rejected be tried again at once: an administrator has unlocked the account. */
  async forgetRejection(): Promise<void> {
    await this.#options.store.delete(await this.#keyOf("rest"));
  }

  async #change(options: CacheOptions, change: (contents: CacheContents) => NewCacheContents): Promise<void> {
    checkCacheOptions(options);
    await this.#locked(options, async () => {
      const contents = await this.read();
      if (contents === undefined) throw noCache(this.name);
      await this.#write(change(contents));
    });
  }

  async #write(contents: NewCacheContents): Promise<void> {
    await onCache(this.name, "writing it", async () => {
      const octets = encodeCcacheFile({ ...contents, credentials: listOf(contents) });
      const sealed = await this.#sealer.seal(octets, { purpose: "cache", owner: this.#owner });
      await this.#options.store.set(await this.#keyOf("cache"), sealed, { ttlSeconds: lifetimeOf(contents) });
    });
  }

  /** For reading and writing back. Only with `add`: without, waiting would cost more than a ticket lost. */
  async #locked(options: CacheOptions, run: () => Promise<void>): Promise<void> {
    if (this.#options.store.add === undefined) await run();
    else await this.#withLock("write", options, run);
  }

  async #withLock<T>(
    what: "login" | "write",
    { signal, look }: { readonly signal?: AbortSignal | undefined; readonly look?: () => Promise<T | undefined> },
    run: () => Promise<T>,
  ): Promise<T> {
    const { store, lockSeconds = DEFAULT_LOCK_SECONDS } = this.#options;
    const randomBytes = randomBytesOf(this.#options);
    const key = await this.#keyOf(what);
    const lock = { store, key, randomBytes, ttlSeconds: lockSeconds, signal };
    return await withStoreLock<T>(look === undefined ? lock : { ...lock, look }, run);
  }

  async #rest(error: Rejection, secretId: string): Promise<void> {
    const { store, restSeconds = DEFAULT_REST_SECONDS } = this.#options;
    if (restSeconds <= 0) return;
    const rest: Rest = { rejection: keepRejection(error), secretId, at: Date.now() };
    const octets = encodeText(JSON.stringify(rest));
    const sealed = await this.#sealer.seal(octets, { purpose: "rest", owner: this.#owner });
    await store.set(await this.#keyOf("rest"), sealed, { ttlSeconds: restSeconds });
  }

  async #throwIfResting(secretId: string): Promise<void> {
    const { restSeconds = DEFAULT_REST_SECONDS } = this.#options;
    const octets = await this.#open(await this.#keyOf("rest"), "rest");
    if (octets === undefined) return;
    const rest = JSON.parse(decodeText(octets)) as Rest;
    // A store may keep a value for longer than it was asked to.
    const until = rest.at + restSeconds * 1000;
    if (rest.secretId !== secretId || until <= Date.now()) return;
    throw repeatRejection(rest.rejection, new Date(until));
  }

  async #open(key: string, purpose: "cache" | "rest"): Promise<Uint8Array | undefined> {
    const sealed = await this.#options.store.get(key);
    if (sealed === undefined) return undefined;
    const octets = await this.#sealer.open(sealed, { purpose, owner: this.#owner });
    if (octets === undefined) {
      this.#trace({
        type: "note",
        text: `${this.name}: sealed under a key that is not known here: passed over`,
      });
    }
    return octets;
  }

  async #keyOf(what: "cache" | "rest" | "login" | "write"): Promise<string> {
    this.#key ??= await storeKeyOf(this.#owner);
    return `${this.#options.prefix ?? "krb5:"}${this.#key}:${what}`;
  }
}

function randomBytesOf({ randomBytes }: StoreCacheOptions): (length: number) => Uint8Array {
  return randomBytes ?? ((length) => crypto.getRandomValues(new Uint8Array(length)));
}

/** Until the last ticket has ended and cannot be renewed any more. */
function lifetimeOf({ credentials = [], clockOffsetMs = 0 }: NewCacheContents): number {
  const ends = credentials.map(({ endTime, renewTill = endTime }) => Math.max(endTime.getTime(), renewTill.getTime()));
  const last = Math.max(0, ...ends) - clockOffsetMs;
  return Math.max(LEAST_TTL_SECONDS, Math.ceil((last - Date.now()) / 1000));
}
