import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../../src/entry/index.ts";
import type { FaultName, PlainFaultName, TestRealm } from "../../../src/entry/testing.ts";
import { KDC_OPTION, TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeAsReq,
  decodeKrbError,
  encodeAsReq,
  encodeKrbError,
  formatPrincipal,
  parsePrincipal,
} from "../../../src/krb5/index.ts";
import { encTypes, type LoginOptions, logIn, refusal, resealAsRep, startRealm, type Way } from "./harness.ts";

let realm: TestRealm;

beforeEach(async () => {
  realm = await startRealm();
});
afterEach(() => realm.close());

/** Logs in while every AS-REP has one thing wrong. */
function faulty(name: PlainFaultName, options: LoginOptions = {}, way: Way = {}): Promise<string> {
  realm.fault({ on: "as-rep", name });
  return refusal(logIn(realm, options, way));
}

const aes256 = encTypes.restrict([18]);
const canonicalize = { canonicalize: true };

describe("an AS-REP as it must be", () => {
  it("gives the ticket-granting ticket that was asked for", async () => {
    const sent: Uint8Array[] = [];
    const tgt = await logIn(realm, {}, { sent });
    expect(sent).toHaveLength(2);
    expect(formatPrincipal(tgt.client)).toBe("alice@TEST.EXAMPLE");
    expect(formatPrincipal(tgt.service)).toBe("krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
    expect(tgt.sessionKey.encType.etype).toBe(18);
    expect(tgt.flags & TICKET_FLAG.encPaRep).not.toBe(0);
    expect(tgt.clockOffsetMs).toBe(0);
  });

  it("A5: an encrypted part with the tag of a TGS-REP is an old KDC's habit", async () => {
    realm.fault({ on: "as-rep", name: "enc-tgs-rep-part" });
    expect(formatPrincipal((await logIn(realm)).client)).toBe("alice@TEST.EXAMPLE");
  });

  it("A16: flags and addresses that were not asked for are no reason to refuse", async () => {
    for (const name of ["extra-flags", "unasked-addresses"] as const) {
      realm.fault({ on: "as-rep", name, count: 1 });
      expect((await logIn(realm)).flags & TICKET_FLAG.initial).not.toBe(0);
    }
  });
});

describe("what kind of message it is", () => {
  it("A1: another APPLICATION tag is refused", async () => {
    expect(await faulty("wrong-application-tag")).toMatch(/^REPLY_MODIFIED: .*answered an AS-REQ with another message/);
  });

  it.each(["kerberos-4", "garbage"] as const)("A1: %s is not a Kerberos message", async (name) => {
    expect(await faulty(name)).toMatch(/^REPLY_MODIFIED: .*not a Kerberos message/);
  });

  it("A2: a msg-type that differs from the tag is refused", async () => {
    expect(await faulty("wrong-msg-type")).toMatch(/^DECODE: AS-REP\.msg-type: 13 where only 11/);
  });
});

describe("its encryption", () => {
  it("A3: an enctype that was not asked for is refused before a key is made", async () => {
    expect(await faulty("etype-downgrade", { encTypes: aes256 })).toMatch(
      /^REPLY_MODIFIED: .*encrypted with etype 17, which we did not ask for/,
    );
  });

  it.each(["wrong-usage", "wrong-key"] as const)("A4: %s does not open", async (name) => {
    expect(await faulty(name)).toMatch(/^INTEGRITY: /);
  });

  it("A4: an etype that the KDC's own hint in the reply contradicts is refused", async () => {
    expect(await faulty("enc-part-etype")).toMatch(/^PREAUTH_UNSUPPORTED: .*only for aes256-cts-hmac-sha1-96/);
  });
});

describe("that it answers this request", () => {
  it("A6: another nonce is refused", async () => {
    expect(await faulty("wrong-nonce")).toMatch(/^REPLY_MODIFIED: .*its nonce is not that of our request/);
  });

  it("A6: every request has a nonce of its own", async () => {
    const sent: Uint8Array[] = [];
    for (let i = 0; i < 3; i++) await logIn(realm, {}, { sent });
    expect(new Set(sent.map((request) => decodeAsReq(request).reqBody.nonce)).size).toBe(6);
  });

  it("A6: an old reply to the same request is refused", async () => {
    const old: Uint8Array[] = [];
    const keep = (octets: Uint8Array, index: number): Uint8Array => {
      if (index === 1) old.push(octets);
      return octets;
    };
    await logIn(realm, {}, { reply: keep });
    const replayed = logIn(realm, {}, { reply: (octets, index) => (index === 1 ? (old[0] as Uint8Array) : octets) });
    expect(await refusal(replayed)).toContain("its nonce is not that of our request");
  });

  it("A12: the flag enc-pa-rep without the checksum is refused", async () => {
    expect(await faulty("enc-pa-rep-missing")).toMatch(/^REPLY_MODIFIED: .*enc-pa-rep flag and no checksum/);
  });

  it.each([
    "enc-pa-rep-wrong",
    "enc-pa-rep-unkeyed",
    "enc-pa-rep-type",
    "enc-pa-rep-other-request",
    "enc-pa-rep-undecodable",
  ] as const)("A12: %s is refused", async (name) => {
    expect(await faulty(name)).toMatch(/^REPLY_MODIFIED: .*its checksum of our request does not fit/);
  });

  it("A12: a request whose enctypes were cut on the way is noticed", async () => {
    const request = (octets: Uint8Array): Uint8Array => {
      const asReq = decodeAsReq(octets);
      return encodeAsReq({ ...asReq, reqBody: { ...asReq.reqBody, etype: [17] } });
    };
    expect(await refusal(logIn(realm, {}, { request }))).toMatch(/^REPLY_MODIFIED: .*its checksum of our request/);
  });

  it("A12: a KDC from before RFC 6806 has neither flag nor checksum", async () => {
    realm.fault({ on: "as-rep", name: "enc-pa-rep-flag-missing" });
    expect((await logIn(realm)).flags & TICKET_FLAG.encPaRep).toBe(0);
  });
});

describe("its names", () => {
  it.each(["ticket-name-mismatch", "ticket-realm-mismatch", "enc-part-name-mismatch"] as const)(
    "A7: %s: the ticket is labelled otherwise than the encrypted part says",
    async (name) => {
      expect(await faulty(name)).toMatch(/^REPLY_MODIFIED: .*its ticket is labelled/);
    },
  );

  it.each([{}, canonicalize])("A7: another service than was asked for is refused (%o)", async (options) => {
    expect(await faulty("other-server-name", options)).toMatch(
      /^REPLY_MODIFIED: .*it is for host\/other\.example@TEST\.EXAMPLE, we asked for krbtgt/,
    );
  });

  it("A7: the TGS of another realm needs canonicalization", async () => {
    // Its own realm's name is what a KDC most likely says here: Active Directory serves it in any case.
    expect(await faulty("other-server-realm")).toMatch(
      /^OTHER_REALM: the KDC's realm is OTHER\.EXAMPLE, and we asked for TEST\.EXAMPLE: write alice@OTHER\.EXAMPLE, or/,
    );
    expect((await logIn(realm, canonicalize)).service.realm).toBe("OTHER.EXAMPLE");
  });

  it.each([
    ["other-client-name", "mallory@TEST.EXAMPLE"],
    ["other-client-realm", "alice@OTHER.EXAMPLE"],
  ] as const)("A8: %s is refused", async (name, client) => {
    expect(await faulty(name)).toContain(`it is for ${client}, we asked for alice@TEST.EXAMPLE`);
  });

  it("A8: a canonical name is taken from a reply that proves our request", async () => {
    realm.fault({ on: "as-rep", name: "other-client-name" });
    expect(formatPrincipal((await logIn(realm, canonicalize)).client)).toBe("mallory@TEST.EXAMPLE");
  });

  it("A8: a canonical name without proof of our request is refused", async () => {
    realm.fault({ on: "as-rep", name: "enc-pa-rep-flag-missing" });
    expect(await faulty("other-client-name", canonicalize)).toContain("it is for mallory@TEST.EXAMPLE, we asked for");
  });

  it.each([{}, canonicalize])("A9: an anonymous client that was not asked for is refused (%o)", async (options) => {
    expect(await faulty("anonymous-client", options)).toMatch(/^REPLY_MODIFIED: .*it is for an anonymous client/);
  });

  it("A9: an anonymous ticket that was asked for is taken", async () => {
    realm.fault({ on: "as-rep", name: "anonymous-client" });
    const { client } = await logIn(realm, { kdcOptions: KDC_OPTION.requestAnonymous });
    expect(formatPrincipal(client)).toBe("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS");
  });

  it("A9: a ticket that names the client is refused where an anonymous one was asked for", async () => {
    const refused = await refusal(logIn(realm, { kdcOptions: KDC_OPTION.requestAnonymous }));
    expect(refused).toMatch(
      /^REPLY_MODIFIED: .*we asked for an anonymous ticket, and it is one for alice@TEST.EXAMPLE/,
    );
  });
});

describe("its times and flags", () => {
  it("A10: an end later than asked for is refused", async () => {
    expect(await faulty("endtime-too-late")).toMatch(/^REPLY_MODIFIED: .*lasts longer than we asked for/);
  });

  it("A10: renewable for longer than asked for is refused", async () => {
    const options = { renewLifetimeSeconds: 3600 };
    expect((await logIn(realm, options)).renewTill).toBeInstanceOf(Date);
    expect(await faulty("renew-till-too-late", options)).toMatch(/^REPLY_MODIFIED: .*renewed for longer than we asked/);
  });

  it("A10: a renewal that was not asked for is no offer", async () => {
    realm.fault({ on: "as-rep", name: "renewable-unasked" });
    expect((await logIn(realm)).renewTill).toBeUndefined();
  });

  it("A10: a ticket that is marked invalid is refused", async () => {
    expect(await faulty("invalid-ticket")).toMatch(/^REPLY_MODIFIED: .*its ticket is marked invalid/);
  });

  it("A10: a ticket that ends before it starts is refused", async () => {
    const reply = (octets: Uint8Array, index: number): Promise<Uint8Array> | Uint8Array =>
      index === 0
        ? octets
        : resealAsRep(octets, ({ authtime }) => ({ starttime: authtime, endtime: new Date(+authtime - 1000) }));
    expect(await refusal(logIn(realm, {}, { reply }))).toMatch(/^REPLY_MODIFIED: .*its ticket has already ended/);
  });

  it("A11: the KDC's clock is adopted from authtime, which is authenticated", async () => {
    realm.setPolicy({ clockOffsetSeconds: 7200 });
    const { clockOffsetMs } = await logIn(realm);
    expect(Math.abs(clockOffsetMs - 7_200_000)).toBeLessThan(3000);
  });

  it("A11: a start long before the KDC's time is refused", async () => {
    expect(await faulty("already-ended")).toMatch(/^CLOCK_SKEW: .*more than 300 s away/);
  });

  it("A11: a start long after the KDC's time is refused", async () => {
    // Under two seconds of difference the local clock counts, which goes on while the reply is on its way.
    const reply = (octets: Uint8Array, index: number): Promise<Uint8Array> | Uint8Array =>
      index === 0 ? octets : resealAsRep(octets, ({ authtime }) => ({ starttime: new Date(+authtime + 303_000) }));
    expect(await refusal(logIn(realm, {}, { reply }))).toMatch(/^CLOCK_SKEW: .*more than 300 s away/);
  });
});

describe("enctypes", () => {
  it("A13: only AES is asked for and RC4 cannot be named", async () => {
    const [first] = await requestsOf((sent) => logIn(realm, {}, { sent }));
    expect(first?.reqBody.etype).toEqual([18, 17]);
    const credentials = { principal: "alice@TEST.EXAMPLE", password: "secret" };
    const { kdc, dial } = realm;
    for (const name of ["rc4-hmac", "arcfour-hmac", "des3-cbc-sha1", "des-cbc-md5"]) {
      expect(() => createClient({ credentials, kdc, dial, enctypes: [name] })).toThrow(RangeError);
    }
  });

  it("A17: a session key of an enctype that was not asked for is refused", async () => {
    expect(await faulty("unasked-session-etype", { encTypes: aes256 })).toMatch(
      /^REPLY_MODIFIED: .*its session key is aes128-cts-hmac-sha1-96, which we did not ask for/,
    );
  });

  it.each(["session-key-length", "session-key-empty"] as const)("A17: %s is refused", async (name) => {
    expect(await faulty(name)).toMatch(/^BAD_KEY: /);
  });
});

async function requestsOf(run: (sent: Uint8Array[]) => Promise<unknown>): Promise<ReturnType<typeof decodeAsReq>[]> {
  const sent: Uint8Array[] = [];
  await run(sent);
  return sent.map((octets) => decodeAsReq(octets));
}

describe("KRB-ERROR without end", () => {
  const names: readonly FaultName[] = ["preauth-required"];

  it.each(names)("A14: %s for ever ends", async (name) => {
    realm.fault({ name: name as PlainFaultName });
    const sent: Uint8Array[] = [];
    await refusal(logIn(realm, {}, { sent }));
    expect(sent.length).toBeLessThanOrEqual(16);
  });

  it.each([6, 14, 18, 24, 31, 37, 52, 60, 68, 93])("A14: KRB-ERROR %i for ever ends", async (code) => {
    realm.fault({ name: "krb-error", code });
    const sent: Uint8Array[] = [];
    await refusal(logIn(realm, canonicalize, { sent }));
    expect(sent.length).toBeLessThanOrEqual(16);
  });

  it("A14: two realms that send us to each other are left after 5 referrals", async () => {
    const other = await startRealm({ realm: "OTHER.EXAMPLE" });
    other.trust(realm);
    realm.fault({ name: "wrong-realm", realm: "OTHER.EXAMPLE" });
    other.fault({ name: "wrong-realm", realm: "TEST.EXAMPLE" });
    const sent: Uint8Array[] = [];
    expect(await refusal(logIn(realm, canonicalize, { sent }))).toMatch(/^REFERRAL: more than 5 referrals/);
    expect(sent).toHaveLength(6);
    await other.close();
  });
});

describe("client referrals", () => {
  let other: TestRealm;
  beforeEach(async () => {
    other = await startRealm({ realm: "OTHER.EXAMPLE" });
    other.trust(realm);
    realm.fault({ name: "wrong-realm", realm: "OTHER.EXAMPLE" });
  });
  afterEach(() => other.close());

  it("A15: is followed if it was asked for", async () => {
    const client = parsePrincipal("alice@TEST.EXAMPLE");
    expect(formatPrincipal((await logIn(realm, { client, canonicalize: true })).client)).toBe("alice@OTHER.EXAMPLE");
  });

  it.each([6, 12, 14, 18, 23, 37, 60])("a KRB-ERROR %i after it names the realm that answered", async (code) => {
    for (const said of ["OTHER.EXAMPLE", "", "<unspecified realm>"]) {
      // Some KDCs leave the realm of an error out, or write that.
      const reply = (octets: Uint8Array, index: number): Uint8Array =>
        index === 0 ? octets : encodeKrbError({ ...decodeKrbError(octets), realm: said });
      other.clearFaults();
      other.fault({ name: "krb-error", code });
      const words = await refusal(logIn(realm, canonicalize, { reply }));
      expect(words).not.toContain("TEST.EXAMPLE");
      expect(words).toMatch(/alice@OTHER\.EXAMPLE|of OTHER\.EXAMPLE|has expired/);
    }
  });

  it("A15: is refused if it was not asked for", async () => {
    const sent: Uint8Array[] = [];
    expect(await refusal(logIn(realm, {}, { sent }))).toMatch(/^WRONG_REALM: /);
    expect(sent).toHaveLength(1);
  });

  it("A15: to the same realm is refused", async () => {
    realm.clearFaults();
    realm.fault({ name: "wrong-realm", realm: "TEST.EXAMPLE" });
    const sent: Uint8Array[] = [];
    expect(await refusal(logIn(realm, canonicalize, { sent }))).toMatch(/^WRONG_REALM: /);
    expect(sent).toHaveLength(1);
  });

  it("A15: after a proof was sent is refused", async () => {
    realm.clearFaults();
    const sent: Uint8Array[] = [];
    const before = (index: number): void => {
      if (index === 1) realm.fault({ name: "wrong-realm", realm: "OTHER.EXAMPLE" });
    };
    expect(await refusal(logIn(realm, canonicalize, { sent, before }))).toMatch(/^WRONG_REALM: /);
    expect(sent).toHaveLength(2);
  });
});
