import { decodeText, Writer } from "../../bytes/index.ts";
import type { Credential } from "../credential.ts";
import { checkCacheCall, checkCacheOptions } from "./cache-options.ts";
import type { CacheHost, CacheType } from "./cache-type.ts";
import { encodeConfigEntry, isSameEntry } from "./config-entries.ts";
import { contentsOf, listOf } from "./contents.ts";
import { cacheError, noCache, onCache, shownCache } from "./failure.ts";
import {
  decodeCcachePrincipal,
  decodeCredential,
  encodeCcachePrincipal,
  encodeCredential,
  MAX_CREDENTIALS,
} from "./file-format.ts";
import { KCM, KCM_STATUS, type KcmReply, kcmName, readName, UUID_BYTES, withKcm } from "./kcm-protocol.ts";
import type {
  CacheCollection,
  CacheContents,
  CacheOptions,
  ConfigEntry,
  CredentialCache,
  NewCacheContents,
} from "./types.ts";

/** `KCM:`: a daemon that keeps caches for its users, as sssd-kcm and heimdal-kcm are. */
export const kcmCache: CacheType = {
  type: "KCM",
  open: (residual, host) => new KcmCache(residual, host),
  openCollection: (_residual, host) => new KcmCollection(host),
};

type Call = (operation: number, ...payload: readonly Uint8Array[]) => Promise<KcmReply>;

/** Caches, and credentials of one, that are asked for one by one. */
const MAX_ENTRIES = 10_000;

/**
 * One cache of the daemon. The daemon has no operation that removes exactly one of several tickets, so `remove` and a
 * change of a remark rewrite the whole cache: a ticket that another program adds at that moment may be lost, and
 * then is asked for again.
 */
class KcmCache implements CredentialCache {
  readonly type = "KCM";
  readonly name: string;
  readonly #residual: string;
  readonly #host: CacheHost;

  constructor(residual: string, host: CacheHost) {
    this.name = `KCM:${residual}`;
    this.#residual = residual;
    this.#host = host;
  }

  async read(options: CacheOptions = {}): Promise<CacheContents | undefined> {
    return await this.#with("reading it", options, (call, name) => this.#read(call, name));
  }

  async initialize(contents: NewCacheContents, options: CacheOptions = {}): Promise<void> {
    checkCacheCall("initialize", contents, options);
    await this.#with("writing it", options, (call, name) => this.#write(call, name, contents));
  }

  async store(credential: Credential, options: CacheOptions = {}): Promise<void> {
    checkCacheCall("store", credential, options);
    await this.#with("adding a ticket", options, async (call, name) => {
      await this.#principal(call, name, { isNeeded: true });
      this.#check(await call(KCM.store, name, encodeCredential(credential)));
    });
  }

  async remove(which: (credential: Credential) => boolean, options: CacheOptions = {}): Promise<number> {
    checkCacheCall("remove", which, options);
    return await this.#with("removing a ticket", options, async (call, name) => {
      const contents = await this.#need(call, name);
      const credentials = contents.credentials.filter((one) => !which(one));
      const count = contents.credentials.length - credentials.length;
      if (count > 0) await this.#write(call, name, { ...contents, credentials });
      return count;
    });
  }

  async setConfig(
    entry: Omit<ConfigEntry, "value"> & { readonly value: Uint8Array | undefined },
    options: CacheOptions = {},
  ): Promise<void> {
    checkCacheCall("setConfig", entry, options);
    await this.#with("setting a remark", options, async (call, name) => {
      const contents = await this.#need(call, name);
      const config = contents.config.filter((other) => !isSameEntry(other, entry));
      const { value } = entry;
      const added = value === undefined ? [] : [{ ...entry, value }];
      if (config.length < contents.config.length) {
        await this.#write(call, name, { ...contents, config: [...config, ...added] });
      } else {
        for (const one of added) {
          this.#check(await call(KCM.store, name, encodeCredential(encodeConfigEntry(contents.principal, one))));
        }
      }
    });
  }

  async destroy(options: CacheOptions = {}): Promise<boolean> {
    return await this.#with("removing it", options, async (call, name) => {
      if ((await this.#principal(call, name)) === undefined) return false;
      const reply = await call(KCM.destroy, name);
      if (isNone(reply)) return false;
      this.#check(reply);
      return true;
    });
  }

  async #with<T>(doing: string, options: CacheOptions, use: (call: Call, name: Uint8Array) => Promise<T>): Promise<T> {
    checkCacheOptions(options);
    return await onCache(this.name, doing, () =>
      withKcm(this.name, this.#host, options, async (call) => {
        // `KCM:` alone is whichever cache the daemon calls the default.
        if (this.#residual !== "") return await use(call, kcmName(this.#residual));
        const { payload } = this.#check(await call(KCM.getDefaultCache));
        return await use(call, kcmName(decodeText(readName(payload))));
      }),
    );
  }

  async #need(call: Call, name: Uint8Array): Promise<CacheContents> {
    const contents = await this.#read(call, name);
    if (contents === undefined) throw noCache(this.name);
    return contents;
  }

  async #read(call: Call, name: Uint8Array): Promise<CacheContents | undefined> {
    const principal = await this.#principal(call, name);
    if (principal === undefined) return undefined;
    const offset = await call(KCM.getKdcOffset, name);
    const clockOffsetMs = offset.status === 0 ? offset.payload.int32() * 1000 : undefined;
    const list = await call(KCM.getCredList, name);
    // Not every daemon knows how to give all at once.
    const all = list.status === 0 ? readList(list) : await this.#readOneByOne(call, name);
    return contentsOf(principal, all, clockOffsetMs);
  }

  async #readOneByOne(call: Call, name: Uint8Array): Promise<Credential[]> {
    const { payload } = this.#check(await call(KCM.getCredUuidList, name));
    const all: Credential[] = [];
    for (const uuid of readUuids(payload)) {
      const reply = await call(KCM.getCredByUuid, name, uuid);
      // Removed since the list was made.
      if (isNone(reply)) continue;
      const { payload: rest } = this.#check(reply);
      all.push(decodeCredential(rest.bytes(rest.remaining)));
    }
    return all;
  }

  async #principal(
    call: Call,
    name: Uint8Array,
    { isNeeded = false } = {},
  ): Promise<CacheContents["principal"] | undefined> {
    const reply = await call(KCM.getPrincipal, name);
    if (!isNone(reply)) {
      const { payload } = this.#check(reply);
      // Heimdal answers for a cache that has a name and nothing else with no octets.
      if (payload.remaining > 0) return decodeCcachePrincipal(payload);
    }
    if (isNeeded) throw noCache(this.name);
    return undefined;
  }

  /** In one step if the daemon can, else in as many as there are tickets. */
  async #write(call: Call, name: Uint8Array, contents: NewCacheContents): Promise<void> {
    const offset = new Writer(4).int32(Math.round((contents.clockOffsetMs ?? 0) / 1000)).finish();
    const principal = encodeCcachePrincipal(contents.principal);
    const credentials = listOf(contents).map(encodeCredential);
    const list = new Writer(4096).uint32(credentials.length);
    for (const octets of credentials) list.data32(octets);
    if ((await call(KCM.replace, name, offset, principal, list.finish())).status === 0) return;
    this.#check(await call(KCM.initialize, name, principal));
    for (const octets of credentials) this.#check(await call(KCM.store, name, octets));
    this.#check(await call(KCM.setKdcOffset, name, offset));
  }

  #check(reply: KcmReply): KcmReply {
    if (isNone(reply)) throw noCache(this.name);
    if (reply.status !== 0) throw cacheError(this.name, `the KCM daemon refused with status ${reply.status}`);
    return reply;
  }
}

