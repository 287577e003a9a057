// What the error of a cache or keytab says of its host's failure: which, what to do, and nothing that may be a secret.

import { describe, expect, it } from "vitest";
import { onCache } from "../../../src/credentials/ccache/failure.ts";
import { openCache, readKeytabFile, writeKeytabFile } from "../../../src/credentials/index.ts";
import { CredentialError, DecodeError } from "../../../src/errors.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";
import { randomBytes } from "../../support/credentials.ts";
import { rejectedWith } from "../../support/rejected.ts";

const failing =
  (code: string, words = `${code}: failed, open '/d/cc'`) =>
  async (): Promise<never> => {
    throw Object.assign(new Error(words), { code });
  };
const failureOf = rejectedWith(CredentialError);

describe("a failure of the host", () => {
  it.each([
    ["EACCES", "it belongs to someone else, or its directory does: name another cache with KRB5CCNAME"],
    ["EPERM", "it belongs to someone else, or its directory does: name another cache with KRB5CCNAME"],
    ["ELOOP", "it is a symbolic link, and nothing is written through one: name the file itself with KRB5CCNAME"],
    ["EROFS", "its directory cannot be written: name another cache with KRB5CCNAME"],
    ["ENOENT", "its directory is not there: make it, or name another cache with KRB5CCNAME"],
    ["ENOTDIR", "its directory is not there: make it, or name another cache with KRB5CCNAME"],
    ["ENOSPC", "the cache is unchanged: free some space and try again"],
    ["EDQUOT", "the cache is unchanged: free some space and try again"],
    ["EFBIG", "the cache is unchanged: free some space and try again"],
  ])("%s of a write says what to do", async (code, advice) => {
    const files = { uid: undefined, writeExclusive: failing(code) } as never;
    const error = await failureOf(
      openCache("FILE:/d/cc", { files, randomBytes }).initialize({ principal: parsePrincipal("a@R") }),
    );
    expect(error.message).toBe(`FILE:/d/cc: writing it failed: ${code}: failed, open '/d/cc'; ${advice}`);
    expect(error).toMatchObject({ code: "CCACHE", reason: "unwritable", path: "FILE:/d/cc" });
  });

  it("of another code says no more than the host, and one of a read names the reason", async () => {
    const files = { uid: undefined, read: failing("EIO") } as never;
    const error = await failureOf(openCache("FILE:/d/cc", { files, randomBytes }).read());
    expect(error.message).toBe("FILE:/d/cc: reading it failed: EIO: failed, open '/d/cc'");
    expect(error.reason).toBe("unreadable");
    const large = { uid: undefined, read: failing("EFBIG", "EFBIG: too large") } as never;
    expect((await failureOf(openCache("FILE:/d/cc", { files: large, randomBytes }).read())).message).toBe(
      "FILE:/d/cc: reading it failed: EFBIG: too large; it is too large for a cache: name another with KRB5CCNAME",
    );
  });

  it("that is no Error is told all the same, and mistakes of the caller stay what they are", async () => {
    const thrown = (value: unknown) => onCache("FILE:/d/cc", "writing it", () => Promise.reject(value));
    for (const value of [undefined, null, 5, Object.create(null), {}]) {
      expect((await failureOf(thrown(value))).message).toBe("FILE:/d/cc: writing it failed: the host refuses");
    }
    const denied = Object.assign(Object.create(null), { code: "EACCES" });
    expect((await failureOf(thrown(denied))).message).toMatch(/writing it failed: the host refuses; .*someone else/);
    expect((await failureOf(thrown("no room"))).message).toBe("FILE:/d/cc: writing it failed: no room");
    for (const mistake of [new TypeError("t"), new RangeError("r"), new CredentialError("CCACHE", "c")]) {
      await expect(thrown(mistake)).rejects.toBe(mistake);
    }
    const damage = await failureOf(thrown(new DecodeError("more", 3, "x")));
    expect(damage).toMatchObject({ reason: "damaged", cause: expect.any(DecodeError) });
    expect(damage.message).not.toContain("KRB5CCNAME");
  });

  it("quotes a name that looks like one, and nothing that may be a secret", async () => {
    const open = (name: string) => failureOf(onCache(name, "reading it", failing("EIO", `EIO: open '${name}'`)));
    for (const name of ["FILE:/d/cc", "/d/cc", "DIR:/d", "DIR::/d/tkt", "KCM:0:123", "MEMORY:a b", "STORE:a@R"]) {
      const error = await open(name);
      expect([error.message.startsWith(`${name}: reading it failed: EIO`), error.path]).toEqual([true, name]);
    }
    const long = "x".repeat(65);
    const keytab = "BQIAAABHAAEAC0VYQU1QTEUuT1JH";
    for (const name of [`KCM:${long}`, "KCM:a\nb", `MEMORY:${keytab}`, "KCM:pass\u0000word", `FILE:${keytab}`]) {
      const error = await open(name);
      expect(error.message).toMatch(/^the cache that is named here: reading it failed: /);
      expect([name, error.path, error.message.includes(name)]).toEqual([name, undefined, false]);
      // A host may throw a text in place of an error.
      const text = await failureOf(onCache(name, "reading it", () => Promise.reject(`no ${name}`)));
      expect(text.message).toBe("the cache that is named here: reading it failed: the host refuses");
    }
    expect((await open(`KCM:${"x".repeat(64)}`)).path).toBe(`KCM:${"x".repeat(64)}`);
  });
});

