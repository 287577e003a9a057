import { afterEach, describe, expect, it } from "vitest";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import { KRB_ERROR } from "../../../src/iana/index.ts";
import { asBody, asReq, errorOf, login, name, seconds } from "./requests.ts";

let realm: TestRealm;

async function start(options: Partial<TestRealmOptions> = {}): Promise<void> {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [18],
    principals: { alice: { password: "secret", passwordExpires: seconds(-1) } },
    ...options,
  });
}

afterEach(() => realm.close());

const sname = name("kadmin/changepw", 2);
const codeOf = (changes = {}) => errorOf(realm.handle(asReq(asBody(realm, "alice", changes)))).errorCode;

describe("a client whose password has expired", () => {
  it("gets a ticket for the service that changes passwords, and for no other", async () => {
    await start();
    expect(codeOf()).toBe(KRB_ERROR.KDC_ERR_KEY_EXPIRED);
    expect(codeOf({ sname: name("host/localhost") })).toBe(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN);
    const { part } = await login(realm, "alice", "secret", { sname });
    expect(part.sname.nameString).toEqual(["kadmin", "changepw"]);
    expect(part.keyExpiration?.getTime()).toBeLessThan(Date.now());
  });

  it.each([
    ["expired", { expires: seconds(-1) }, KRB_ERROR.KDC_ERR_NAME_EXP],
    ["locked", { isLocked: true }, KRB_ERROR.KDC_ERR_CLIENT_REVOKED],
  ])("gets none if the client itself is %s", async (_, options, code) => {
    await start();
    realm.changePrincipal("alice", options);
    expect(codeOf({ sname })).toBe(code);
  });

  it("hears of a realm without that service", async () => {
    await start();
    realm.removePrincipal("kadmin/changepw");
    expect(codeOf({ sname })).toBe(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN);
  });

  it("logs in with a new password", async () => {
    await start();
    await realm.setPassword("alice", "changed");
    const { part } = await login(realm, "alice", "changed");
    expect(part.keyExpiration).toBeUndefined();
  });
});

describe("the expiry of a new password", () => {
  it("is what the caller gives", async () => {
    await start();
    const passwordExpires = seconds(86_400);
    await realm.setPassword("alice", "changed", { passwordExpires });
    expect((await login(realm, "alice", "changed")).part.keyExpiration).toEqual(passwordExpires);
    await realm.setPassword("alice", "again", { passwordExpires: seconds(-1) });
    expect(codeOf()).toBe(KRB_ERROR.KDC_ERR_KEY_EXPIRED);
  });

  it("stays where it has not passed, on the realm's own clock", async () => {
    await start({ clockOffsetSeconds: -7200 });
    const passwordExpires = seconds(-3600);
    realm.changePrincipal("alice", { passwordExpires });
    await realm.setPassword("alice", "changed");
    realm.setPolicy({ clockOffsetSeconds: 0 });
    expect(codeOf()).toBe(KRB_ERROR.KDC_ERR_KEY_EXPIRED);
  });
});
