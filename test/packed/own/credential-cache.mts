// Someone's own credential cache: tickets in a row of a database, here a string that holds the octets of a cache file.

import { createClient } from "krb5-remctl";
import {
  type CacheContents,
  type CacheOptions,
  type ConfigEntry,
  type Credential,
  type CredentialCache,
  ccache,
  decodeCcacheFile,
  encodeCcacheFile,
  type NewCacheContents,
} from "krb5-remctl/credentials";
import { countRequests, startBed } from "./bed.mts";

/** A table with one text column. */
type Row = { value?: string };

class RowCache implements CredentialCache {
  readonly type = "ROW";
  readonly name: string;
  readonly #row: Row;

  constructor(name: string, row: Row) {
    this.name = `ROW:${name}`;
    this.#row = row;
  }

  async read({ signal }: CacheOptions = {}): Promise<CacheContents | undefined> {
    signal?.throwIfAborted();
    const { value } = this.#row;
    if (value === undefined) return undefined;
    const file = decodeCcacheFile(Buffer.from(value, "base64"));
    const isTicket = ({ server }: Credential): boolean => server.realm !== "X-CACHECONF:";
    const config = file.credentials
      .filter((one) => !isTicket(one))
      .map(({ server, ticket }) => {
        const [, key = ""] = server.components;
        return { key, value: ticket };
      });
    return { principal: file.principal, credentials: file.credentials.filter(isTicket), config };
  }

  async initialize({ principal, credentials = [] }: NewCacheContents): Promise<void> {
    this.#row.value = Buffer.from(encodeCcacheFile({ principal, credentials })).toString("base64");
  }

  async store(credential: Credential): Promise<void> {
    await this.#change(({ credentials }) => [...credentials, credential]);
  }

  async remove(which: (credential: Credential) => boolean): Promise<number> {
    let removed = 0;
    await this.#change(({ credentials }) => {
      const left = credentials.filter((one) => !which(one));
      removed = credentials.length - left.length;
      return left;
    });
    return removed;
  }

  async setConfig(_entry: Omit<ConfigEntry, "value"> & { readonly value: Uint8Array | undefined }): Promise<void> {}

  async destroy(): Promise<boolean> {
    const was = this.#row.value !== undefined;
    delete this.#row.value;
    return was;
  }

  async #change(change: (contents: CacheContents) => readonly Credential[]): Promise<void> {
    const contents = await this.read();
    if (contents === undefined) throw new Error(`${this.name} is not there`);
    await this.initialize({ ...contents, credentials: change(contents) });
  }
}

await using bed = await startBed();
const row: Row = {};
const common = { kdc: bed.kdc, port: bed.port };
const first = countRequests();
const login = createClient({
  ...common,
  credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
  cache: new RowCache("alice", row),
  onTrace: first.onTrace,
});
await login.remctl("localhost", ["hello", "world"]);

// Another process, as it were: it has the row, and no password.
const second = countRequests();
const later = createClient({ ...common, credentials: ccache(new RowCache("alice", row)), onTrace: second.onTrace });
const result = await later.remctl("localhost", ["hello", "world"]);
console.log(JSON.stringify({ greeting: result.text(), first: first.sent.length, second: second.sent.length }));
