// What computes an acceptor's contexts where nobody says: the cryptography of the host, if it has some.

import { createRequire } from "node:module";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createAcceptor, createEncTypeSet, createInitiator, createReplayCache } from "../../../src/entry/gssapi.ts";
import { createClient } from "../../../src/entry/index.ts";
import { createSaslClient, createSaslServer } from "../../../src/entry/sasl.ts";
import { createSpnegoAcceptor } from "../../../src/entry/spnego.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";

const node = createRequire(import.meta.url)("node:crypto") as typeof import("node:crypto");
const realm = await createTestRealm({
  realm: "TEST.EXAMPLE",
  principals: { alice: { password: "x" }, "host/server": {} },
});
const keytab = realm.keytab("host/server");
const credential = createClient({
  credentials: { principal: "alice@TEST.EXAMPLE", password: "x" },
  kdc: realm.kdc,
  dial: realm.dial,
  config: false,
});
const target = "host/server@TEST.EXAMPLE";
const token = async () => (await createInitiator({ target, credential }).step()) as Uint8Array;
const replayCache = createReplayCache();

afterEach(() => vi.restoreAllMocks());

/** Whether the host deciphers anything while `run` works. */
async function usesHost(run: () => Promise<unknown>): Promise<boolean> {
  const deciphering = vi.spyOn(node, "createDecipheriv");
  await run();
  return deciphering.mock.calls.length > 0;
}

const WAYS: Readonly<Record<string, (token: Uint8Array, enctypes?: readonly string[]) => Promise<unknown>>> = {
  createAcceptor: (octets, enctypes) => createAcceptor({ keytab, replayCache, enctypes }).step(octets),
  createSpnegoAcceptor: (octets, enctypes) => createSpnegoAcceptor({ keytab, replayCache, enctypes }).step(octets),
  createSaslServer: (octets, enctypes) => createSaslServer({ keytab, replayCache, enctypes }).step(octets),
};

describe.each(Object.entries(WAYS))("%s", (_, accept) => {
  it("computes by the host, whether enctypes are named or not", async () => {
    for (const enctypes of [undefined, ["aes256-sha1"]]) {
      const octets = await token();
      expect(await usesHost(() => accept(octets, enctypes))).toBe(true);
    }
  });

  it("computes in plain JavaScript where the host has no cryptography of Node", async () => {
    const octets = await token();
    const own = process.getBuiltinModule.bind(process);
    vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
      name === "node:crypto" ? undefined : own(name)) as typeof process.getBuiltinModule);
    expect(await usesHost(() => accept(octets))).toBe(false);
  });
});

it("GS2-KRB5 computes by the host too", async () => {
  const client = createSaslClient({ target, credential, mechanism: "GS2-KRB5", tls: true });
  const octets = await client.step();
  const server = createSaslServer({ keytab, replayCache, mechanism: "GS2-KRB5", tls: true });
  expect(await usesHost(() => server.step(octets))).toBe(true);
});

it("a set that is given says what computes", async () => {
  const octets = await token();
  const runtime = { name: "web" } as const;
  const enctypes = await createEncTypeSet(undefined, { runtime: runtime as never });
  expect(await usesHost(() => createAcceptor({ keytab, replayCache, enctypes }).step(octets))).toBe(false);
});
