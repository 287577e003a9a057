// How often a cache is read, and that what was read a while ago is not used any more.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCache } from "../../../src/entry/credentials.ts";
import { type CredentialSource, ccache, createClient, fromEnvironment } from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import type { Runtime } from "../../../src/host/index.ts";
import { nodeRuntime } from "../../../src/runtime/index.ts";

const REALM = "TEST.EXAMPLE";
const SERVICE = `host/server@${REALM}`;
const OTHER = `host/other@${REALM}`;

let realm: TestRealm;
let root: string;
let file: string;
let reads: string[] = [];

/** Node's own host, which writes down what is read. */
function watchedRuntime(): Runtime {
  const runtime = nodeRuntime();
  const files = runtime.files?.();
  if (files === undefined) throw new Error("a host without files");
  const read: typeof files.read = (path, options) => {
    reads.push(path);
    return files.read(path, options);
  };
  return Object.assign(Object.create(runtime) as Runtime, {
    files: () => Object.assign(Object.create(files) as typeof files, { read }),
  });
}

const put = (...services: string[]) => writeFileSync(file, realm.ccache("alice", { services }), { mode: 0o600 });
const readsOfCache = (): number => reads.splice(0).filter((path) => path === file).length;

const client = (credentials: CredentialSource, now?: () => number) =>
  createClient({
    credentials,
    config: `[libdefaults]\n default_realm = ${REALM}\n`,
    kdc: realm.kdc,
    dial: realm.dial,
    runtime: watchedRuntime(),
    environment: { env: { KRB5CCNAME: `FILE:${file}`, KRB5_CLIENT_KTNAME: join(root, "none") } },
    ...(now === undefined ? {} : { now }),
  });

beforeAll(async () => {
  const principals = { alice: { password: "a" }, "host/server": {}, "host/other": {} };
  realm = await createTestRealm({ realm: REALM, principals });
  root = mkdtempSync(join(tmpdir(), "reads-"));
  file = join(root, "cache");
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  reads = [];
  put("host/server");
});

const forms: readonly (readonly [string, () => CredentialSource])[] = [
  ["ccache()", () => ccache()],
  ["ccache(name)", () => ccache(`FILE:${file}`)],
  ["ccache() of a principal", () => ccache(undefined, { principal: "alice" })],
  ["fromEnvironment()", () => fromEnvironment()],
  ["fromEnvironment() of a principal", () => fromEnvironment({ principal: "alice" })],
];

describe.each(forms)("%s", (_, make) => {
  it("reads its cache once for a ticket that is there", async () => {
    await client(make()).getTicket(SERVICE, { cachedOnly: true });
    expect(readsOfCache()).toBe(1);
  });

  it("CC17: sees a kinit after identify(), and one between two calls", async () => {
    const one = client(make());
    put();
    await one.identify();
    put("host/server");
    await one.getTicket(SERVICE, { cachedOnly: true });
    put("host/server", "host/other");
    await one.getTicket(OTHER, { cachedOnly: true });
    expect(readsOfCache()).toBe(3);
  });

  it("CC17: uses no old reading where the call that read was aborted", async () => {
    let nowMs = Date.now();
    const one = client(make(), () => nowMs);
    put();
    const signal = AbortSignal.abort();
    await expect(one.getTicket(`krbtgt/${REALM}@${REALM}`, { signal })).rejects.toThrow("aborted");
    nowMs += 1_000;
    put("host/server");
    await one.getTicket(SERVICE, { cachedOnly: true });
  });
});

it("a cache that is given as an object is read once, too", async () => {
  const inner = openCache(`FILE:${file}`);
  let count = 0;
  const counted = Object.assign(Object.create(inner) as typeof inner, {
    read: (...all: Parameters<typeof inner.read>) => {
      count++;
      return inner.read(...all);
    },
  });
  await client(ccache(counted)).getTicket(SERVICE, { cachedOnly: true });
  expect(count).toBe(1);
});
