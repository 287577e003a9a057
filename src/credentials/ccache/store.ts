import { decodeText, encodeText } from "../../bytes/index.ts";
import { type Checks, checkFunction, checkOptions, checkRequired, checkSignal } from "../../checks/index.ts";
import { untilAborted } from "../../host/index.ts";
import { formatPrincipal } from "../../krb5/index.ts";
import { createTrace, type Trace } from "../../trace.ts";
import type { Credential } from "../credential.ts";
import { isRefusedProof, type KeptRejection, keepRejection, type RefusedProof, repeatRejection } from "../rejection.ts";
import { valueIn } from "../stores/value.ts";
import { checkCacheCall, checkCacheOptions } from "./cache-options.ts";
import { isSameEntry } from "./config-entries.ts";
import { contentsOf, listOf, wholeContents } from "./contents.ts";
import { noCache, onCache } from "./failure.ts";
import { decodeCcacheFile, encodeCcacheFile } from "./file-format.ts";
import { storeCacheChecks } from "./store-checks.ts";
import { withStoreLock } from "./store-lock.ts";
import type { StoreCacheOptions } from "./store-options.ts";
import { Sealer, type TimedValue } from "./store-seal.ts";
import type { CacheContents, CacheOptions, ConfigEntry, CredentialCache, NewCacheContents } from "./types.ts";

/**
 * What logins of one secret leave for each other, sealed beside the tickets, under the lock of a login: of all
 * processes one at a time reads it.
 */
export interface LoginNotes {
  /** Takes away what the last login left, and gives it; undefined: nothing that counts. A failure is a note. */
  take(): Promise<Uint8Array | undefined>;
  /** Keeps octets for the next login, for so long at the most. It is done when `acquire` is; a failure is a note. */
  keep(octets: Uint8Array, ttlSeconds: number): void;
}

/** Options for {@link StoreCache.acquire}. */
export interface AcquireOptions extends CacheOptions {
  /** Whether the tickets that are there will do. */
  readonly isFresh: (contents: CacheContents) => boolean;
  /** Logs in. Gets what logins of this secret leave for each other, where the store has `add`. */
  readonly obtain: (notes: LoginNotes | undefined) => Promise<NewCacheContents>;
  /** Whether the error of a login lets the secret rest for all who share the store. Default: a refused proof does. */
  readonly mayRest?: ((error: unknown) => boolean) | undefined;
}

const acquireChecks: Checks<AcquireOptions> = {
  signal: checkSignal,
  isFresh: checkFunction,
  obtain: checkFunction,
  mayRest: checkFunction,
};

type Purpose = "cache" | "rest" | "proof";

/** Before when a value of the store does not count any more, by what this program did: milliseconds since the epoch. */
type Past = Record<Purpose, number>;

/** What the caches of one principal have in common, whatever the secret. */
const SHARED: unique symbol = Symbol("shared");

interface Shared {
  readonly sealer: Sealer;
  readonly past: Past;
}

const LEAST_TTL_SECONDS = 60;
const DEFAULT_REST_SECONDS = 300;
const DEFAULT_LOCK_SECONDS = 30;

