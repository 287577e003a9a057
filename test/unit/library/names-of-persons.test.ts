// Names that a person typed reach some functions as they are: what is not a principal is there no mistake of the program's.

import { describe, expect, it } from "vitest";
import {
  createClient,
  createKerberos,
  interactive,
  KerberosError,
  keytab,
  parsePrincipal,
  password,
} from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/testing/on-host.ts";

const realm = await createTestRealm({
  realm: "TEST.EXAMPLE",
  principals: { alice: { password: "secret" }, "host/server": {} },
});
const options = { kdc: realm.kdc, dial: realm.dial };
const own = { principal: "host/server@TEST.EXAMPLE", keytab: realm.keytab("host/server") };
const service = createClient({ ...options, credentials: own });
const kerberos = createKerberos(options);
const alice = password("alice@TEST.EXAMPLE", "secret");

const ways: readonly (readonly [string, (name: string) => unknown])[] = [
  ["impersonate", (name) => service.impersonate(name)],
  ["actFor", (name) => service.actFor(name)],
  ["the target of changePassword", (target) => kerberos.changePassword(alice, "new", { target })],
];

/** Options, as any other: what is wrong with them is the program's mistake. */
const optionsToo: readonly (readonly [string, (name: string) => unknown])[] = [
  ["password()", (name) => password(name, "secret")],
  ["interactive()", (name) => interactive(name)],
  ["keytab()", (name) => keytab(name, own.keytab)],
  ["credentials of a client", (principal) => createClient({ ...options, credentials: { principal, password: "x" } })],
];

describe("a name that a person typed", () => {
  it.each(ways)("%s: what is not a principal is NO_CREDENTIAL, and is not repeated", async (_where, give) => {
    for (const text of [
      "hunter2@b@c",
      "",
      "@TEST.EXAMPLE",
      "hunter2\\",
      "hunter2\0",
      `hunter2@@${"x".repeat(70_000)}`,
    ]) {
      const error = await (async () => give(text))().then(
        () => expect.fail(`${text.slice(0, 20)} was taken`),
        (cause: unknown) => cause as KerberosError,
      );
      expect([error instanceof KerberosError, error.code]).toEqual([true, "NO_CREDENTIAL"]);
      expect(error.message).not.toContain("hunter2");
      expect(error.message).toMatch(/: not a principal: write it as alice@EXAMPLE\.ORG$/);
    }
  });

  it.each(optionsToo)("%s: is an option, so that it is TypeError, which names it", async (_where, give) => {
    for (const text of ["a@b@c", "", "@TEST.EXAMPLE", "a\\", "a\0"]) {
      await expect((async () => give(text))()).rejects.toThrow(TypeError);
      await expect((async () => give(text))()).rejects.toThrow(/principal: not a principal: /);
    }
  });

  it.each([...ways, ...optionsToo])("%s: a value of another kind is the caller's mistake", async (_where, give) => {
    await expect((async () => give(5 as never))()).rejects.toThrow(TypeError);
  });

  it("parsePrincipal quotes a part of what it refuses, without control characters", () => {
    const refusal = (text: string): string => {
      try {
        parsePrincipal(text);
      } catch (error) {
        return (error as Error).message;
      }
      return expect.fail("it was taken");
    };
    expect(refusal("a\u009b2K@b@c")).toBe('not a principal: "a?2K@b@c": a second @ (write \\@ for one in a name)');
    expect(refusal(`${"é ".repeat(70_000)}\0`).length).toBeLessThan(1_200);
  });
});