class KcmCollection implements CacheCollection {
  readonly #host: CacheHost;

  constructor(host: CacheHost) {
    this.#host = host;
  }

  async list(options: CacheOptions = {}): Promise<readonly CredentialCache[]> {
    const names = await this.#with("listing the caches", options, async (call) => {
      const found: string[] = [];
      const primary = await askName(call, KCM.getDefaultCache);
      const list = await call(KCM.getCacheUuidList);
      // Heimdal's daemon says this where it has no cache yet, and again after the last one is gone.
      if (isNone(list)) return found;
      const { payload } = check(list);
      for (const uuid of readUuids(payload)) {
        const reply = await call(KCM.getCacheByUuid, uuid);
        if (isNone(reply)) continue;
        const name = decodeText(readName(check(reply).payload));
        // One that has a name and nothing else is not there yet.
        const principal = await call(KCM.getPrincipal, kcmName(name));
        if (principal.status !== 0 || principal.payload.remaining === 0) continue;
        if (name === primary) found.unshift(name);
        else found.push(name);
      }
      return found;
    });
    return names.map((name) => new KcmCache(name, this.#host));
  }

  async primary(options: CacheOptions = {}): Promise<CredentialCache> {
    const ask = (call: Call): Promise<string> => askName(call, KCM.getDefaultCache);
    return new KcmCache(await this.#with("asking for the primary cache", options, ask), this.#host);
  }

  async setPrimary(cache: CredentialCache, options: CacheOptions = {}): Promise<void> {
    if (cache.type !== "KCM") throw new TypeError(`${shownCache(cache.name)} is not a cache of the KCM daemon`);
    const name = kcmName(cache.name.slice("KCM:".length));
    await this.#with("choosing the primary cache", options, async (call) => {
      check(await call(KCM.setDefaultCache, name));
    });
  }

  async create(options: CacheOptions = {}): Promise<CredentialCache> {
    const ask = (call: Call): Promise<string> => askName(call, KCM.genNew);
    return new KcmCache(await this.#with("making a cache", options, ask), this.#host);
  }

  async #with<T>(doing: string, options: CacheOptions, use: (call: Call) => Promise<T>): Promise<T> {
    checkCacheOptions(options);
    return await onCache("KCM:", doing, () => withKcm("KCM:", this.#host, options, use));
  }
}

async function askName(call: Call, operation: number): Promise<string> {
  return decodeText(readName(check(await call(operation)).payload));
}

function check(reply: KcmReply): KcmReply {
  if (reply.status !== 0) throw cacheError("KCM:", `the KCM daemon refused with status ${reply.status}`);
  return reply;
}

function isNone({ status }: KcmReply): boolean {
  return status === KCM_STATUS.noFile || status === KCM_STATUS.notFound || status === KCM_STATUS.end;
}

function readUuids(from: KcmReply["payload"]): Uint8Array[] {
  if (from.remaining % UUID_BYTES !== 0) from.fail("a list of UUIDs that is not whole");
  if (from.remaining / UUID_BYTES > MAX_ENTRIES) from.fail("more entries than any cache has");
  const uuids: Uint8Array[] = [];
  while (from.remaining > 0) uuids.push(from.bytes(UUID_BYTES));
  return uuids;
}

function readList({ payload }: KcmReply): Credential[] {
  const count = payload.uint32();
  if (count > payload.remaining / 4) payload.fail(`${count} credentials, ${payload.remaining} octets left`);
  if (count > MAX_CREDENTIALS) payload.fail(`more than ${MAX_CREDENTIALS} credentials`);
  return Array.from({ length: count }, () => decodeCredential(payload.data32()));
}
