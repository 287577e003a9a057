import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestRealm, type Fault, type TestRealm } from "../../../src/entry/testing.ts";
import {
  applicationTag,
  decodeAsRep,
  decodeChecksum,
  decodeEncKdcRepPart,
  decodeEtypeInfo2,
  decodeKrbError,
  decodeMethodData,
  decodeTgsRep,
  type PaData,
} from "../../../src/krb5/index.ts";
import {
  asBody,
  asReq,
  encTimestamp,
  encTypes,
  errorOf,
  type Login,
  login,
  pa,
  passwordKey,
  tgsBody,
  tgsReq,
} from "./requests.ts";

const none = new Uint8Array(0);
let realm: TestRealm;
let other: TestRealm;
let tgt: Login;

beforeAll(async () => {
  realm = await createTestRealm({
    realm: "TEST.EXAMPLE",
    enctypes: [18, 17],
    principals: { alice: { password: "secret" }, "host/localhost": {} },
  });
  other = await createTestRealm({ realm: "NEXT.EXAMPLE", enctypes: [18], trusts: [realm] });
  tgt = await login(realm, "alice", "secret", { etype: [18, 17] });
});

afterAll(async () => {
  await realm.close();
  await other.close();
});

afterEach(() => realm.clearFaults());

/** A reply as fields that can be compared: what is the same in every reply of the same request. */
type Fields = Record<string, unknown>;

const body = { nonce: 7, etype: [18], till: new Date("2037-01-01T00:00:00Z") };

function asFields(octets: Uint8Array): Fields {
  const rep = decodeAsRep(octets);
  const part = decodeEncKdcRepPart(tgt.replyKey.usage(3).decrypt(rep.encPart.cipher));
  const proof = part.encryptedPaData?.find(({ padataType }) => padataType === 149)?.padataValue;
  const { key, encryptedPaData, lastReq, ...rest } = part;
  return {
    ...rest,
    sessionKey: [key.keytype, key.keyvalue.length],
    proof: proof === undefined ? undefined : decodeChecksum(proof),
    crealm: rep.crealm,
    cname: rep.cname.nameString,
    ticketRealm: rep.ticket.realm,
    ticketName: rep.ticket.sname.nameString,
    padata: rep.padata?.map(({ padataType }) => padataType),
    etype: rep.encPart.etype,
  };
}

const proof = () => encTimestamp(tgt.replyKey);
let request: Uint8Array = none;

/** An answer with and without the fault, to one request in one second. */
function both(fault: Fault): { readonly right: Uint8Array; readonly wrong: Uint8Array; readonly hits: number } {
  for (;;) {
    const second = Math.floor(Date.now() / 1000);
    request = asReq(asBody(realm, "alice", body), [proof(), pa(149)]);
    const right = realm.handle(request) ?? none;
    const handle = realm.fault(fault);
    const wrong = realm.handle(request) ?? none;
    handle.clear();
    if (Math.floor(Date.now() / 1000) === second) return { right, wrong, hits: handle.hits };
  }
}