describe("a keytab's failure", () => {
  const keytab = { entries: [] } as never;
  it("quotes the host's words with the path, as the name gives it, and the host's own error", async () => {
    for (const name of ["/d/kt", "FILE:/d/kt", "WRFILE:/d/kt"]) {
      const read = await failureOf(readKeytabFile(name, { read: failing("EIO", "EIO: failed, open '/d/kt'") }));
      expect(read.message).toBe(`${name}: cannot be read: EIO: failed, open '/d/kt'`);
      expect(read).toMatchObject({ reason: "unreadable", path: name, cause: { code: "EIO" } });
      const files = { writeExclusive: failing("EIO"), rename: failing("EIO"), erase: failing("EIO") } as never;
      const write = await failureOf(writeKeytabFile(name, keytab, { files, randomBytes }));
      expect(write).toMatchObject({ reason: "unwritable", path: name, message: expect.stringContaining("EIO") });
    }
  });

  it("quotes nothing where the name may be a secret", async () => {
    const name = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA";
    const error = await failureOf(readKeytabFile(name, { read: failing("ENAMETOOLONG", `ENAMETOOLONG: '${name}'`) }));
    expect(error.message).toMatch(/^the keytab that is named here: cannot be read: /);
    expect([error.path, JSON.stringify(error).includes(name), error.message.includes(name)]).toEqual([
      undefined,
      false,
      false,
    ]);
    expect(String(error.cause)).not.toContain(name);
    for (const [reason, octets] of [
      ["missing", undefined],
      ["damaged", Uint8Array.of(4, 4)],
    ] as const) {
      const refused = await failureOf(readKeytabFile(name, { read: async () => octets }));
      expect([refused.reason, refused.path, refused.message.includes(name)]).toEqual([reason, undefined, false]);
    }
  });

  it.each([
    ["MEMORY:x", "MEMORY is not a type of keytab"],
    ["SRVTAB:/x", "SRVTAB is not a type of keytab"],
    ["secret:/x", "what stands before its colon is not a type of keytab"],
    ["ABCDEFGHIJK:/x", "what stands before its colon is not a type of keytab"],
  ])("of the name %s says of the type what may be said", async (name, words) => {
    const error = await failureOf(readKeytabFile(name, { read: failing("EIO") }));
    expect(error.message).toContain(words);
    expect(error.reason).toBe("type");
  });
});
