// Whose credentials a host has: who asks for a service by the files of the home folder, and whose cache of a collection.

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { clientForService } from "../../../src/client/credentials/client-for-service.ts";
import type { CredentialHost } from "../../../src/client/credentials/credential-source.ts";
import { ownContents } from "../../../src/client/credentials/credentials.ts";
import { findCacheOf } from "../../../src/client/credentials/find-cache.ts";
import type { CredentialCache } from "../../../src/credentials/index.ts";
import { openCache } from "../../../src/entry/credentials.ts";
import { formatPrincipal, parsePrincipal, servicePrincipal } from "../../../src/krb5/index.ts";
import { credentialDesk, failureOf, REALM } from "../../support/credential-desk.ts";

const alice = parsePrincipal(`alice@${REALM}`);
const desk = await credentialDesk();
const { realm, notes, put, hostOf } = desk;

describe("who asks for a service, by the files of the home folder", () => {
  const service = { ...servicePrincipal("host", "server.test.example"), realm: REALM };
  const chosen = async (env: Record<string, string>, more: object = {}, config?: string, asked = service) => {
    const host = await hostOf(env, more, config);
    const client = await clientForService(asked, env.KRB5CCNAME ?? "MEMORY:none", host);
    return client && formatPrincipal(client);
  };

  it("is whom .k5identity names, and the trace says why", async () => {
    put(".k5identity", "alice\n");
    expect(await chosen({ HOME: desk.dir })).toBe(`alice@${REALM}`);
    expect(await chosen({ HOME: `${desk.dir}/` })).toBe(`alice@${REALM}`);
    expect(notes).toEqual(Array(2).fill(`alice@${REALM} asks for host/server.test.example@${REALM}: by .k5identity`));
    // A name without a realm needs the default one.
    expect(await chosen({ HOME: desk.dir }, {}, "")).toBeUndefined();
    put(".k5identity", "bob@OTHER\n");
    expect(await chosen({ HOME: desk.dir }, {}, "")).toBe("bob@OTHER");
  });

  it("is nobody by a file that cannot be there: no home, no files", async () => {
    put(".k5identity", "alice\n");
    expect(await chosen({})).toBeUndefined();
    expect(await chosen({ HOME: "" })).toBeUndefined();
    expect(await chosen({ HOME: desk.dir }, { files: undefined })).toBeUndefined();
    expect(notes).toEqual([]);
    rmSync(join(desk.dir, ".k5identity"));
    expect(await chosen({ HOME: desk.dir })).toBeUndefined();
    expect(notes).toEqual([]);
  });

  it("passes over a file that cannot be read, or is larger than 64 KiB, and says so", async () => {
    put(".k5identity", `alice\n${"#".repeat(65_536 - 6)}`);
    expect(await chosen({ HOME: desk.dir })).toBe(`alice@${REALM}`);
    notes.length = 0;
    put(".k5identity", `alice\n${"#".repeat(65_536 - 5)}`);
    expect(await chosen({ HOME: desk.dir })).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/\/\.k5identity is passed over: /)]);
    rmSync(join(desk.dir, ".k5identity"));
    mkdirSync(join(desk.dir, ".k5identity"));
    notes.length = 0;
    expect(await chosen({ HOME: desk.dir })).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/\/\.k5identity is passed over: /)]);
  });

  describe("else of the collection", () => {
    const asks = async (asked: typeof service, config = "") => {
      const env = { HOME: "/nowhere", KRB5CCNAME: `DIR:${desk.dir}` };
      return await chosen(env, {}, config, asked);
    };
    const host = async (name: string, realmOf = "") => ({ ...servicePrincipal("host", name), realm: realmOf });
    const login = async (file: string, who: string) => {
      put(file, new Uint8Array());
      rmSync(join(desk.dir, file));
      const cache = openCache(`FILE:${join(desk.dir, file)}`, await hostOf({}));
      await cache.initialize({ principal: parsePrincipal(who) });
    };
    beforeEach(async () => {
      await login("tkt1", "short@EXAMPLE");
      await login("tkt2", "long@B.EXAMPLE");
      await login("tkt3", "other@C.EXAMPLE");
      put("primary", "tkt1\n");
    });

    it.each<[string, string, string | undefined]>([
      ["a realm that is the host's domain", "x.c.example", "other@C.EXAMPLE"],
      ["the longest domain, whichever comes first", "x.a.b.example", "long@B.EXAMPLE"],
      ["a domain of the host's domain", "x.d.example", "short@EXAMPLE"],
      ["the realm that its domain would be", "b.example", "short@EXAMPLE"],
      ["no domain: a name that only ends so", "x.notexample", undefined],
      ["no domain", "x.example.org", undefined],
    ])("the one of %s", async (_, name, wanted) => {
      expect(await asks(await host(name))).toBe(wanted);
    });

    it("the one of the service's realm, before a longer domain; by a host's name alone if it is host-based", async () => {
      expect(await asks(await host("x.a.b.example", "EXAMPLE"))).toBe("short@EXAMPLE");
      const { components } = await host("x.a.b.example");
      expect(await asks({ components, realm: "Z", nameType: 1 })).toBeUndefined();
      expect(await asks({ components, realm: "Z", nameType: 3 })).toBe("long@B.EXAMPLE");
      // A domain is one of its hosts too.
      expect(await asks(await host("b.example", "Z"))).toBe("long@B.EXAMPLE");
    });

    it("the one of the configured realm; a host without a domain is in the default realm", async () => {
      const config = "[libdefaults]\n default_realm = C.EXAMPLE\n[domain_realm]\n .b.example = C.EXAMPLE\n";
      expect(await asks(await host("x.b.example"), config)).toBe("other@C.EXAMPLE");
      expect(await asks(await host("plain"), config)).toBe("other@C.EXAMPLE");
      expect(await asks(await host("plain"))).toBeUndefined();
      expect(await asks({ components: ["nobody"], realm: "", nameType: 1 }, config)).toBe("other@C.EXAMPLE");
    });
  });
});