/** The names of the fields that differ. */
function changed(fault: Fault): string[] {
  const { right, wrong, hits } = both(fault);
  expect(hits).toBe(1);
  const a = asFields(right);
  const b = asFields(wrong);
  return Object.keys({ ...a, ...b })
    .filter((key) => !isSame(a[key], b[key]))
    .sort();
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

describe("faults that change one thing in an AS-REP, still under the right key", () => {
  it.each([
    ["wrong-nonce", ["nonce"]],
    ["other-server-name", ["sname", "ticketName"]],
    ["other-server-realm", ["srealm", "ticketRealm"]],
    ["ticket-name-mismatch", ["ticketName"]],
    ["ticket-realm-mismatch", ["ticketRealm"]],
    ["enc-part-name-mismatch", ["sname"]],
    ["other-client-name", ["cname"]],
    ["other-client-realm", ["crealm"]],
    ["anonymous-client", ["cname", "crealm", "flags"]],
    ["stale-time", ["authtime", "starttime"]],
    ["future-time", ["authtime", "starttime"]],
    ["already-ended", ["endtime", "starttime"]],
    ["endtime-too-late", ["endtime"]],
    ["renew-till-too-late", ["flags", "renewTill"]],
    ["renewable-unasked", ["flags", "renewTill"]],
    ["extra-flags", ["flags"]],
    ["invalid-ticket", ["flags"]],
    ["ok-as-delegate", ["flags"]],
    ["unasked-addresses", ["caddr"]],
    ["unasked-session-etype", ["sessionKey"]],
    ["session-key-length", ["sessionKey"]],
    ["session-key-empty", ["sessionKey"]],
    ["enc-part-etype", ["etype"]],
    ["enc-tgs-rep-part", ["application"]],
    ["enc-pa-rep-missing", ["proof"]],
    ["enc-pa-rep-wrong", ["proof"]],
    ["enc-pa-rep-unkeyed", ["proof"]],
    ["enc-pa-rep-type", ["proof"]],
    ["enc-pa-rep-other-request", ["proof"]],
    ["enc-pa-rep-flag-missing", ["flags", "proof"]],
    ["referral-to-self", []],
    ["referral-loop", ["sname", "ticketName"]],
    ["referral-one-component", ["sname", "ticketName"]],
    ["referral-three-components", ["sname", "ticketName"]],
    ["referral-not-krbtgt", ["sname", "ticketName"]],
    ["referral-other-issuer", ["sname", "srealm", "ticketName", "ticketRealm"]],
    ["pa-etype-info2-missing", ["padata"]],
    ["pa-pw-salt-only", ["padata"]],
  ] as const)("%s: %j", (name, fields) => {
    expect(changed({ on: "as-rep", name })).toEqual(fields);
  });

  it("enc-pa-rep-unkeyed is CRC-32 of the request", () => {
    const { wrong } = both({ on: "as-rep", name: "enc-pa-rep-unkeyed" });
    const { cksumtype, checksum } = asFields(wrong).proof as { cksumtype: number; checksum: Uint8Array };
    expect(cksumtype).toBe(1);
    expect(checksum).toHaveLength(4);
  });

  it("enc-pa-rep-undecodable", () => {
    expect(() => asFields(both({ on: "as-rep", name: "enc-pa-rep-undecodable" }).wrong)).toThrow("Checksum");
  });

  it("etype-downgrade: under the client's key of an enctype that was not asked for", async () => {
    const { wrong } = both({ on: "as-rep", name: "etype-downgrade" });
    const rep = decodeAsRep(wrong);
    expect(rep.encPart.etype).toBe(17);
    const key = await passwordKey(
      decodeMethodData(errorOf(realm.handle(asReq(asBody(realm, "alice", { etype: [17] })))).eData ?? none),
      "secret",
    );
    expect(decodeEncKdcRepPart(key.usage(3).decrypt(rep.encPart.cipher)).nonce).toBe(7);
  });

  it("wrong-usage", () => {
    const rep = decodeAsRep(both({ on: "as-rep", name: "wrong-usage" }).wrong);
    expect(() => tgt.replyKey.usage(3).decrypt(rep.encPart.cipher)).toThrow();
    expect(decodeEncKdcRepPart(tgt.replyKey.usage(8).decrypt(rep.encPart.cipher)).nonce).toBe(7);
  });

  it.each(["wrong-key", "changed-octet"] as const)("%s", (name) => {
    const rep = decodeAsRep(both({ on: "as-rep", name }).wrong);
    expect(() => tgt.replyKey.usage(3).decrypt(rep.encPart.cipher)).toThrow();
  });
});

describe("faults of the message itself", () => {
  it("the tag, the msg-type, both, the version", () => {
    expect(applicationTag(both({ name: "wrong-application-tag" }).wrong)).toBe(13);
    expect(applicationTag(both({ name: "wrong-msg-type" }).wrong)).toBe(11);
    expect(() => decodeAsRep(both({ name: "wrong-msg-type" }).wrong)).toThrow("msg-type");
    expect(() => decodeTgsRep(both({ name: "wrong-application-tag" }).wrong)).toThrow("msg-type");
    expect(decodeTgsRep(both({ name: "swapped-reply" }).wrong).msgType).toBe(13);
    expect(() => decodeAsRep(both({ name: "wrong-pvno" }).wrong)).toThrow("pvno");
    expect([...both({ name: "kerberos-4" }).wrong.subarray(0, 2)]).toEqual([4, 20]);
  });

  it("the octets", () => {
    const truncated = both({ name: "truncated" });
    expect(truncated.wrong.length).toBeGreaterThan(100);
    expect(() => decodeAsRep(truncated.wrong)).toThrow();
    expect(both({ name: "empty" }).wrong).toHaveLength(0);
    expect(applicationTag(both({ name: "garbage" }).wrong)).toBeUndefined();
    const { wrong } = both({ name: "trailing-octets" });
    expect(() => decodeAsRep(wrong)).toThrow("4 octets after");
    expect(decodeAsRep(wrong.subarray(0, -4)).msgType).toBe(11);
  });

  it("half a message, or none", () => {
    expect(both({ name: "silence" }).wrong).toHaveLength(0);
    expect(both({ name: "drop" }).wrong).toHaveLength(0);
    const { right, wrong } = both({ name: "half-message" });
    expect(Math.abs(wrong.length - right.length / 2)).toBeLessThan(2);
  });
});

describe("faults of hints on pre-authentication", () => {
  function hints(fault: Fault): readonly PaData[] {
    const handle = realm.fault(fault);
    const error = errorOf(realm.handle(asReq(asBody(realm, "alice"))));
    expect(handle.hits).toBe(1);
    return decodeMethodData(error.eData ?? none);
  }
  const types = (fault: Fault) => hints(fault).map(({ padataType }) => padataType);
  const info = (fault: Fault) => decodeEtypeInfo2(hints(fault)[0]?.padataValue ?? none);
  const rounds = (fault: Fault) =>
    info(fault).map(({ s2kparams = none }) =>
      s2kparams.length === 4 ? new DataView(s2kparams.slice().buffer).getUint32(0) : -1,
    );

  it.each([
    [{ name: "low-iterations" }, 4095],
    [{ name: "zero-iterations" }, 0],
    [{ name: "huge-iterations" }, 0xffffffff],
    [{ name: "iterations", iterations: 5000 }, 5000],
    [{ name: "s2kparams-length" }, -1],
  ] as const)("%j", (fault, iterations) => {
    expect(rounds({ on: "as-rep", ...fault })).toEqual([iterations, iterations]);
  });

  it("PA-ETYPE-INFO2 missing, another, undecodable, empty, long", () => {
    expect(types({ name: "pa-etype-info2-missing" })).toEqual([2, 133]);
    realm.clearFaults();
    expect(types({ name: "pa-etype-info-only" })).toEqual([11, 2, 133]);
    realm.clearFaults();
    expect(types({ name: "pa-pw-salt-only" })).toEqual([3, 2, 133]);
    realm.clearFaults();
    expect(types({ name: "pa-afs3-salt-only" })).toEqual([10, 2, 133]);
    realm.clearFaults();
    expect(() => info({ name: "pa-etype-info2-undecodable" })).toThrow();
    realm.clearFaults();
    expect(info({ name: "pa-etype-info2-empty" })).toEqual([]);
    realm.clearFaults();
    // More elements than our own decoder takes.
    expect(hints({ name: "pa-etype-info2-many" })[0]?.padataValue.length).toBeGreaterThan(10_000 * 20);
    realm.clearFaults();
    expect(info({ name: "pa-etype-info2-unasked" }).map(({ etype }) => etype)).toEqual([23, 23]);
    realm.clearFaults();
    expect(info({ name: "pa-etype-info2-weak-first" }).map(({ etype }) => etype)).toEqual([23, 18, 17]);
    realm.clearFaults();
    expect(info({ name: "other-salt" })[0]?.salt).toBe("other-salt");
  });

  it("mechanisms and cookie", () => {
    expect(types({ name: "encrypted-timestamp-missing" })).toEqual([19, 16, 133]);
    realm.clearFaults();
    expect(types({ name: "cookie-missing" })).toEqual([19, 2]);
    realm.clearFaults();
    expect(hints({ name: "cookie-huge" })[2]?.padataValue).toHaveLength(0xffff);
    realm.clearFaults();
    expect(() => hints({ name: "method-data-undecodable" })).toThrow("METHOD-DATA");
  });

  it("pre-authentication wanted for ever", () => {
    realm.fault({ name: "preauth-required" });
    const answer = realm.handle(asReq(asBody(realm, "alice", body), [proof()]));
    expect(errorOf(answer).errorCode).toBe(25);
    expect(decodeMethodData(errorOf(answer).eData ?? none)).toHaveLength(3);
  });
});

describe("errors in place of answers", () => {
  it("any code, with its text, data and time", () => {
    realm.fault({ name: "krb-error", code: 60, text: "no", eData: Uint8Array.of(1), seconds: -7200 });
    const error = errorOf(realm.handle(asReq(asBody(realm, "alice"))));
    expect(error).toMatchObject({ errorCode: 60, eText: "no", eData: Uint8Array.of(1) });
    expect(Date.now() - error.stime.getTime()).toBeGreaterThan(7_190_000);
  });

  it("another realm", () => {
    realm.fault({ name: "wrong-realm", realm: "MALLORY.EXAMPLE" });
    expect(errorOf(realm.handle(asReq(asBody(realm, "alice"))))).toMatchObject({
      errorCode: 68,
      crealm: "MALLORY.EXAMPLE",
    });
  });
});

describe("which answers a fault is for", () => {
  const first = () => realm.handle(asReq(asBody(realm, "alice"))) ?? none;
  const second = () => realm.handle(asReq(asBody(realm, "alice", body), [proof()])) ?? none;
  const tgs = () => realm.handle(tgsReq(tgt, tgsBody(realm, "host/localhost"))) ?? none;
  const code = (answer: Uint8Array) => (applicationTag(answer) === 30 ? decodeKrbError(answer).errorCode : 0);

  it.each([
    ["as-rep", [25, 60, 0]],
    ["tgs-rep", [25, 0, 60]],
    ["as-req", [60, 60, 0]],
    ["tgs-req", [25, 0, 60]],
    ["error", [60, 0, 0]],
    ["any", [60, 60, 60]],
  ] as const)("%s", (on, codes) => {
    realm.fault({ on, name: "krb-error", code: 60 });
    expect([code(first()), code(second()), code(tgs())]).toEqual(codes);
  });

  it("so often and no more", () => {
    const handle = realm.fault({ name: "krb-error", code: 60, count: 2 });
    expect([code(first()), code(first()), code(first())]).toEqual([60, 60, 25]);
    expect(handle.hits).toBe(2);
  });

  it("until it is cleared", () => {
    const handle = realm.fault({ name: "krb-error", code: 60 });
    expect(code(first())).toBe(60);
    handle.clear();
    expect(code(first())).toBe(25);
  });

  it("a name that is none", () => {
    expect(() => realm.fault({ name: "no-such-fault" as never })).toThrow(TypeError);
  });
});

describe("faults of a TGS-REP", () => {
  const answer = (fault: Fault, subkey = false) => {
    realm.fault({ on: "tgs-rep", ...fault });
    const authenticator = subkey ? { subkey: { keytype: 17, keyvalue: new Uint8Array(16) } } : {};
    return decodeTgsRep(realm.handle(tgsReq(tgt, tgsBody(realm, "host/localhost"), { authenticator })) ?? none);
  };

  it("session-key-reply: under the session key, though there is a sub-key", () => {
    const { encPart } = answer({ name: "session-key-reply" }, true);
    expect(encPart.etype).toBe(18);
    expect(decodeEncKdcRepPart(tgt.sessionKey.usage(8).decrypt(encPart.cipher)).nonce).toBe(54321);
  });

  it("referral: under the key of the realm referred to", () => {
    const { ticket } = answer({ name: "referral", realm: "NEXT.EXAMPLE" });
    expect(ticket.sname.nameString).toEqual(["krbtgt", "NEXT.EXAMPLE"]);
    const key = decodeTgsRep(realm.handle(tgsReq(tgt, tgsBody(realm, "krbtgt/NEXT.EXAMPLE"))) ?? none);
    expect(ticket.encPart.etype).toBe(key.ticket.encPart.etype);
  });

  it("referral-loop: from realm to realm and back", async () => {
    realm.fault({ name: "referral-loop", on: "tgs-rep" });
    other.fault({ name: "referral-loop", on: "tgs-rep" });
    const open = (octets: Uint8Array | undefined, key: Login["sessionKey"]): Login => {
      const rep = decodeTgsRep(octets ?? none);
      const part = decodeEncKdcRepPart(key.usage(8).decrypt(rep.encPart.cipher));
      return { ...tgt, rep, part, sessionKey: encTypes.importKey(part.key.keytype, part.key.keyvalue) };
    };
    const first = open(realm.handle(tgsReq(tgt, tgsBody(realm, "host/localhost"))), tgt.sessionKey);
    expect(first.part.sname.nameString).toEqual(["krbtgt", "NEXT.EXAMPLE"]);
    const back = open(other.handle(tgsReq(first, tgsBody(other, `krbtgt/${other.realm}`))), first.sessionKey);
    expect(back.part.sname.nameString).toEqual(["krbtgt", "TEST.EXAMPLE"]);
    other.clearFaults();
  });
});
