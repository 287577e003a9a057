import { afterEach, describe, expect, it } from "vitest";
import { encodeHex } from "../../../src/bytes/index.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import { KDC_OPTION, KRB_ERROR, TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeAsRep,
  decodeChecksum,
  decodeEncKdcRepPart,
  decodeEtypeInfo2,
  decodeMethodData,
} from "../../../src/krb5/index.ts";
import { asBody, asReq, encTimestamp, errorOf, login, name, pa, passwordKey, seconds } from "./requests.ts";

const none = new Uint8Array(0);
let realm: TestRealm;

async function start(options: Partial<TestRealmOptions> = {}): Promise<TestRealm> {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [18, 17],
    ...options,
    principals: { alice: { password: "secret" }, "host/localhost": {}, ...options.principals },
  });
  return realm;
}

afterEach(() => realm.close());

function codeOf(request: Uint8Array): number {
  return errorOf(realm.handle(request)).errorCode;
}

describe("AS exchange of the test KDC", () => {
  it("asks for pre-authentication and says how (RFC 4120 section 3.1.3)", async () => {
    await start();
    const error = errorOf(realm.handle(asReq(asBody(realm, "alice"))));
    expect(error.errorCode).toBe(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED);
    const offers = decodeMethodData(error.eData ?? none);
    expect(offers.map(({ padataType }) => padataType)).toEqual([19, 2, 133]);
    const entries = decodeEtypeInfo2(offers[0]?.padataValue ?? none);
    expect(entries.map(({ etype }) => etype)).toEqual([18, 17]);
    expect(entries[0]?.salt).toMatch(/^[0-9a-f]{16}$/);
    expect(Math.abs(error.stime.getTime() - Date.now())).toBeLessThan(2000);
    expect(error.crealm).toBe("TEST.EXAMPLE");
    expect(error.cname?.nameString).toEqual(["alice"]);
  });

  it("gives a TGT to who proves the password", async () => {
    await start();
    const { rep, part } = await login(realm, "alice", "secret");
    expect(rep.crealm).toBe("TEST.EXAMPLE");
    expect(rep.cname.nameString).toEqual(["alice"]);
    expect(rep.ticket.realm).toBe("TEST.EXAMPLE");
    expect(rep.ticket.sname.nameString).toEqual(["krbtgt", "TEST.EXAMPLE"]);
    expect(rep.encPart.kvno).toBe(1);
    expect(part.application).toBe(25);
    expect(part.nonce).toBe(12345);
    expect(part.srealm).toBe("TEST.EXAMPLE");
    expect(part.sname.nameString).toEqual(["krbtgt", "TEST.EXAMPLE"]);
    expect(part.key.keytype).toBe(18);
    expect(part.flags).toBe((TICKET_FLAG.initial | TICKET_FLAG.preAuthent | TICKET_FLAG.encPaRep) >>> 0);
    expect(part.encryptedPaData).toBeUndefined();
  });

  it("gives a negative nonce back as it came: Heimdal's clients send one every other time", async () => {
    await start({ requirePreauth: false });
    const rep = decodeAsRep(realm.handle(asReq(asBody(realm, "alice", { nonce: -559_038_737 }))) ?? none);
    const key = await passwordKey(rep.padata ?? [], "secret");
    const plaintext = key.usage(3).decrypt(rep.encPart.cipher);
    expect(encodeHex(plaintext)).toContain("a2060204deadbeef");
  });

  it("refuses a wrong password, and locks after so many", async () => {
    await start({ maxFailures: 2 });
    const offers = decodeMethodData(errorOf(realm.handle(asReq(asBody(realm, "alice")))).eData ?? none);
    const key = await passwordKey(offers, "wrong");
    const request = asReq(asBody(realm, "alice"), [encTimestamp(key)]);
    expect(codeOf(request)).toBe(KRB_ERROR.KDC_ERR_PREAUTH_FAILED);
    expect(codeOf(request)).toBe(KRB_ERROR.KDC_ERR_PREAUTH_FAILED);
    expect(codeOf(request)).toBe(KRB_ERROR.KDC_ERR_CLIENT_REVOKED);
    realm.changePrincipal("alice", {});
    await login(realm, "alice", "secret");
  });

  it("forgets failures after a success", async () => {
    await start({ maxFailures: 2 });
    const offers = decodeMethodData(errorOf(realm.handle(asReq(asBody(realm, "alice")))).eData ?? none);
    const bad = asReq(asBody(realm, "alice"), [encTimestamp(await passwordKey(offers, "wrong"))]);
    expect(codeOf(bad)).toBe(KRB_ERROR.KDC_ERR_PREAUTH_FAILED);
    await login(realm, "alice", "secret");
    expect(codeOf(bad)).toBe(KRB_ERROR.KDC_ERR_PREAUTH_FAILED);
    await login(realm, "alice", "secret");
  });

  it.each([
    [-301, KRB_ERROR.KRB_AP_ERR_SKEW],
    [301, KRB_ERROR.KRB_AP_ERR_SKEW],
    [-298, 0],
    [298, 0],
  ])("a clock %i seconds off", async (offset, code) => {
    await start();
    const offers = decodeMethodData(errorOf(realm.handle(asReq(asBody(realm, "alice")))).eData ?? none);
    const key = await passwordKey(offers, "secret");
    const answer = realm.handle(
      asReq(asBody(realm, "alice"), [encTimestamp(key, new Date(Date.now() + offset * 1000))]),
    );
    expect(code === 0 ? decodeAsRep(answer ?? none).msgType : errorOf(answer).errorCode).toBe(code === 0 ? 11 : code);
  });

  it("has a clock of its own", async () => {
    await start({ clockOffsetSeconds: 7200 });
    const error = errorOf(realm.handle(asReq(asBody(realm, "alice"))));
    expect(error.stime.getTime() - Date.now()).toBeGreaterThan(7_190_000);
    expect(error.susec).toBeLessThan(1_000_000);
    await expect(login(realm, "alice", "secret")).rejects.toThrow("KRB-ERROR 37");
  });

  describe("cookie (RFC 6113 section 5.2)", () => {
    async function proof(cookie: "none" | "own" | "changed" | "bob's") {
      const error = errorOf(realm.handle(asReq(asBody(realm, "alice"))));
      const offers = decodeMethodData(error.eData ?? none);
      const key = await passwordKey(offers, "secret");
      const who = cookie === "bob's" ? "bob" : "alice";
      const others = decodeMethodData(errorOf(realm.handle(asReq(asBody(realm, who)))).eData ?? none);
      const value = others.find(({ padataType }) => padataType === 133)?.padataValue.slice() ?? none;
      if (cookie === "changed") value[20] = (value[20] ?? 0) ^ 1;
      return asReq(asBody(realm, "alice"), [encTimestamp(key), ...(cookie === "none" ? [] : [pa(133, value)])]);
    }

    it("accepts its own, and by default none", async () => {
      await start();
      decodeAsRep(realm.handle(await proof("own")) ?? none);
      decodeAsRep(realm.handle(await proof("none")) ?? none);
    });

    it.each(["changed", "bob's"] as const)("refuses one that is %s", async (cookie) => {
      await start({ principals: { bob: { password: "bob" } } });
      expect(codeOf(await proof(cookie))).toBe(KRB_ERROR.KDC_ERR_PREAUTH_FAILED);
    });

    it("wants it back where it is required", async () => {
      await start({ requireCookie: true });
      expect(codeOf(await proof("none"))).toBe(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED);
      decodeAsRep(realm.handle(await proof("own")) ?? none);
    });

    it("refuses one that is old", async () => {
      await start({ clockSkewSeconds: 86_400 });
      const request = await proof("own");
      realm.setPolicy({ clockOffsetSeconds: 601 });
      expect(codeOf(request)).toBe(KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED);
    });
  });

  it("proves the request that it answers (RFC 6806 section 11)", async () => {
    await start();
    const { part, request, replyKey } = await login(realm, "alice", "secret", {}, [pa(149)]);
    const [data] = part.encryptedPaData ?? [];
    expect(data?.padataType).toBe(149);
    const { cksumtype, checksum } = decodeChecksum(data?.padataValue ?? none);
    expect(cksumtype).toBe(16);
    expect(checksum).toEqual(replyKey.usage(56).checksum(request));
    expect(part.flags & TICKET_FLAG.encPaRep).not.toBe(0);
  });

  it("gives a reply without pre-authentication where none is required, with the salt", async () => {
    await start({ principals: { alice: { password: "secret", requirePreauth: false } } });
    const rep = decodeAsRep(realm.handle(asReq(asBody(realm, "alice"))) ?? none);
    const key = await passwordKey(rep.padata ?? [], "secret");
    const part = decodeEncKdcRepPart(key.usage(3).decrypt(rep.encPart.cipher));
    expect(part.flags & TICKET_FLAG.preAuthent).toBe(0);
  });

  it("uses the first of the client's enctypes that it has a key of, for reply and session", async () => {
    await start({ enctypes: [18, 17, 20, 19], principals: { alice: { password: "secret", enctypes: [17, 19] } } });
    const { rep, part } = await login(realm, "alice", "secret", { etype: [20, 19, 17] });
    expect(rep.encPart.etype).toBe(19);
    expect(part.key.keytype).toBe(20);
    expect(rep.ticket.encPart.etype).toBe(18);
  });

  it.each([
    ["an unknown client", { cname: name("nobody") }, KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN],
    ["no client", { cname: undefined }, KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN],
    ["another realm", { realm: "OTHER.EXAMPLE" }, KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN],
    ["an unknown service", { sname: name("host/nowhere") }, KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN],
    ["no service", { sname: undefined }, KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN],
    ["no known enctype", { etype: [23, 16] }, KRB_ERROR.KDC_ERR_ETYPE_NOSUPP],
    ["an enctype that the realm does not permit", { etype: [20] }, KRB_ERROR.KDC_ERR_ETYPE_NOSUPP],
    ["a start in the future", { from: seconds(3600) }, KRB_ERROR.KDC_ERR_CANNOT_POSTDATE],
    ["a postdated ticket", { kdcOptions: KDC_OPTION.postdated }, KRB_ERROR.KDC_ERR_CANNOT_POSTDATE],
    ["an end in the past", { till: seconds(-10) }, KRB_ERROR.KDC_ERR_NEVER_VALID],
    ["an enterprise name that nobody has", { cname: name("x@y", 10) }, KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN],
  ])("refuses %s", async (_, changes, code) => {
    await start({ requirePreauth: false });
    expect(codeOf(asReq(asBody(realm, "alice", changes as never)))).toBe(code);
  });

  it.each([
    ["expired", { expires: seconds(-1) }, KRB_ERROR.KDC_ERR_NAME_EXP],
    ["locked", { isLocked: true }, KRB_ERROR.KDC_ERR_CLIENT_REVOKED],
    ["with an expired password", { passwordExpires: seconds(-1) }, KRB_ERROR.KDC_ERR_KEY_EXPIRED],
  ])("refuses a client %s", async (_, options, code) => {
    await start({ requirePreauth: false, principals: { alice: { password: "secret", ...options } } });
    expect(codeOf(asReq(asBody(realm, "alice")))).toBe(code);
  });

  it.each([
    ["expired", { expires: seconds(-1) }, KRB_ERROR.KDC_ERR_SERVICE_EXP],
    ["locked", { isLocked: true }, KRB_ERROR.KDC_ERR_SERVICE_REVOKED],
    ["closed by policy", { allowTickets: false }, KRB_ERROR.KDC_ERR_POLICY],
  ])("refuses a service %s", async (_, options, code) => {
    await start({ requirePreauth: false, principals: { "host/localhost": options } });
    expect(codeOf(asReq(asBody(realm, "alice", { sname: name("host/localhost") })))).toBe(code);
  });

  it("tells when the password expires", async () => {
    const passwordExpires = seconds(86_400);
    await start({ principals: { alice: { password: "secret", passwordExpires, expires: seconds(2 * 86_400) } } });
    const { part } = await login(realm, "alice", "secret");
    expect(part.keyExpiration).toEqual(passwordExpires);
  });

  describe("times and flags", () => {
    it("gives what is asked, within its policy", async () => {
      await start({ ticketLifetimeSeconds: 3600, renewLifetimeSeconds: 7200 });
      const kdcOptions = KDC_OPTION.forwardable | KDC_OPTION.proxiable | KDC_OPTION.renewable;
      const { part } = await login(realm, "alice", "secret", { kdcOptions, rtime: seconds(99_999) });
      const start_ = part.starttime?.getTime() ?? 0;
      expect(part.endtime.getTime() - start_).toBe(3_600_000);
      expect((part.renewTill?.getTime() ?? 0) - start_).toBe(7_200_000);
      const flags = TICKET_FLAG.forwardable | TICKET_FLAG.proxiable | TICKET_FLAG.renewable;
      expect(part.flags & flags).toBe(flags);
    });

    it("never gives more than is asked", async () => {
      await start();
      const till = seconds(600);
      const { part } = await login(realm, "alice", "secret", { till });
      expect(part.endtime).toEqual(till);
      expect(part.renewTill).toBeUndefined();
      expect(part.flags & (TICKET_FLAG.forwardable | TICKET_FLAG.proxiable | TICKET_FLAG.renewable)).toBe(0);
    });

    it("gives the most for 19700101000000Z (RFC 4120 section 5.4.1)", async () => {
      await start({ ticketLifetimeSeconds: 3600 });
      const { part } = await login(realm, "alice", "secret", { till: new Date(0) });
      expect(part.endtime.getTime() - part.authtime.getTime()).toBe(3_600_000);
    });

    it("makes a ticket renewable in place of a long one, if that is all right (RFC 4120 section 2.9.1)", async () => {
      await start({ ticketLifetimeSeconds: 3600 });
      const till = seconds(7200);
      const { part } = await login(realm, "alice", "secret", { till, kdcOptions: KDC_OPTION.renewableOk });
      expect(part.renewTill).toEqual(till);
      expect(part.flags & TICKET_FLAG.renewable).not.toBe(0);
      const short = await login(realm, "alice", "secret", { till: seconds(60), kdcOptions: KDC_OPTION.renewableOk });
      expect(short.part.renewTill).toBeUndefined();
    });

    it("obeys a policy against flags and renewing", async () => {
      await start({ allowForwardable: false, allowProxiable: false, renewLifetimeSeconds: 0 });
      const kdcOptions = KDC_OPTION.forwardable | KDC_OPTION.proxiable | KDC_OPTION.renewable;
      const { part } = await login(realm, "alice", "secret", { kdcOptions });
      expect(part.flags & (TICKET_FLAG.forwardable | TICKET_FLAG.proxiable | TICKET_FLAG.renewable)).toBe(0);
      expect(part.renewTill).toBeUndefined();
    });

    it("accepts a start within the clock skew", async () => {
      await start();
      const { part } = await login(realm, "alice", "secret", { from: seconds(200) });
      expect(part.starttime?.getTime()).toBeLessThanOrEqual(Date.now());
    });
  });

  describe("names (RFC 6806)", () => {
    const principals = { alice: { password: "secret", aliases: ["al", "alice@corp.example"] } };
    const canonicalize = { kdcOptions: KDC_OPTION.canonicalize };

    it("gives the true name for an alias only where that is allowed", async () => {
      await start({ principals });
      const { rep } = await login(realm, "al", "secret", canonicalize);
      expect(rep.cname.nameString).toEqual(["alice"]);
      expect(codeOf(asReq(asBody(realm, "al")))).toBe(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN);
    });

    it.each(["alice@corp.example", "alice@TEST.EXAMPLE", "alice"])("knows the enterprise name %s", async (text) => {
      await start({ principals });
      const { rep } = await login(realm, text, "secret", { ...canonicalize, cname: name(text, 10) });
      expect(rep.cname).toEqual({ nameType: 1, nameString: ["alice"] });
    });

    it("refers a client of a realm that is trusted", async () => {
      const other = await createTestRealm({ realm: "CORP.EXAMPLE", principals: { carol: { password: "c" } } });
      await start({ trusts: [other] });
      const text = "carol@CORP.EXAMPLE";
      const error = errorOf(realm.handle(asReq(asBody(realm, text, { ...canonicalize, cname: name(text, 10) }))));
      expect(error.errorCode).toBe(KRB_ERROR.KDC_ERR_WRONG_REALM);
      expect(error.crealm).toBe("CORP.EXAMPLE");
      expect(codeOf(asReq(asBody(realm, "carol")))).toBe(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN);
      expect(codeOf(asReq(asBody(realm, "carol", canonicalize)))).toBe(KRB_ERROR.KDC_ERR_WRONG_REALM);
      await other.close();
    });
  });
});
