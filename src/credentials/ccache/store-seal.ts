import { concat, encodeText, equal, Reader, Writer } from "../../bytes/index.ts";
import { deriveStoreKey, type StoreKey, storeName } from "./store-keys.ts";

const VERSION = 2;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES;
const TIMES_BYTES = 16;

/** Where a value is and whose: it is authenticated with the value, so that none can be put in another's place. */
export interface SealContext {
  /** The whole key under which the store has it, with the prefix and the purpose. */
  readonly key: string;
  /** The principal. */
  readonly owner: string;
}

/** A value, when it was sealed and until when it is good: milliseconds since the epoch. */
export interface TimedValue {
  readonly octets: Uint8Array;
  readonly sealedAtMs: number;
  readonly untilMs: number;
}

/**
 * Seals values with AES-256-GCM under a sub-key of the user's key. A sealed value is a version octet (2), four octets
 * that name the key, 12 octets of a random IV, and the ciphertext with its tag; version, key, place and owner are
 * authenticated with it. Before the value itself the plaintext has when it was sealed and until when it is good.
 */
export class Sealer {
  readonly #secrets: readonly Uint8Array[];
  readonly #randomBytes: (length: number) => Uint8Array;
  // Values, not promises: a Worker's promise belongs to the request that made it.
  #keys: readonly StoreKey[] | undefined;

  /** The first secret seals, and any of them opens: so a key is changed without losing what is sealed. */
  constructor(secrets: readonly Uint8Array[], randomBytes: (length: number) => Uint8Array) {
    this.#secrets = secrets.map((secret) => secret.slice());
    this.#randomBytes = randomBytes;
  }

  /** The names of what is kept for a principal and a secret, one for each key: the first is that of new values. */
  async names(owner: string, secret: Uint8Array | undefined): Promise<readonly string[]> {
    return await Promise.all((await this.#load()).map((key) => storeName(key, owner, secret)));
  }

  async seal(value: TimedValue, context: SealContext): Promise<Uint8Array> {
    const { id, seal } = (await this.#load())[0] as StoreKey;
    const iv = this.#randomBytes(IV_BYTES);
    const plaintext = new Writer(TIMES_BYTES + value.octets.length);
    for (const time of [value.sealedAtMs, value.untilMs]) {
      plaintext.uint32(Math.floor(time / 2 ** 32)).uint32(time % 2 ** 32);
    }
    const parameters = parametersOf(iv, additional(id, context));
    const octets = plaintext.bytes(value.octets).finish();
    const sealed = await crypto.subtle.encrypt(parameters, seal, octets as BufferSource);
    octets.fill(0);
    return concat(Uint8Array.of(VERSION), id, iv, new Uint8Array(sealed));
  }

  /** The value; undefined for one that was changed, moved or cut, or sealed under another key. */
  async open(sealed: Uint8Array, context: SealContext): Promise<TimedValue | undefined> {
    if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) return undefined;
    const id = sealed.subarray(1, 1 + KEY_ID_BYTES);
    const found = (await this.#load()).find((one) => equal(one.id, id));
    if (found === undefined) return undefined;
    const parameters = parametersOf(sealed.subarray(1 + KEY_ID_BYTES, HEADER_BYTES), additional(id, context));
    let plaintext: Uint8Array;
    try {
      const ciphertext = sealed.subarray(HEADER_BYTES) as BufferSource;
      plaintext = new Uint8Array(await crypto.subtle.decrypt(parameters, found.seal, ciphertext));
    } catch {
      return undefined;
    }
    const from = new Reader(plaintext);
    const time = (): number => from.uint32() * 2 ** 32 + from.uint32();
    return { sealedAtMs: time(), untilMs: time(), octets: from.bytes(from.remaining) };
  }

  async #load(): Promise<readonly StoreKey[]> {
    this.#keys ??= await Promise.all(this.#secrets.map(deriveStoreKey));
    return this.#keys;
  }
}

function additional(id: Uint8Array, { key, owner }: SealContext): Uint8Array {
  return concat(Uint8Array.of(VERSION), id, encodeText(`${key}\0${owner}`));
}

function parametersOf(iv: Uint8Array, additionalData: Uint8Array): AesGcmParams {
  return { name: "AES-GCM", iv: iv as BufferSource, additionalData: additionalData as BufferSource };
}
