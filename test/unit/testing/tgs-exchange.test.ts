import { afterEach, describe, expect, it } from "vitest";
import { decodeKeytab } from "../../../src/credentials/index.ts";
import { createTestRealm, type TestRealm, type TestRealmOptions } from "../../../src/entry/testing.ts";
import { KDC_OPTION, KRB_ERROR, TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeEncTicketPart,
  decodeTicket,
  type EncTicketPart,
  encodeAuthorizationData,
  encodeEncTicketPart,
  encodeKdcReqBody,
  encodeTicket,
} from "../../../src/krb5/index.ts";
import {
  authenticatorOf,
  encTypes,
  errorOf,
  type Login,
  login,
  name,
  openTgsRep,
  type ReqBody,
  seconds,
  type TgsChanges,
  tgsBody,
  tgsReq,
} from "./requests.ts";

const service = "host/localhost";
const realms: TestRealm[] = [];
let realm: TestRealm;
let tgt: Login;

async function start(options: Partial<TestRealmOptions> = {}, login_: Partial<ReqBody> = {}): Promise<void> {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [18, 17],
    ...options,
    principals: { alice: { password: "secret" }, [service]: {}, ...options.principals },
  });
  realms.push(realm);
  tgt = await login(realm, "alice", "secret", login_);
}

async function another(realmName: string, options: Partial<TestRealmOptions> = {}): Promise<TestRealm> {
  const made = await createTestRealm({ realm: realmName, enctypes: [18, 17], ...options });
  realms.push(made);
  return made;
}

afterEach(async () => {
  for (const made of realms.splice(0)) await made.close();
});

function code(body: Partial<ReqBody> = {}, changes: TgsChanges = {}, wanted = service): number {
  return errorOf(realm.handle(tgsReq(tgt, tgsBody(realm, wanted, body), changes))).errorCode;
}

function get(body: Partial<ReqBody> = {}, wanted = service, from: Login = tgt, at: TestRealm = realm): Login {
  return openTgsRep(at.handle(tgsReq(from, tgsBody(at, wanted, body))), from.sessionKey);
}

/** Opens a ticket with the keytab of its service. */
function openTicket({ rep }: Login, at: TestRealm = realm, who = service): EncTicketPart {
  const { etype, kvno, cipher } = rep.ticket.encPart;
  const entry = decodeKeytab(at.keytab(who, { history: true })).entries.find(
    (one) => one.kvno === kvno && one.keyBlock.etype === etype,
  );
  if (entry === undefined) throw new Error("no key");
  const key = encTypes.importKey(etype, entry.keyBlock.octets);
  return decodeEncTicketPart(key.usage(2).decrypt(cipher));
}

/** The same login with a ticket whose contents are changed and sealed again with the key of its service. */
function forged(from: Login, change: Partial<EncTicketPart>, at: TestRealm = realm, who = `krbtgt/${at.realm}`): Login {
  const part = openTicket(from, at, who);
  const { etype, kvno } = from.rep.ticket.encPart;
  const entry = decodeKeytab(at.keytab(who)).entries.find((one) => one.keyBlock.etype === etype);
  const key = encTypes.importKey(etype, entry?.keyBlock.octets ?? new Uint8Array(0));
  const cipher = key.usage(2).encrypt(encodeEncTicketPart({ ...part, ...change }));
  const { realm: issuer, sname } = from.rep.ticket;
  const ticket = decodeTicket(encodeTicket({ tktVno: 5, realm: issuer, sname, encPart: { etype, kvno, cipher } }));
  return { ...from, rep: { ...from.rep, ticket } };
}

