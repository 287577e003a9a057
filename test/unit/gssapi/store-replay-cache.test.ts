import { expect, it } from "vitest";
import { memoryStore } from "../../../src/entry/credentials.ts";
import { type KeyValueStore, storeReplayCache } from "../../../src/entry/gssapi.ts";
import type { ReplayEntry } from "../../../src/krb5/index.ts";

const NOW = Date.UTC(2026, 5, 1, 12, 0, 0);
const entry: ReplayEntry = {
  tag: "ab".repeat(16),
  client: "alice@R",
  share: "alice@R",
  ctime: new Date(NOW),
  cusec: 0,
  keepUntil: new Date(NOW + 300_000),
};

it("AP14: processes with one store accept an authenticator once, two at the same moment too", async () => {
  const store = memoryStore();
  const [here, there] = [storeReplayCache({ store }), storeReplayCache({ store })];
  const answers = await Promise.all([here.remember(entry, NOW), there.remember(entry, NOW)]);
  expect([...answers].sort()).toEqual([false, true]);
  expect(await here.remember({ ...entry, tag: "cd".repeat(16) }, NOW)).toBe(true);
});

it("the store keeps it until nobody accepts the authenticator any more", async () => {
  const added: [string, number][] = [];
  const add: NonNullable<KeyValueStore["add"]> = async (name, _, { ttlSeconds }) => {
    added.push([name, ttlSeconds]);
    return true;
  };
  const cache = storeReplayCache({ store: { ...memoryStore(), add }, prefix: "mine:" });
  await cache.remember(entry, NOW - 100_500);
  await cache.remember({ ...entry, keepUntil: new Date(NOW - 1) }, NOW);
  expect(added).toEqual([
    [`mine:${entry.tag}`, 402],
    [`mine:${entry.tag}`, 1],
  ]);
});

it("a store without a step that adds, or whose answer is not true, makes nothing new", async () => {
  const { add: _, ...without } = memoryStore();
  expect(() => storeReplayCache({ store: without })).toThrow("store has no add(): it must be an object with add()");
  expect(() => storeReplayCache({ store: memoryStore(), prefix: 5 as never })).toThrow(TypeError);
  const odd = { ...memoryStore(), add: async () => "OK" as never };
  expect(await storeReplayCache({ store: odd }).remember(entry, NOW)).toBe(false);
});
