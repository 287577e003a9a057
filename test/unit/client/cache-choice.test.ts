// Credentials of a named principal: its cache of a collection, its keys of the client keytab, and never another's.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCache } from "../../../src/entry/credentials.ts";
import {
  type CacheChoice,
  type CredentialSource,
  ccache,
  createClient,
  createKerberos,
  fromEnvironment,
  KerberosError,
} from "../../../src/entry/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { startFakeKcm } from "../../support/fake-kcm.ts";
import { rejectedWith } from "../../support/rejected.ts";

const REALM = "TEST.EXAMPLE";
const SERVICE = `host/server@${REALM}`;

let realm: TestRealm;
let root: string;
let dir: string;
let count = 0;

beforeAll(async () => {
  realm = await createTestRealm({
    realm: REALM,
    principals: { alice: { password: "a" }, bob: { password: "b" }, robot: { password: "r" }, "host/server": {} },
  });
  root = mkdtempSync(join(tmpdir(), "choice-"));
});
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  dir = join(root, String(count++));
  mkdirSync(dir, { mode: 0o700 });
  put("tktalice", "alice");
  put("tktbob", "bob");
  writeFileSync(join(dir, "primary"), "tktalice\n", { mode: 0o600 });
});

const put = (file: string, who: string) => writeFileSync(join(dir, file), realm.ccache(who), { mode: 0o600 });

/** Who a ticket is of that a client with these credentials gets. */
async function nameOf(credentials: CredentialSource, env: Record<string, string> = {}): Promise<string> {
  const client = createClient({
    credentials,
    config: `[libdefaults]\n default_realm = ${REALM}\n`,
    kdc: realm.kdc,
    dial: realm.dial,
    environment: { env: { KRB5CCNAME: `DIR:${dir}`, KRB5_CLIENT_KTNAME: join(dir, "none"), ...env } },
  });
  const ticket = await client.getTicket(SERVICE);
  return ticket.client.components.join("/");
}

const failure = rejectedWith(KerberosError);

describe.each([
  ["ccache()", (choice?: CacheChoice) => ccache(undefined, choice)],
  ["fromEnvironment()", (choice?: CacheChoice) => fromEnvironment(choice)],
] as const)("%s of a named principal", (_, make) => {
  it("is its cache of the collection, whichever is primary", async () => {
    expect(await nameOf(make())).toBe("alice");
    expect(await nameOf(make({ principal: `bob@${REALM}` }))).toBe("bob");
    // Without a realm: of the default one.
    expect(await nameOf(make({ principal: "bob" }))).toBe("bob");
    expect(make({ principal: `bob@${REALM}` }).principal?.components).toEqual(["bob"]);
  });

  it("CC16: is never another's", async () => {
    const error = await failure(nameOf(make({ principal: `carol@${REALM}` })));
    expect(error).toMatchObject({ code: "NO_CREDENTIAL", principal: `carol@${REALM}` });
    expect(error.message).toContain(`it has those of alice@${REALM}, bob@${REALM}`);
    expect(error.message).toContain("kinit");
  });

  it("CC16: is not another's where a name is of one cache", async () => {
    for (const name of [`FILE:${dir}/tktalice`, `DIR::${dir}/tktalice`, `${dir}/tktalice`]) {
      const error = await failure(nameOf(make({ principal: `bob@${REALM}` }), { KRB5CCNAME: name }));
      expect(error).toMatchObject({ code: "NO_CREDENTIAL" });
      expect(await nameOf(make({ principal: `alice@${REALM}` }), { KRB5CCNAME: name })).toBe("alice");
    }
  });

  it("passes over what it cannot read in a collection", async () => {
    writeFileSync(join(dir, "tkt0"), "not a cache", { mode: 0o600 });
    expect(await nameOf(make({ principal: "bob" }))).toBe("bob");
    const error = await failure(nameOf(make({ principal: "bob" }), { KRB5CCNAME: `DIR::${dir}/tkt0` }));
    expect(error.code).toBe("CCACHE");
  });

  it("is a mistake with a text that is not a principal, before anything is read", () => {
    expect(() => make({ principal: "" })).toThrow(TypeError);
    expect(() => make({ principle: "bob" } as object)).toThrow(/did you mean principal/);
  });

  it("looks through a KCM daemon", async () => {
    const kcm = await startFakeKcm(join(dir, "kcm"));
    const host = { ...(await createKerberos().host()), kcmSocket: kcm.path };
    for (const who of ["alice", "bob"]) {
      const contents = await openCache(`FILE:${dir}/tkt${who}`).read();
      if (contents === undefined) throw new Error("no cache");
      await openCache(`KCM:${who}`, host).initialize(contents);
    }
    const source = make({ principal: `bob@${REALM}` });
    const opened = await source.open({ ...host, environment: { env: { KRB5CCNAME: "KCM:" } } });
    expect(opened).toMatchObject({ principal: { components: ["bob"] }, cache: { name: "KCM:bob" } });
    await kcm.close();
  });
});

describe("fromEnvironment() of a principal of the client keytab", () => {
  const keytabFor = (...names: string[]) => {
    const path = join(dir, "client.keytab");
    writeFileSync(path, realm.keytab(...(names as [string])), { mode: 0o600 });
    return { KRB5_CLIENT_KTNAME: path };
  };
  const robot = fromEnvironment({ principal: "robot" });

  it("logs in with its keys into a new cache of the collection; the others stay", async () => {
    const env = keytabFor("robot");
    expect(await nameOf(robot, env)).toBe("robot");
    const files = readdirSync(dir).filter((name) => name.startsWith("tkt"));
    expect(files).toHaveLength(3);
    // The second time they are found.
    expect(await nameOf(robot, env)).toBe("robot");
    expect(readdirSync(dir).filter((name) => name.startsWith("tkt"))).toEqual(files);
    expect(await nameOf(fromEnvironment(), env)).toBe("alice");
  });

  it("CC16: keeps its tickets in memory where the one cache is another's", async () => {
    const env = { ...keytabFor("robot"), KRB5CCNAME: `FILE:${dir}/tktalice` };
    expect(await nameOf(robot, env)).toBe("robot");
    expect(await nameOf(fromEnvironment(), env)).toBe("alice");
  });

  it("makes the default cache where there is none", async () => {
    const env = { ...keytabFor("robot"), KRB5CCNAME: `FILE:${dir}/new` };
    expect(await nameOf(robot, env)).toBe("robot");
    expect((await openCache(`FILE:${dir}/new`).read())?.principal.components).toEqual(["robot"]);
  });

  it("names a keytab that cannot be used", async () => {
    writeFileSync(join(dir, "bad.keytab"), "damaged", { mode: 0o600 });
    chmodSync(join(dir, "bad.keytab"), 0o600);
    const error = await failure(nameOf(robot, { KRB5_CLIENT_KTNAME: join(dir, "bad.keytab") }));
    expect(error.code).toBe("NO_CREDENTIAL");
    expect(error.message).toContain("client keytab cannot be used");
  });
});