describe("TGS exchange of the test KDC", () => {
  it("gives a ticket that the service can open", async () => {
    await start();
    const { rep, part } = get();
    expect(part.application).toBe(26);
    expect(part.nonce).toBe(54321);
    expect(part.sname.nameString).toEqual(["host", "localhost"]);
    expect(rep.ticket.sname.nameString).toEqual(["host", "localhost"]);
    expect(rep.cname.nameString).toEqual(["alice"]);
    expect(rep.encPart.kvno).toBeUndefined();
    const inside = openTicket({ rep } as Login);
    expect(inside.key).toEqual(part.key);
    expect(inside.crealm).toBe("TEST.EXAMPLE");
    expect(inside.cname.nameString).toEqual(["alice"]);
    expect(inside.authtime).toEqual(tgt.part.authtime);
    const flags = TICKET_FLAG.preAuthent | TICKET_FLAG.encPaRep | TICKET_FLAG.transitedPolicyChecked;
    expect(inside.flags).toBe(flags >>> 0);
  });

  it("answers under the authenticator's sub-key, usage 9", async () => {
    await start();
    const subkey = encTypes.generateKey(17);
    const authenticator = { subkey: { keytype: 17, keyvalue: subkey.octets } };
    const answer = realm.handle(tgsReq(tgt, tgsBody(realm, service), { authenticator }));
    expect(openTgsRep(answer, subkey, 9).part.nonce).toBe(54321);
  });

  it.each([
    [[17, 18], 17],
    [[20, 17], 17],
    [[23, 18], 18],
  ] as const)("session key for %j: %i", async (etype, chosen) => {
    await start();
    expect(get({ etype }).part.key.keytype).toBe(chosen);
  });

  it("gives no session key that the service cannot use; the ticket is under the service's best key", async () => {
    await start({ principals: { [service]: { enctypes: [17] } } });
    const { rep, part } = get({ etype: [18, 17] });
    expect(part.key.keytype).toBe(17);
    expect(rep.ticket.encPart.etype).toBe(17);
  });

  describe("the authentication header (RFC 4120 sections 3.2.3 and 3.3.2)", () => {
    it("must be there", async () => {
      await start();
      expect(code({}, { padata: [{ padataType: 2, padataValue: new Uint8Array(0) }] })).toBe(
        KRB_ERROR.KDC_ERR_PADATA_TYPE_NOSUPP,
      );
    });

    it("must decode", async () => {
      await start();
      expect(code({}, { padata: [{ padataType: 1, padataValue: Uint8Array.of(0x6e, 0) }] })).toBe(
        KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY,
      );
    });

    it("has an authenticator of usage 7", async () => {
      await start();
      expect(code({}, { usage: 11 })).toBe(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY);
    });

    it("names the enctype of its key", async () => {
      await start();
      // One body: two could be of different seconds.
      const body = tgsBody(realm, service);
      const right = authenticatorOf(tgt, body);
      expect(code({}, { apReq: { authenticator: { ...right, etype: 17 } } })).toBe(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY);
      openTgsRep(realm.handle(tgsReq(tgt, body, { apReq: { authenticator: right } })), tgt.sessionKey);
    });

    it("is not under a session key", async () => {
      await start();
      expect(code({}, { apReq: { apOptions: 0x40000000 } })).toBe(KRB_ERROR.KDC_ERR_BADOPTION);
    });

    it.each([
      ["another client", { cname: name("bob") }, KRB_ERROR.KRB_AP_ERR_BADMATCH],
      ["another client's realm", { crealm: "X" }, KRB_ERROR.KRB_AP_ERR_BADMATCH],
      ["a clock behind", { ctime: seconds(-302) }, KRB_ERROR.KRB_AP_ERR_SKEW],
      ["a clock ahead", () => ({ ctime: seconds(302) }), KRB_ERROR.KRB_AP_ERR_SKEW],
      ["no checksum", { cksum: undefined }, KRB_ERROR.KRB_AP_ERR_INAPP_CKSUM],
      [
        "an unkeyed checksum",
        { cksum: { cksumtype: 1, checksum: new Uint8Array(4) } },
        KRB_ERROR.KRB_AP_ERR_INAPP_CKSUM,
      ],
      [
        "an unknown checksum",
        { cksum: { cksumtype: 99, checksum: new Uint8Array(4) } },
        KRB_ERROR.KDC_ERR_SUMTYPE_NOSUPP,
      ],
      ["a wrong checksum", { cksum: { cksumtype: 16, checksum: new Uint8Array(12) } }, KRB_ERROR.KRB_AP_ERR_MODIFIED],
      [
        "a sub-key that is not permitted",
        { subkey: { keytype: 23, keyvalue: new Uint8Array(16) } },
        KRB_ERROR.KDC_ERR_ETYPE_NOSUPP,
      ],
      [
        "a sub-key of a wrong length",
        { subkey: { keytype: 18, keyvalue: new Uint8Array(16) } },
        KRB_ERROR.KDC_ERR_ETYPE_NOSUPP,
      ],
    ])("with %s is refused", async (_, change, wanted) => {
      await start();
      const authenticator = typeof change === "function" ? change() : change;
      expect(code({}, { authenticator: authenticator as never })).toBe(wanted);
    });

    it("has a checksum over this body", async () => {
      await start();
      const other = encodeKdcReqBody(tgsBody(realm, service, { nonce: 1 }));
      const cksum = { cksumtype: 16, checksum: tgt.sessionKey.usage(6).checksum(other) };
      expect(code({}, { authenticator: { cksum } })).toBe(KRB_ERROR.KRB_AP_ERR_MODIFIED);
    });
  });

  describe("the ticket shown", () => {
    it.each([
      [
        "is under another key",
        (ticket: Login["rep"]["ticket"]) => ({
          ...ticket,
          encPart: {
            ...ticket.encPart,
            cipher: ticket.encPart.cipher.map((octet, i) => (i === 30 ? octet ^ 1 : octet)),
          },
        }),
        KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY,
      ],
      [
        "is of a key version that there never was",
        (ticket: Login["rep"]["ticket"]) => ({ ...ticket, encPart: { ...ticket.encPart, kvno: 9 } }),
        KRB_ERROR.KRB_AP_ERR_BADKEYVER,
      ],
      [
        "is of an enctype without a key",
        (ticket: Login["rep"]["ticket"]) => ({ ...ticket, encPart: { ...ticket.encPart, etype: 20 } }),
        KRB_ERROR.KRB_AP_ERR_NOKEY,
      ],
      [
        "is another realm's",
        (ticket: Login["rep"]["ticket"]) => ({ ...ticket, realm: "OTHER.EXAMPLE" }),
        KRB_ERROR.KRB_AP_ERR_NOT_US,
      ],
      [
        "is for nobody",
        (ticket: Login["rep"]["ticket"]) => ({ ...ticket, sname: name("krbtgt/ELSEWHERE") }),
        KRB_ERROR.KRB_AP_ERR_NOT_US,
      ],
    ])("%s: refused", async (_, change, wanted) => {
      await start();
      expect(code({}, { apReq: { ticket: change(tgt.rep.ticket) as never } })).toBe(wanted);
    });

    it.each([
      ["has expired", () => ({ endtime: seconds(-1) }), KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED],
      ["starts later", () => ({ starttime: seconds(302) }), KRB_ERROR.KRB_AP_ERR_TKT_NYV],
      ["is invalid", () => ({ flags: TICKET_FLAG.invalid }), KRB_ERROR.KRB_AP_ERR_TKT_NYV],
      [
        "has a key that is not permitted",
        () => ({ key: { keytype: 23, keyvalue: new Uint8Array(16) } }),
        KRB_ERROR.KDC_ERR_ETYPE_NOSUPP,
      ],
    ])("%s: refused", async (_, change, wanted) => {
      await start();
      // Times are counted from here: a table is made when the file is loaded, which may be seconds ago.
      tgt = forged(tgt, change());
      expect(code()).toBe(wanted);
    });

    it("is for a service: no TGT, so no new tickets", async () => {
      await start();
      tgt = get();
      expect(code()).toBe(KRB_ERROR.KRB_AP_ERR_NOT_US);
    });
  });

  it.each([
    ["an unknown service", {}, "host/nowhere", KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN],
    ["an unknown realm", {}, "krbtgt/NOWHERE", KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN],
    ["another realm", { realm: "OTHER.EXAMPLE" }, service, KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN],
    ["no service", { sname: undefined }, service, KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN],
    ["user to user", { kdcOptions: KDC_OPTION.encTktInSkey }, service, KRB_ERROR.KDC_ERR_BADOPTION],
    ["no known enctype", { etype: [23] }, service, KRB_ERROR.KDC_ERR_ETYPE_NOSUPP],
    ["an end in the past", { till: seconds(-1) }, service, KRB_ERROR.KDC_ERR_NEVER_VALID],
    ["a start in the future", { from: seconds(3600) }, service, KRB_ERROR.KDC_ERR_CANNOT_POSTDATE],
    [
      "what the TGT does not allow: forwardable",
      { kdcOptions: KDC_OPTION.forwardable },
      service,
      KRB_ERROR.KDC_ERR_BADOPTION,
    ],
    [
      "what the TGT does not allow: proxiable",
      { kdcOptions: KDC_OPTION.proxiable },
      service,
      KRB_ERROR.KDC_ERR_BADOPTION,
    ],
    [
      "what the TGT does not allow: renewable",
      { kdcOptions: KDC_OPTION.renewable },
      service,
      KRB_ERROR.KDC_ERR_BADOPTION,
    ],
    [
      "what the TGT does not allow: forwarded",
      { kdcOptions: KDC_OPTION.forwarded },
      service,
      KRB_ERROR.KDC_ERR_BADOPTION,
    ],
    ["what the TGT does not allow: proxy", { kdcOptions: KDC_OPTION.proxy }, service, KRB_ERROR.KDC_ERR_BADOPTION],
    [
      "to renew what is not renewable",
      { kdcOptions: KDC_OPTION.renew },
      "krbtgt/TEST.EXAMPLE",
      KRB_ERROR.KDC_ERR_BADOPTION,
    ],
    ["to renew another ticket", { kdcOptions: KDC_OPTION.renew }, service, KRB_ERROR.KDC_ERR_SERVER_NOMATCH],
    [
      "to validate what is valid",
      { kdcOptions: KDC_OPTION.validate },
      "krbtgt/TEST.EXAMPLE",
      KRB_ERROR.KDC_ERR_BADOPTION,
    ],
  ])("refuses %s", async (_, body, wanted, expected) => {
    await start();
    expect(code(body as never, {}, wanted)).toBe(expected);
  });

  it.each([
    ["expired", { expires: seconds(-1) }, KRB_ERROR.KDC_ERR_SERVICE_EXP],
    ["locked", { isLocked: true }, KRB_ERROR.KDC_ERR_SERVICE_REVOKED],
    ["closed by policy", { allowTickets: false }, KRB_ERROR.KDC_ERR_POLICY],
  ])("refuses a service %s", async (_, options, wanted) => {
    await start({ principals: { [service]: options } });
    expect(code()).toBe(wanted);
  });

  describe("times and flags", () => {
    it("never outlive the TGT", async () => {
      await start({}, { till: seconds(600) });
      expect(get({ till: new Date(0) }).part.endtime).toEqual(tgt.part.endtime);
    });

    it("renew gives the same life again, within renew-till", async () => {
      const kdcOptions = KDC_OPTION.renewable | KDC_OPTION.forwardable;
      const rtime = seconds(700);
      await start({}, { kdcOptions, till: seconds(600), rtime });
      realm.setPolicy({ clockOffsetSeconds: 200 });
      const renewed = get({ kdcOptions: KDC_OPTION.renew }, "krbtgt/TEST.EXAMPLE");
      expect(renewed.part.endtime).toEqual(rtime);
      expect(renewed.part.renewTill).toEqual(rtime);
      expect(renewed.part.flags & TICKET_FLAG.initial).toBe(0);
      expect(renewed.part.flags & (TICKET_FLAG.renewable | TICKET_FLAG.forwardable)).toBe(
        TICKET_FLAG.renewable | TICKET_FLAG.forwardable,
      );
    });

    it("renew is refused after renew-till", async () => {
      await start({}, { kdcOptions: KDC_OPTION.renewable, till: seconds(600), rtime: seconds(100) });
      tgt = forged(tgt, { renewTill: seconds(-1) });
      expect(code({ kdcOptions: KDC_OPTION.renew }, {}, "krbtgt/TEST.EXAMPLE")).toBe(KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED);
    });

    it("renews a service ticket too (RFC 4120 section 3.3.2)", async () => {
      await start({}, { kdcOptions: KDC_OPTION.renewable, rtime: seconds(5000) });
      const ticket = get({ kdcOptions: KDC_OPTION.renewable, rtime: seconds(9000) });
      expect(ticket.part.renewTill).toEqual(tgt.part.renewTill);
      expect(get({ kdcOptions: KDC_OPTION.renew }, service, ticket).part.sname.nameString).toEqual([
        "host",
        "localhost",
      ]);
    });

    it("validates a postdated ticket, once its start has come", async () => {
      await start();
      const postdated = forged(tgt, { flags: TICKET_FLAG.invalid | TICKET_FLAG.postdated });
      const valid = get({ kdcOptions: KDC_OPTION.validate }, "krbtgt/TEST.EXAMPLE", postdated);
      expect(valid.part.flags & TICKET_FLAG.invalid).toBe(0);
      tgt = forged(tgt, { flags: TICKET_FLAG.invalid | TICKET_FLAG.postdated, starttime: seconds(100) });
      expect(code({ kdcOptions: KDC_OPTION.validate }, {}, "krbtgt/TEST.EXAMPLE")).toBe(KRB_ERROR.KRB_AP_ERR_TKT_NYV);
    });

    it("forwards a TGT to other addresses", async () => {
      await start({}, { kdcOptions: KDC_OPTION.forwardable });
      const addresses = [{ addrType: 2, address: Uint8Array.of(192, 0, 2, 7) }];
      const body = { kdcOptions: KDC_OPTION.forwarded | KDC_OPTION.forwardable, addresses };
      const { part } = get(body, "krbtgt/TEST.EXAMPLE");
      expect(part.flags & (TICKET_FLAG.forwarded | TICKET_FLAG.forwardable)).toBe(0x60000000);
      expect(part.caddr).toEqual(addresses);
    });

    it("proxies a service ticket and no TGT", async () => {
      await start({}, { kdcOptions: KDC_OPTION.proxiable });
      expect(get({ kdcOptions: KDC_OPTION.proxy }).part.flags & TICKET_FLAG.proxy).toBe(TICKET_FLAG.proxy);
      expect(code({ kdcOptions: KDC_OPTION.proxy }, {}, "krbtgt/TEST.EXAMPLE")).toBe(KRB_ERROR.KDC_ERR_BADOPTION);
    });

    it("says that a service is trusted for delegation", async () => {
      await start({ principals: { [service]: { isTrustedForDelegation: true } } });
      expect(get().part.flags & TICKET_FLAG.okAsDelegate).not.toBe(0);
    });
  });

  it("gives authorization data to the service, sealed with either key", async () => {
    await start();
    const data = [{ adType: 99, adData: Uint8Array.of(1, 2, 3) }];
    const cipher = tgt.sessionKey.usage(4).encrypt(encodeAuthorizationData(data));
    expect(openTicket(get({ encAuthorizationData: { etype: 18, cipher } })).authorizationData).toEqual(data);
    expect(code({ encAuthorizationData: { etype: 18, cipher: cipher.slice(1) } })).toBe(
      KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY,
    );
  });

  it("rotates a service's key: new tickets need the new keytab, old tickets the old one", async () => {
    await start();
    const old = realm.keytab(service);
    realm.rotateKey(service);
    const { rep } = get();
    expect(rep.ticket.encPart.kvno).toBe(2);
    expect(decodeKeytab(old).entries.map(({ kvno }) => kvno)).toEqual([1, 1]);
    expect(decodeKeytab(realm.keytab(service)).entries.map(({ kvno }) => kvno)).toEqual([2, 2]);
    expect(openTicket({ rep } as Login).cname.nameString).toEqual(["alice"]);
  });

  it("knows a service by its other names, each ticket for the name asked (RFC 6806 section 6)", async () => {
    await start({ principals: { [service]: { aliases: ["host/alias"] } } });
    const ticket = get({}, "host/alias");
    expect(ticket.part.sname.nameString).toEqual(["host", "alias"]);
    expect(openTicket(ticket).cname.nameString).toEqual(["alice"]);
  });

  describe("realms that trust each other", () => {
    const canonicalize = { kdcOptions: KDC_OPTION.canonicalize };

    it("goes to the other realm with a cross-realm TGT", async () => {
      await start();
      const other = await another("OTHER.EXAMPLE", { trusts: [realm], principals: { "host/far": {} } });
      const cross = get({}, "krbtgt/OTHER.EXAMPLE");
      expect(cross.rep.ticket.realm).toBe("TEST.EXAMPLE");
      expect(cross.part.sname.nameString).toEqual(["krbtgt", "OTHER.EXAMPLE"]);
      const far = get({}, "host/far", cross, other);
      expect(far.rep.crealm).toBe("TEST.EXAMPLE");
      expect(far.part.srealm).toBe("OTHER.EXAMPLE");
      const inside = openTicket(far, other, "host/far");
      expect(inside.crealm).toBe("TEST.EXAMPLE");
      expect(inside.transited.contents).toHaveLength(0);
    });

    it("refers to the realm of a service, if the client lets it (RFC 6806 section 8)", async () => {
      await start();
      await another("OTHER.EXAMPLE", { trusts: [realm], principals: { "host/far": {} } });
      expect(get(canonicalize, "host/far").part.sname.nameString).toEqual(["krbtgt", "OTHER.EXAMPLE"]);
      expect(code({}, {}, "host/far")).toBe(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN);
    });

    it("leads over a realm between, which is then in the transited field", async () => {
      await start();
      const middle = await another("MIDDLE.EXAMPLE", { trusts: [realm] });
      const last = await another("LAST.EXAMPLE", { trusts: [middle], principals: { "host/far": {} } });
      const first = get({}, "krbtgt/LAST.EXAMPLE");
      expect(first.part.sname.nameString).toEqual(["krbtgt", "MIDDLE.EXAMPLE"]);
      const second = get(canonicalize, "host/far", first, middle);
      expect(second.part.sname.nameString).toEqual(["krbtgt", "LAST.EXAMPLE"]);
      const inside = openTicket(get({}, "host/far", second, last), last, "host/far");
      expect(new TextDecoder().decode(inside.transited.contents)).toBe("MIDDLE.EXAMPLE");
      expect(inside.flags & TICKET_FLAG.transitedPolicyChecked).not.toBe(0);
    });

    it("does not let another realm vouch for its own clients", async () => {
      await start();
      const other = await another("OTHER.EXAMPLE", { trusts: [realm] });
      const cross = get({}, "krbtgt/OTHER.EXAMPLE");
      const claim = forged(cross, { crealm: "OTHER.EXAMPLE" }, realm, "krbtgt/OTHER.EXAMPLE");
      const claimed = { ...claim, rep: { ...claim.rep, crealm: "OTHER.EXAMPLE" } };
      const answer = other.handle(tgsReq(claimed, tgsBody(other, "krbtgt/OTHER.EXAMPLE")));
      expect(errorOf(answer).errorCode).toBe(KRB_ERROR.KDC_ERR_POLICY);
    });
  });
});
