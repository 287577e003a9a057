import { equal } from "../../bytes/index.ts";
import { TransportError } from "../../errors.ts";
import type { KeyValueStore } from "../stores/index.ts";
import { valueIn } from "../stores/value.ts";

/** Options for {@link withStoreLock}. */
export interface StoreLockOptions<T> {
  readonly store: KeyValueStore;
  readonly key: string;
  readonly randomBytes: (length: number) => Uint8Array;
  /** Seconds after which a holder that never came back is taken for dead. */
  readonly ttlSeconds: number;
  /** Looked at before each try, and once more with the lock: what it gives ends the waiting. */
  readonly look?: () => Promise<T | undefined>;
  /** Told of a lock that never ends. */
  readonly onStuck: () => void;
  readonly signal?: AbortSignal | undefined;
}

const TOKEN_BYTES = 16;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 250;
/** For a store without `add`: time for another's claim to overwrite one's own. */
const CLAIM_MS = 50;

/**
 * Runs with a lock in the store, which is free again afterwards; or gives what `look` found meanwhile. A lock that
 * never ends, as one that somebody put there to stop all logins, is waited for twice its time and then ignored.
 * Throws TransportError `ABORTED`.
 */
export async function withStoreLock<T>(options: StoreLockOptions<T>, run: () => Promise<T>): Promise<T> {
  const { look, signal, randomBytes, ttlSeconds } = options;
  const token = randomBytes(TOKEN_BYTES);
  const deadline = Date.now() + 2 * ttlSeconds * 1000;
  let claimedMs: number | undefined;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    if (signal?.aborted)
      throw new TransportError(
        "ABORTED",
        "waiting for another login: aborted by the caller; call again if that was not meant",
      );
    const found = await look?.();
    if (found !== undefined) return found;
    const now = Date.now();
    if (await claim(options, token)) {
      claimedMs = now;
      break;
    }
    if (now > deadline) {
      options.onStuck();
      break;
    }
    // Not all at the same instant.
    await sleep(waitMs * (0.5 + (randomBytes(1)[0] as number) / 256));
  }
  try {
    // Another may have finished between the look and the lock.
    return (await look?.()) ?? (await run());
  } finally {
    if (claimedMs !== undefined) await release(options, token, claimedMs);
  }
}

async function claim<T>({ store, key, ttlSeconds }: StoreLockOptions<T>, token: Uint8Array): Promise<boolean> {
  if (store.add !== undefined) return await store.add(key, token, { ttlSeconds });
  if ((await valueIn(store, key)) !== undefined) return false;
  await store.set(key, token, { ttlSeconds });
  await sleep(CLAIM_MS);
  const kept = await valueIn(store, key);
  return kept !== undefined && equal(kept, token);
}

/**
 * Rule ST8: frees one's own lock only. Where the store cannot compare and delete in one step, a lock that may end
 * meanwhile is left to end by itself, since the next one could be another's.
 */
async function release<T>(options: StoreLockOptions<T>, token: Uint8Array, claimedMs: number): Promise<void> {
  const { store, key, ttlSeconds } = options;
  try {
    if (store.deleteIf !== undefined) {
      await store.deleteIf(key, token);
      return;
    }
    const kept = await valueIn(store, key);
    const isOwn = kept !== undefined && equal(kept, token);
    if (isOwn && Date.now() - claimedMs < ttlSeconds * 500) await store.delete(key);
  } catch {
    // It ends by itself.
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
