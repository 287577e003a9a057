export { memoryStore } from "./memory.ts";
export { type RedisClient, redisStore } from "./redis.ts";
export type { KeyValueStore } from "./types.ts";
export { type UnstorageLike, unstorageStore } from "./unstorage.ts";
export { type KvNamespaceLike, workersKvStore } from "./workers-kv.ts";