describe("the cache of a principal", () => {
  const caches = (...who: string[]) => {
    for (const [index, name] of who.entries()) put(`tkt${index}`, realm.ccache(name));
    put("primary", "tkt0\n");
  };

  it("that is not there is an error with at most five whose tickets are", async () => {
    const named = async (owners: string[]) => {
      const host = await hostOf({});
      for (const [index, owner] of owners.entries()) {
        const cache = openCache(`FILE:${join(desk.dir, `tkt${index}`)}`, host);
        await cache.initialize({ principal: parsePrincipal(`${owner}@R`) });
      }
      put("primary", "tkt0\n");
      return (await failureOf(findCacheOf(alice, `DIR:${desk.dir}`, host))).message;
    };
    expect(await named([])).toBe(
      `DIR:${desk.dir} has no tickets of alice@${REALM}: log in with kinit as alice@${REALM}, or name a cache with its tickets`,
    );
    expect(await named(["a", "b", "c", "d", "e"])).toContain(" (it has those of a@R, b@R, c@R, d@R, e@R): ");
    expect(await named(["a", "b", "c", "d", "e", "f"])).toContain(
      " (it has those of a@R, b@R, c@R, d@R, e@R and 1 more): ",
    );
  });

  it("is found in a cache that is given as an object, by its own name", async () => {
    caches("alice");
    const host = await hostOf({});
    const cache = openCache(`FILE:${join(desk.dir, "tkt0")}`, host);
    expect((await findCacheOf(alice, cache, host)).cache).toBe(cache);
    const error = await failureOf(findCacheOf(parsePrincipal(`robot@${REALM}`), cache, host));
    expect(error.message).toContain(
      `FILE:${desk.dir}/tkt0 has no tickets of robot@${REALM} (it has those of alice@${REALM})`,
    );
  });

  it("is looked for past a damaged one with a note, but not past a fault of the program", async () => {
    caches("alice");
    put("tkt9", "not a cache");
    const host = await hostOf({});
    await failureOf(findCacheOf(parsePrincipal(`robot@${REALM}`), `DIR:${desk.dir}`, host));
    expect(notes).toEqual([
      expect.stringMatching(/^passed over in the collection: FILE:.*tkt9|^passed over in the .*tkt9/),
    ]);
    const files = { ...host.files, list: host.files?.list, read: () => Promise.reject(new TypeError("a fault")) };
    const broken = { ...host, files: Object.assign(Object.create(host.files as object), files) } as CredentialHost;
    expect((await failureOf(findCacheOf(alice, `DIR:${desk.dir}`, broken))).message).toContain("a fault");
  });

  it("another's is no contents of this client's", () => {
    const cache = { name: "MEMORY:x" } as CredentialCache;
    const contents = { principal: parsePrincipal(`robot@${REALM}`), credentials: [], config: [] };
    expect(ownContents(cache, contents, contents.principal)).toBe(contents);
    expect(ownContents(cache, undefined, alice)).toBeUndefined();
    expect(() => ownContents(cache, contents, alice)).toThrow(
      expect.objectContaining({
        code: "CCACHE",
        message: `MEMORY:x has tickets of robot@${REALM}, and this client is alice@${REALM}: name another cache, or remove this one with kdestroy`,
      }),
    );
  });
});
