// Credentials of the environment and by their options: what they are made of, and what is said where it is not there.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Keytab } from "../../../src/credentials/index.ts";
import { openCache } from "../../../src/entry/credentials.ts";
import { ccache, createClient, fromEnvironment, keytab, password } from "../../../src/entry/index.ts";
import { formatPrincipal, parsePrincipal } from "../../../src/krb5/index.ts";
import { credentialDesk, failureOf, REALM } from "../../support/credential-desk.ts";
import { makeCredential, randomBytes } from "../../support/credentials.ts";

const alice = parsePrincipal(`alice@${REALM}`);
const desk = await credentialDesk();
const { realm, notes, put, hostOf } = desk;

describe("the environment's credentials", () => {
  const env = (name = "cc", more: Record<string, string> = {}) => ({
    KRB5CCNAME: `FILE:${join(desk.dir, name)}`,
    KRB5_CLIENT_KTNAME: join(desk.dir, "client.keytab"),
    ...more,
  });

  it("are the cache alone where the client keytab is not there, or another's", async () => {
    put("cc", realm.ccache("alice"));
    const bare = await fromEnvironment().open(await hostOf(env()));
    expect([formatPrincipal(bare.principal), bare.loadSecret, bare.isRefreshedAtHalf]).toEqual([
      `alice@${REALM}`,
      undefined,
      undefined,
    ]);
    expect(notes).toEqual([expect.stringMatching(/^no client keytab: .*the keytab does not exist/)]);
    put("client.keytab", realm.keytab("robot"));
    expect((await fromEnvironment().open(await hostOf(env()))).loadSecret).toBeUndefined();
    put("client.keytab", realm.keytab(["robot", "alice"]));
    const both = await fromEnvironment().open(await hostOf(env()));
    expect(both).toMatchObject({ isRefreshedAtHalf: true, principal: { components: ["alice"] } });
    expect((await both.loadSecret?.())?.kind).toBe("keytab");
  });

  it("are the first principal of the client keytab where no cache is there", async () => {
    put("client.keytab", realm.keytab(["robot", "alice"]));
    const opened = await fromEnvironment().open(await hostOf(env()));
    expect(formatPrincipal(opened.principal)).toBe(`robot@${REALM}`);
    expect(opened.cache?.name).toBe(`FILE:${join(desk.dir, "cc")}`);
  });

  it("that are not there are an error that names both places, and a keytab that is damaged", async () => {
    const none = await failureOf(fromEnvironment().open(await hostOf(env())));
    expect([none.code, none.cause]).toEqual(["NO_CREDENTIAL", undefined]);
    expect(none.message).toBe(
      `no tickets in FILE:${desk.dir}/cc (KRB5CCNAME names another) and no client keytab ${desk.dir}/client.keytab ` +
        "(KRB5_CLIENT_KTNAME names another): log in with kinit, or give the option `credentials`",
    );
    put("client.keytab", "damaged");
    const damaged = await failureOf(fromEnvironment().open(await hostOf(env())));
    expect(damaged.message).toContain("and the client keytab cannot be used: ");
    expect(damaged.cause).toMatchObject({ code: "KEYTAB", reason: "damaged" });
    // A keytab of another type: the name is the mistake, and it is no reason where a cache is there.
    put("cc", realm.ccache("alice"));
    await fromEnvironment().open(await hostOf(env()));
  });

  it("of a principal that nobody has tickets of are the error of its search", async () => {
    put("cc", realm.ccache("alice"));
    const robot = fromEnvironment({ principal: "robot" });
    expect((await failureOf(robot.open(await hostOf(env())))).message).toContain(
      `has no tickets of robot@${REALM} (it has those of alice@${REALM})`,
    );
    put("client.keytab", "damaged");
    expect((await failureOf(robot.open(await hostOf(env())))).message).toContain("the client keytab cannot be used");
    put("cc", "not a cache");
    expect(await failureOf(robot.open(await hostOf(env())))).toMatchObject({ code: "CCACHE" });
  });

  it("need a place for a cache: a host without users has none unless one is named", async () => {
    const config = "[libdefaults]\n default_ccache_name = FILE:/tmp/krb5cc_%{uid}\n";
    const host = await hostOf({ KRB5_CLIENT_KTNAME: join(desk.dir, "client.keytab") }, {}, config);
    const { env: own } = host.environment;
    const error = await failureOf(fromEnvironment().open({ ...host, environment: { env: own ?? {} } }));
    expect(error).toMatchObject({ code: "NO_CREDENTIAL", cause: { code: "CONFIG" } });
    expect(error.message).toMatch(/^there are no credentials in the environment \(.*\): set KRB5CCNAME, or give/);
  });

  it("have no client keytab where the host has no users and none is named", async () => {
    put("cc", realm.ccache("alice"));
    const host = await hostOf({ KRB5CCNAME: `FILE:${join(desk.dir, "cc")}` });
    const opened = await fromEnvironment().open({ ...host, environment: { env: host.environment.env ?? {} } });
    expect(opened.loadSecret).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/^no client keytab: /)]);
    rmSync(join(desk.dir, "cc"));
    const none = await failureOf(fromEnvironment().open({ ...host, environment: { env: host.environment.env ?? {} } }));
    expect(none.message).toContain(" and no client keytab (KRB5_CLIENT_KTNAME");
  });

  it("choose nobody for a service on a host without files and sockets", async () => {
    const source = fromEnvironment();
    const bare = { ...(await hostOf({ HOME: desk.dir, ...env() })), files: undefined, connectUnix: undefined };
    put(".k5identity", "alice\n");
    const service = parsePrincipal(`host/server@${REALM}`);
    expect(await source.forService?.(service, bare as never)).toBeUndefined();
    const chosen = await source.forService?.(service, await hostOf({ HOME: desk.dir, ...env() }));
    expect(formatPrincipal(chosen?.principal as never)).toBe(`alice@${REALM}`);
    rmSync(join(desk.dir, ".k5identity"));
    expect(await source.forService?.(service, await hostOf({ HOME: desk.dir, ...env() }))).toBeUndefined();
    expect(fromEnvironment({ principal: "alice" }).forService).toBeUndefined();
    expect(fromEnvironment({ principal: "alice" }).principal).toBeUndefined();
    expect(fromEnvironment({ principal: `alice@${REALM}` }).principal).toEqual(alice);
  });
});

