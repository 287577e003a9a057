// Every method of every type of cache is called wrongly: the caller's mistake is told by name, before anything happens.

import { describe, expect, it } from "vitest";
import { createStoreCache, openCache, openCollection } from "../../../src/credentials/index.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { makeCredential, randomBytes } from "../../support/credentials.ts";

const alice = parsePrincipal("alice@EXAMPLE.ORG");
const contents = { principal: alice, credentials: [] };

/** A host's part that keeps what is asked of it, and refuses. */
function refusing(touched: string[]): never {
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === "uid" || name === "add" || name === "deleteIf") return undefined;
        return () => {
          touched.push(String(name));
          throw new Error(`${String(name)} was called`);
        };
      },
    },
  ) as never;
}

const hostOf = (touched: string[]) => ({
  files: refusing(touched),
  connectUnix: async (): Promise<never> => {
    touched.push("connectUnix");
    throw new Error("connected");
  },
  randomBytes,
  kcmSocket: "/s",
});

function storeOf(touched: string[]) {
  const refuse = async (): Promise<never> => {
    touched.push("store");
    throw new Error("the store was asked");
  };
  return { get: refuse, set: refuse, delete: refuse };
}

const caches = (touched: string[]) => ({
  FILE: openCache("FILE:/c", hostOf(touched)),
  DIR: openCache("DIR:/d", hostOf(touched)),
  "DIR::": openCache("DIR::/d/tkt", hostOf(touched)),
  KCM: openCache("KCM:0", hostOf(touched)),
  MEMORY: openCache("MEMORY:a", hostOf(touched)),
  STORE: createStoreCache({
    store: storeOf(touched),
    key: new Uint8Array(32),
    principal: alice,
    randomBytes,
  }),
});
type Type = keyof ReturnType<typeof caches>;

type Call = (...values: unknown[]) => Promise<unknown>;
const failureOf = async (call: () => unknown): Promise<Error> => {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  return new Error("it did not fail");
};

const good = {
  initialize: [contents],
  store: [makeCredential("a/1@R")],
  remove: [() => true],
  setConfig: [{ key: "x", value: Uint8Array.of(1) }],
  read: [],
  destroy: [],
} as const;
const methods = Object.keys(good) as (keyof typeof good)[];
const wrong = [
  ["initialize", {}, "contents.principal"],
  ["initialize", { ...contents, credentials: 1 }, "contents.credentials"],
  ["initialize", { ...contents, config: [{ key: 1 }] }, "contents.config"],
  ["initialize", { ...contents, clockOffsetMs: "1" }, "contents.clockOffsetMs"],
  ["initialize", undefined, "contents"],
  ["store", {}, "credential"],
  ["remove", "all", "which"],
  ["setConfig", { value: Uint8Array.of(1) }, "entry.key"],
  ["setConfig", { key: "x", value: "text" }, "entry.value"],
] as const;

describe.each<Type>(["FILE", "DIR", "DIR::", "KCM", "MEMORY", "STORE"])("a cache of type %s", (type) => {
  /** What came of a call, and what it asked of the host. */
  const call = async (method: string, ...values: unknown[]) => {
    const touched: string[] = [];
    const cache = caches(touched)[type] as unknown as Record<string, Call>;
    const error = await failureOf(() => cache[method]?.(...values));
    return { name: error.name, message: error.message, touched };
  };

  it.each(wrong)("%s refuses %j by the name %s", async (method, value, name) => {
    const { touched, ...error } = await call(method, value);
    expect(error).toEqual({ name: "TypeError", message: expect.stringMatching(new RegExp(`^${name}\\b`)) });
    expect(touched).toEqual([]);
  });

  it.each(methods)("%s refuses an option that it has not, and a signal that is none", async (method) => {
    const unknown = await call(method, ...good[method], { signals: 1 });
    expect(unknown).toEqual({ name: "TypeError", message: expect.stringContaining("mean signal"), touched: [] });
    const none = await call(method, ...good[method], { signal: 7 });
    expect(none).toEqual({ name: "TypeError", message: expect.stringMatching(/^signal\b/), touched: [] });
  });

  it.each(methods)("%s does nothing where its signal has aborted", async (method) => {
    const { message, touched } = await call(method, ...good[method], { signal: AbortSignal.abort() });
    expect({ message, touched }).toEqual({ message: expect.stringContaining("aborted"), touched: [] });
  });
});

describe.each(["DIR:/d", "KCM:", "MEMORY:a"])("a collection of %s", (name) => {
  it.each(["list", "primary", "setPrimary", "create"])("%s refuses as a cache does", async (method) => {
    const touched: string[] = [];
    const collection = openCollection(name, hostOf(touched)) as unknown as Record<string, Call>;
    const one = openCache(name === "DIR:/d" ? "DIR::/d/tkt" : `${name}0`, hostOf(touched));
    const values = method === "setPrimary" ? [one] : [];
    for (const [options, words] of [
      [{ signals: 1 }, "mean signal"],
      [{ signal: AbortSignal.abort() }, "aborted"],
    ] as const) {
      expect((await failureOf(() => collection[method]?.(...values, options))).message).toContain(words);
    }
    expect(touched).toEqual([]);
  });
});
