import { encodeBase64 } from "../../bytes/index.ts";
import { refuse } from "../../checks/index.ts";
import type { KeyValueStore } from "./types.ts";
import { octetsOf } from "./value.ts";

/** A client of Redis or Valkey: `ioredis` has `call`, `redis` (node-redis) `sendCommand`, Bun's own `send`. */
export type RedisClient =
  | { call(command: string, ...args: string[]): Promise<unknown> }
  | { sendCommand(args: string[]): Promise<unknown> }
  | { send(command: string, args: string[]): Promise<unknown> };

/** Redis runs a script as one step. */
const DELETE_IF = "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end return 0";

/**
 * Makes a store in Redis, through the client that a program has already. It adds in one step (`SET NX`), so that of
 * many processes one logs in. Values are base64, since not every client gives octets back as they were.
 *
 * @param client a client of `ioredis`, `redis` (node-redis) or Bun
 * @returns the store
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { redisStore } from "krb5-remctl/credentials";
 *
 * const cache = { store: redisStore(redis), key: octets }; // redis: new Redis("redis://localhost") of ioredis
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password }, cache });
 * ```
 */
export function redisStore(client: RedisClient): KeyValueStore {
  const { call, sendCommand, send } = Object(client) as Readonly<Record<string, unknown>>;
  if (![call, sendCommand, send].some((one) => typeof one === "function")) {
    refuse("client", client, "a client of ioredis, redis (node-redis) or Bun");
  }
  const run = runner(client);
  const set = (key: string, value: Uint8Array, ttlSeconds: number, ...more: string[]): Promise<unknown> =>
    run("SET", key, encodeBase64(value), "EX", String(Math.max(1, Math.ceil(ttlSeconds))), ...more);
  return {
    async get(key) {
      const value = await run("GET", key);
      if (value === null || value === undefined) return undefined;
      return octetsOf(typeof value === "string" ? value : new TextDecoder().decode(value as Uint8Array));
    },
    async set(key, value, { ttlSeconds }) {
      await set(key, value, ttlSeconds);
    },
    async delete(key) {
      await run("DEL", key);
    },
    async add(key, value, { ttlSeconds }) {
      const reply = await set(key, value, ttlSeconds, "NX");
      return reply !== null && reply !== undefined;
    },
    async deleteIf(key, value) {
      return Number(await run("EVAL", DELETE_IF, "1", key, encodeBase64(value))) === 1;
    },
  };
}

function runner(client: RedisClient): (command: string, ...args: string[]) => Promise<unknown> {
  // ioredis has a `sendCommand` too, of another shape: so `call` comes first.
  if ("call" in client) return (command, ...args) => client.call(command, ...args);
  if ("sendCommand" in client) return (...args) => client.sendCommand(args);
  return (command, ...args) => client.send(command, args);
}