/**
 * Makes a cache in a key-value store. Its contents are sealed: the store sees no ticket, no key and no name. What was
 * changed there, moved or sealed by another is ignored, with a note in the trace.
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
  readonly #past: Past;
  #names: readonly string[] | undefined;

  /** Reads nothing yet. */
  constructor(options: StoreCacheOptions) {
    const { key, principal, notBefore } = options;
    const shared = (options as { readonly [SHARED]?: Shared })[SHARED];
    this.#options = options;
    this.#trace = createTrace(options.onTrace);
    this.#owner = formatPrincipal(principal);
    this.#sealer = shared?.sealer ?? new Sealer(key instanceof Uint8Array ? [key] : key, randomBytesOf(options));
    const before = (notBefore?.getTime() ?? 0) - 1;
    this.#past = shared?.past ?? { cache: before, proof: before, rest: 0 };
    this.name = `STORE:${this.#owner}`;
  }

  /**
   * Gives the cache of the same principal for a secret: another secret finds nothing that was kept with this one.
   *
   * @param secret octets that this secret alone has
   * @returns the cache
   */
  withSecret(secret: Uint8Array): StoreCache {
    const shared: Shared = { sealer: this.#sealer, past: this.#past };
    return new StoreCache({ ...this.#options, secret, ...{ [SHARED]: shared } });
  }

  /**
   * Reads everything in one look.
   *
   * @param options a signal
   * @returns the contents; undefined if the store has nothing, or only what this key does not open
   */
  async read(options?: CacheOptions): Promise<CacheContents | undefined> {
    checkCacheOptions(options);
    return await this.#heeding(options, () => this.#read());
  }

  async #read(): Promise<CacheContents | undefined> {
    return await onCache(this.name, "reading it", async () => {
      const value = await this.#open("cache");
      if (value === undefined) return undefined;
      const { principal, credentials, clockOffsetMs } = decodeCcacheFile(value.octets);
      return contentsOf(principal, credentials, clockOffsetMs);
    });
  }

  /**
   * Recreates the cache.
   *
   * @param contents what it holds from now on
   * @param options a signal
   */
  async initialize(contents: NewCacheContents, options: CacheOptions = {}): Promise<void> {
    checkCacheCall("initialize", contents, options);
    await this.#locked(options, () => this.#write(contents));
  }

  /**
   * Adds a ticket to a cache that is there.
   *
   * @param credential the ticket
   * @param options a signal
   */
  async store(credential: Credential, options: CacheOptions = {}): Promise<void> {
    checkCacheCall("store", credential, options);
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
    checkCacheCall("remove", which, options);
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
    checkCacheCall("setConfig", entry, options);
    await this.#change(options, (contents) => {
      const { value } = entry;
      const others = contents.config.filter((other) => !isSameEntry(other, entry));
      return { ...contents, config: value === undefined ? others : [...others, { ...entry, value }] };
    });
  }

  /**
   * Removes the cache with all that is in it. This program does not take an old value of it any more, should somebody
   * put one back; other programs need the option `notBefore` for that.
   *
   * @param options a signal
   * @returns false if it was absent
   */
  async destroy(options?: CacheOptions): Promise<boolean> {
    checkCacheOptions(options);
    return await this.#heeding(options, () => this.#destroy());
  }

  async #destroy(): Promise<boolean> {
    return await onCache(this.name, "removing it", async () => {
      const { store } = this.#options;
      const keys = await this.#keysOf("cache");
      const found = await Promise.all(keys.map((key) => valueIn(store, key)));
      await Promise.all([this.#discard("cache"), this.#discard("proof")]);
      return found.some((value) => value !== undefined);
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
    const { isFresh, obtain, signal, mayRest = isRefusedProof } = options;
    const look = async (): Promise<CacheContents | undefined> => {
      const contents = await this.#read();
      if (contents !== undefined && isFresh(contents)) return contents;
      await this.#throwIfResting();
      return undefined;
    };
    let written: Promise<void> | undefined;
    const keep = (octets: Uint8Array, ttlSeconds: number): void => {
      written = this.#keep("proof", octets, ttlSeconds).catch((error: unknown) => this.#notKept(error));
    };
    // Without `add` two processes could take the same note, and prove a key twice that the KDC refuses.
    const notes = this.#options.store.add && { take: () => this.#take(), keep };
    const login = async (): Promise<CacheContents> => {
      let obtained: NewCacheContents;
      try {
        obtained = await obtain(notes);
      } catch (error) {
        if (isRefusedProof(error) && mayRest(error)) await this.#rest(error);
        await written;
        throw error;
      }
      try {
        await this.initialize(obtained, signal === undefined ? {} : { signal });
      } catch (error) {
        // The tickets are good all the same; only nobody else has them.
        this.#notKept(error);
      }
      // Before the lock is free: the next login takes what this one left.
      await written;
      return wholeContents(obtained);
    };
    return await this.#heeding(options, () => this.#withLock("login", { look, signal }, login));
  }

  /** Lets a secret that was rejected be tried again at once: an administrator has unlocked the account. */
  async forgetRejection(): Promise<void> {
    await this.#discard("rest");
  }

  /** What the last login left; what cannot be taken away counts as nothing. */
  async #take(): Promise<Uint8Array | undefined> {
    try {
      const value = await this.#open("proof");
      if (value !== undefined) await this.#discard("proof");
      return value?.octets;
    } catch (error) {
      this.#trace({ type: "note", text: `${this.name}: what the last login left is passed over: ${reasonOf(error)}` });
      return undefined;
    }
  }

  #notKept(error: unknown): void {
    this.#trace({ type: "note", text: `${this.name}: not kept for others: ${reasonOf(error)}` });
  }

  /** Deletes a value under all keys; this program passes over an old one that is put back. */
  async #discard(purpose: Purpose): Promise<void> {
    this.#past[purpose] = Math.max(this.#past[purpose], Date.now());
    const keys = await this.#keysOf(purpose);
    await Promise.all(keys.map((key) => this.#options.store.delete(key)));
  }

  async #change(options: CacheOptions, change: (contents: CacheContents) => NewCacheContents): Promise<void> {
    checkCacheOptions(options);
    await this.#locked(options, async () => {
      const contents = await this.#read();
      if (contents === undefined) throw noCache(this.name);
      await this.#write(change(contents));
    });
  }

  async #write(contents: NewCacheContents): Promise<void> {
    await onCache(this.name, "writing it", async () => {
      const octets = encodeCcacheFile({ ...contents, credentials: listOf(contents) });
      await this.#keep("cache", octets, lifetimeOf(contents));
    });
  }

  /** A store need not know of signals. */
  #heeding<T>(options: CacheOptions | undefined, run: () => Promise<T>): Promise<T> {
    return untilAborted(run(), options?.signal, this.name);
  }

  /** For reading and writing back. Only with `add`: without, waiting would cost more than a ticket lost. */
  async #locked(options: CacheOptions, run: () => Promise<void>): Promise<void> {
    const isLocked = this.#options.store.add !== undefined;
    await this.#heeding(options, () => (isLocked ? this.#withLock("write", options, run) : run()));
  }

  async #withLock<T>(
    what: "login" | "write",
    { signal, look }: { readonly signal?: AbortSignal | undefined; readonly look?: () => Promise<T | undefined> },
    run: () => Promise<T>,
  ): Promise<T> {
    const { store, lockSeconds = DEFAULT_LOCK_SECONDS } = this.#options;
    const randomBytes = randomBytesOf(this.#options);
    const [key] = await this.#keysOf(what);
    const onStuck = (): void =>
      this.#trace({ type: "note", text: `${this.name}: a lock in the store never ends, it is passed over (${key})` });
    const lock = { store, key, randomBytes, ttlSeconds: lockSeconds, signal, onStuck };
    return await withStoreLock<T>(look === undefined ? lock : { ...lock, look }, run);
  }

  async #rest(error: RefusedProof): Promise<void> {
    const { restSeconds = DEFAULT_REST_SECONDS } = this.#options;
    if (restSeconds <= 0) return;
    await this.#keep("rest", encodeText(JSON.stringify(keepRejection(error))), restSeconds);
  }

  async #throwIfResting(): Promise<void> {
    const { restSeconds = DEFAULT_REST_SECONDS } = this.#options;
    const rest = await this.#open("rest");
    if (rest === undefined) return;
    const until = rest.sealedAtMs + restSeconds * 1000;
    if (until <= Date.now()) return;
    throw repeatRejection(JSON.parse(decodeText(rest.octets)) as KeptRejection, new Date(until));
  }

  async #keep(purpose: Purpose, octets: Uint8Array, ttlSeconds: number): Promise<void> {
    const [key, ...older] = await this.#keysOf(purpose);
    // After what this program has destroyed, though it be in the same millisecond.
    const sealedAtMs = Math.max(Date.now(), this.#past[purpose] + 1);
    const value = { octets, sealedAtMs, untilMs: Math.ceil(sealedAtMs + ttlSeconds * 1000) };
    const sealed = await this.#sealer.seal(value, { key, owner: this.#owner });
    const { store } = this.#options;
    await store.set(key, sealed, { ttlSeconds });
    // What an older key sealed is out of date by now.
    await Promise.all(older.map((name) => store.delete(name)));
  }

  /** What the store has under any of the keys. What cannot be used is ignored: it must not stop a login. */
  async #open(purpose: Purpose): Promise<TimedValue | undefined> {
    for (const key of await this.#keysOf(purpose)) {
      const sealed = await valueIn(this.#options.store, key);
      if (sealed === undefined) continue;
      const value = await this.#sealer.open(sealed, { key, owner: this.#owner });
      if (value === undefined) {
        const text = `${this.name}: what the store has was changed there, or is another's: it is passed over (${key})`;
        this.#trace({ type: "note", text });
        continue;
      }
      // A store may keep a value for longer than it was asked to, and its owner may put an old one back.
      if (value.untilMs > Date.now() && value.sealedAtMs > this.#past[purpose]) return value;
    }
    return undefined;
  }

  async #keysOf(what: Purpose | "login" | "write"): Promise<readonly [string, ...string[]]> {
    this.#names ??= await this.#sealer.names(this.#owner, this.#options.secret);
    const prefix = this.#options.prefix ?? "krb5:";
    return this.#names.map((name) => `${prefix}${name}:${what}`) as unknown as readonly [string, ...string[]];
  }
}

function randomBytesOf({ randomBytes }: StoreCacheOptions): (length: number) => Uint8Array {
  return randomBytes ?? ((length) => crypto.getRandomValues(new Uint8Array(length)));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Until the last ticket has ended and cannot be renewed any more. */
function lifetimeOf({ credentials = [], clockOffsetMs = 0 }: NewCacheContents): number {
  const ends = credentials.map(({ endTime, renewTill = endTime }) => Math.max(endTime.getTime(), renewTill.getTime()));
  const last = Math.max(0, ...ends) - clockOffsetMs;
  return Math.max(LEAST_TTL_SECONDS, Math.ceil((last - Date.now()) / 1000));
}
