// Someone's own key-value store: two processes that share a Map log in once.

import { createClient } from "krb5-remctl";
import type { KeyValueStore } from "krb5-remctl/credentials";
import { countRequests, startBed } from "./bed.mts";

class MapStore implements KeyValueStore {
  readonly map = new Map<string, { readonly value: Uint8Array; readonly until: number }>();

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#look(key);
  }

  #look(key: string): Uint8Array | undefined {
    const found = this.map.get(key);
    return found !== undefined && found.until > Date.now() ? found.value : undefined;
  }

  async set(key: string, value: Uint8Array, { ttlSeconds }: { readonly ttlSeconds: number }): Promise<void> {
    this.map.set(key, { value, until: Date.now() + ttlSeconds * 1000 });
  }

  async delete(key: string): Promise<void> {
    this.map.delete(key);
  }

  async add(key: string, value: Uint8Array, options: { readonly ttlSeconds: number }): Promise<boolean> {
    // In one step: with an await between them, two at once would both find nothing.
    if (this.#look(key) !== undefined) return false;
    void this.set(key, value, options);
    return true;
  }
}

await using bed = await startBed();
const store = new MapStore();
const key = crypto.getRandomValues(new Uint8Array(32));
const { sent, onTrace } = countRequests();
const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
const greetings = await Promise.all(
  [1, 2].map(async () => {
    const client = createClient({ kdc: bed.kdc, port: bed.port, credentials, cache: { store, key }, onTrace });
    return (await client.remctl("localhost", ["hello", "world"])).text();
  }),
);
const values = [...store.map.values()].map(({ value }) => new TextDecoder().decode(value)).join();
const logins = sent.filter((message) => message === "AS-REQ").length;
console.log(JSON.stringify({ greetings, logins, isSealed: values !== "" && !values.includes("alice") }));