describe("credentials by their options", () => {
  it("know their principal where the name has its realm", () => {
    for (const make of [
      (name: string) => password(name, "x"),
      (name: string) => keytab(name, realm.keytab("alice")),
      (name: string) => ccache("MEMORY:x", { principal: name }),
    ]) {
      expect(make(`alice@${REALM}`).principal).toEqual(alice);
      expect(make("alice")).not.toHaveProperty("principal");
    }
    expect(keytab()).not.toHaveProperty("principal");
    expect(ccache("MEMORY:x")).not.toHaveProperty("principal");
  });

  it("refuse an encoded keytab as the principal, but not a name that only begins so", () => {
    const text = Buffer.from(realm.keytab("alice")).toString("base64");
    expect(() => keytab(text)).toThrow(/^principal begins as an encoded keytab does/);
    expect(() => keytab(`${text}@${REALM}`)).not.toThrow(/begins as an encoded keytab/);
  });

  it("of a keytab are its first principal, and none where it is empty", async () => {
    const host = await hostOf({ KRB5_KTNAME: put("kt", realm.keytab(["robot", "alice"])) });
    expect(formatPrincipal((await keytab().open(host)).principal)).toBe(`robot@${REALM}`);
    expect(formatPrincipal((await keytab("alice").open(host)).principal)).toBe(`alice@${REALM}`);
    const empty = new Keytab([]);
    expect(await failureOf(keytab(undefined, empty).open(host))).toMatchObject({ code: "KEYTAB_NO_KEY" });
    for (const source of [5, {}, "", new Uint8Array()])
      expect(() => keytab("alice", source as never)).toThrow(TypeError);
  });

  it("of a password that is not set yet, and of an encoded keytab that a function gives, are told where they are used", async () => {
    for (const unset of [undefined, null]) expect(() => password(`alice@${REALM}`, unset as undefined)).not.toThrow();
    for (const wrong of [5, {}, ["x"]]) expect(() => password("alice", wrong as never)).toThrow(TypeError);
    // A host without files must not take it for the name of one, and quote it.
    const text = Buffer.from(realm.keytab("alice")).toString("base64");
    const bare = await hostOf({}, { files: undefined });
    const opened = await keytab(`alice@${REALM}`, () => text).open(bare);
    const error = await failureOf(opened.loadSecret?.() as Promise<unknown>);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).not.toContain(text.slice(0, 12));
  });

  it("of a cache are whose tickets are in it; none is an error that names it", async () => {
    const host = await hostOf({ KRB5CCNAME: `FILE:${put("cc", realm.ccache("robot"))}` });
    expect(formatPrincipal((await ccache().open(host)).principal)).toBe(`robot@${REALM}`);
    const gone = await failureOf(ccache(`FILE:${join(desk.dir, "gone")}`).open(host));
    expect(gone).toMatchObject({
      code: "NO_CREDENTIAL",
      message: `no tickets in FILE:${desk.dir}/gone: log in with kinit`,
    });
    const cache = openCache("MEMORY:own", { randomBytes });
    await cache.initialize({ principal: alice, credentials: [makeCredential(`krbtgt/${REALM}@${REALM}`)] });
    expect((await ccache(cache).open(host)).cache).toBe(cache);
    for (const wrong of [5, {}, "", { ...cache, read: undefined }]) {
      expect(() => ccache(wrong as never)).toThrow(TypeError);
    }
  });

  it("of a keytab's file are read again at each login, and of a function too", async () => {
    const file = put("kt", realm.keytab("robot"));
    const client = createClient({
      credentials: keytab(`alice@${REALM}`, file),
      kdc: realm.kdc,
      dial: realm.dial,
    });
    expect(await failureOf(client.getTicket(`host/server@${REALM}`))).toMatchObject({ code: "KEYTAB_NO_KEY" });
    put("kt", realm.keytab("alice"));
    await client.getTicket(`host/server@${REALM}`);
  });
});
