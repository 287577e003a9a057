// verifyPassword without a KDC, and against the embedded one: what is refused before any work, and who a name is.

import { describe, expect, it } from "vitest";
import {
  formatPrincipal,
  KerberosError,
  type VerifyPasswordOptions,
  verifyPassword,
} from "../../../src/entry/index.ts";
import { createTestRealm } from "../../../src/entry/testing.ts";
import { parsePrincipal } from "../../../src/krb5/index.ts";

const SERVICE = "HTTP/www.test.example";
const start = () =>
  createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" }, [SERVICE]: {} } });

async function setting(more: Partial<VerifyPasswordOptions> = {}) {
  const realm = await start();
  const asked: string[] = [];
  const options: VerifyPasswordOptions = {
    keytab: realm.keytab(SERVICE),
    realms: ["TEST.EXAMPLE"],
    kdc: realm.kdc,
    dial: realm.dial,
    onTrace: (event) => void (event.type === "kdc-request" && asked.push(event.message)),
    ...more,
  };
  const check = (name: string, secret: string | Uint8Array, over: Partial<VerifyPasswordOptions> = {}) =>
    verifyPassword(name, secret, { ...options, ...over });
  return { realm, asked, check };
}

const failure = async (promise: Promise<unknown>): Promise<KerberosError> =>
  promise.then(
    () => expect.fail("it was accepted"),
    (error: KerberosError) => error,
  );

describe("verifyPassword", () => {
  it.each(["", new Uint8Array(), "x".repeat(1_025), "é".repeat(513), new Uint8Array(1_025)])(
    "VP2: refuses a password that is none before anything is sent (%#)",
    async (secret) => {
      const { check, asked } = await setting();
      const error = await failure(check("alice", secret));
      expect(error).toBeInstanceOf(KerberosError);
      expect(error.code).toBe("WRONG_PASSWORD");
      expect(asked).toEqual([]);
    },
  );

  it("VP3: refuses a realm that is not in the list, and what is not a name, before anything is sent", async () => {
    const { check, asked } = await setting();
    for (const name of ["alice@OTHER.EXAMPLE", "alice@test.example", "a@b@c", "", "\\", "x".repeat(1_025)]) {
      expect((await failure(check(name, "secret"))).code).toBe("NO_CREDENTIAL");
    }
    expect(asked).toEqual([]);
  });

  it("logs in anew each time, and proves nothing that an earlier call knows", async () => {
    const { check, asked } = await setting();
    for (let count = 0; count < 2; count++) {
      asked.length = 0;
      expect(formatPrincipal((await check("alice", "secret")).principal)).toBe("alice@TEST.EXAMPLE");
      expect(asked).toEqual(["AS-REQ", "AS-REQ", "TGS-REQ"]);
    }
    expect((await failure(check("alice", "Secret"))).code).toBe("WRONG_PASSWORD");
  });

  it("VP1: refuses the ticket of another realm's keys, and one for another client", async () => {
    const { check } = await setting();
    const false_ = await start();
    const error = await failure(check("alice", "secret", { kdc: false_.kdc, dial: false_.dial }));
    expect(error).toMatchObject({ code: "REPLY_MODIFIED", message: expect.stringContaining("did not prove") });
    expect(error.message).not.toContain("secret");
  });

  it("gives the name that the KDC has", async () => {
    const realm = await createTestRealm({
      realm: "TEST.EXAMPLE",
      principals: { alice: { password: "secret", aliases: ["ALICE"] }, [SERVICE]: {} },
    });
    const { check } = await setting({ keytab: realm.keytab(SERVICE), kdc: realm.kdc, dial: realm.dial });
    expect((await check("ALICE", "secret")).principal).toEqual(parsePrincipal("alice@TEST.EXAMPLE"));
  });

  it("needs a keytab and a list of realms", async () => {
    const { check } = await setting();
    const wrong: [object, RegExp][] = [
      [{ keytab: undefined }, /keytab/],
      [{ keytab: 7 }, /^keytab is/],
      [{ realms: "TEST.EXAMPLE" }, /^realms is/],
      [{ realms: [] }, /^realms is empty/],
      [{ realms: [""] }, /^realms\[0\]/],
    ];
    for (const [over, words] of wrong) await expect(check("alice", "secret", over)).rejects.toThrow(words);
    await expect(check("alice", 7 as never)).rejects.toThrow(TypeError);
    await expect(verifyPassword("alice", "secret", undefined as never)).rejects.toThrow(TypeError);
  });
});
