import { encodeHex, equal } from "../../bytes/index.ts";
import { TransportError } from "../../errors.ts";
import type { KeyValueStore } from "../stores/index.ts";

/** Options for {@link withStoreLock}. */
export interface StoreLockOptions<T> {
  readonly store: KeyValueStore;
  readonly key: string;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Seconds after which a holder that never came back is taken for dead. */
  readonly ttlSeconds: number;
  /** Looked at before each try, and once more with the lock: what it gives ends the waiting. */
  readonly look?: () => Promise<T | undefined>;
  readonly signal?: AbortSignal | undefined;
}

const TOKEN_BYTES = 16;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;
/** For a store without `add`: time for another's claim to overwrite one's own. */
const CLAIM_MS = 50;

/**
 * Runs with a lock in the store, which is free again afterwards; or gives what `look` found meanwhile. Throws
 * TransportError `TIMEOUT` or `ABORTED`.
 */
export async function withStoreLock<T>(options: StoreLockOptions<T>, run: () => Promise<T>): Promise<T> {
  const { store, key, look, signal, randomBytes, ttlSeconds } = options;
  const token = randomBytes(TOKEN_BYTES);
  const deadline = Date.now() + 2 * ttlSeconds * 1000;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    if (signal?.aborted) throw new TransportError("ABORTED", "waiting for another login: aborted by the caller");
    const found = await look?.();
    if (found !== undefined) return found;
    if (await claim(options, token)) break;
    if (Date.now() > deadline) {
      throw new TransportError("TIMEOUT", `waiting for another login: its lock in the store never ends (${key})`);
    }
    // Not all at the same instant.
    await sleep(waitMs * (0.5 + (randomBytes(1)[0] as number) / 256));
  }
  try {
    // Another may have finished between the look and the lock.
    return (await look?.()) ?? (await run());
  } finally {
    await release(store, key, token);
  }
}

async function claim<T>({ store, key, ttlSeconds }: StoreLockOptions<T>, token: Uint8Array): Promise<boolean> {
  if (store.add !== undefined) return await store.add(key, token, { ttlSeconds });
  if ((await store.get(key)) !== undefined) return false;
  await store.set(key, token, { ttlSeconds });
  await sleep(CLAIM_MS);
  const kept = await store.get(key);
  return kept !== undefined && equal(kept, token);
}

/** Only one's own: who held it too long does not free another's. */
async function release(store: KeyValueStore, key: string, token: Uint8Array): Promise<void> {
  try {
    const kept = await store.get(key);
    if (kept !== undefined && encodeHex(kept) === encodeHex(token)) await store.delete(key);
  } catch {
    // It ends by itself.
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
