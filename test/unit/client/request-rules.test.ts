import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { TestRealm } from "../../../src/entry/testing.ts";
import { PADATA, TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeAsReq,
  decodeTgsReq,
  encodeAsReq,
  encodeTgsReq,
  registeredNames,
  type ServiceTicket,
} from "../../../src/krb5/index.ts";
import { startCpuClock } from "../../support/cpu-clock.ts";
import { logIn, refusal, resealAsRep, startRealm, walk } from "./harness.ts";

let realm: TestRealm;
let other: TestRealm;
let sent: Uint8Array[];
beforeEach(async () => {
  realm = await startRealm();
  other = await startRealm({ realm: "OTHER.EXAMPLE", principals: { "host/far.example": {} } });
  other.trust(realm);
  sent = [];
});
afterEach(() => Promise.all([realm.close(), other.close()]));

describe("requests", () => {
  it("P8: every one of both exchanges asks for the proof that it came unchanged (PA 149)", async () => {
    const tgt = await logIn(realm, {}, { sent });
    await walk(realm, tgt, "host/far.example", {}, { sent });
    expect(sent).toHaveLength(4);
    const asked = sent.map((octets, index) => (index < 2 ? decodeAsReq(octets) : decodeTgsReq(octets)).padata ?? []);
    for (const padata of asked) {
      expect(padata.filter(({ padataType }) => padataType === PADATA.reqEncPaRep)).toHaveLength(1);
    }
  });

  it("T8: the KDC takes the body as it was made, and refuses one that was changed on its way", async () => {
    const tgt = await logIn(realm);
    await walk(realm, tgt);
    const request = (octets: Uint8Array): Uint8Array => {
      const { padata, reqBody, ...rest } = decodeTgsReq(octets);
      const { octets: _, ...body } = reqBody;
      return encodeTgsReq({ ...rest, padata, reqBody: { ...body, till: new Date(body.till.getTime() - 3_600_000) } });
    };
    expect(await refusal(walk(realm, tgt, undefined, { names: registeredNames() }, { request }))).toMatch(
      /KRB_AP_ERR_(MODIFIED|BAD_INTEGRITY)/,
    );
  });

  it("A13: no request offers an enctype that is not AES, whatever the KDC has", async () => {
    const tgt = await logIn(realm, {}, { sent });
    await walk(realm, tgt, undefined, {}, { sent });
    const offered = sent.map((octets, index) => (index < 2 ? decodeAsReq(octets) : decodeTgsReq(octets)).reqBody.etype);
    for (const etypes of offered) expect(etypes.every((etype) => etype >= 17 && etype <= 20)).toBe(true);
  });
});

describe("hints", () => {
  it("P2: a weak entry that comes first is passed over: our order counts", async () => {
    realm.fault({ name: "pa-etype-info2-weak-first" });
    const chosen: (string | undefined)[] = [];
    await logIn(realm, { trace: (event) => void (event.type === "preauth-chosen" && chosen.push(event.etype)) });
    expect(chosen).toEqual(["aes256-cts-hmac-sha1-96"]);
  });

  it("P3: 1,000,001 iterations are refused before a proof is made", async () => {
    realm.fault({ name: "iterations", iterations: 1_000_001 });
    const cpuMs = startCpuClock();
    expect(await refusal(logIn(realm, {}, { sent }))).toMatch(
      /^BAD_STRING_TO_KEY_PARAMETERS: .*1000001 iterations, more than the most permitted, 1000000/,
    );
    expect(sent).toHaveLength(1);
    // A million rounds take longer than that.
    expect(cpuMs()).toBeLessThan(200);
  });

  it("P6: a mechanism that the configuration disables is not used, though the KDC offers it", async () => {
    expect(await refusal(logIn(realm, { disabledPreauth: [PADATA.encTimestamp] }, { sent }))).toMatch(
      /^PREAUTH_UNSUPPORTED: .*none that the configuration allows/,
    );
    expect(sent).toHaveLength(1);
  });

  it("P1: an error in the clear is not believed beyond the refusal: the next login is as the first", async () => {
    realm.fault({ name: "krb-error", code: 14, count: 1 });
    expect(await refusal(logIn(realm, {}, { sent }))).toMatch(/^ETYPE_NOT_PERMITTED: /);
    await logIn(realm, {}, { sent });
    const [before, after] = [sent[0], sent[1]].map((octets) => decodeAsReq(octets as Uint8Array).reqBody.etype);
    expect(after).toEqual(before);
    expect(sent).toHaveLength(3);
  });
});

describe("delegation flags", () => {
  const isDelegate = ({ flags }: ServiceTicket): boolean => (flags & TICKET_FLAG.okAsDelegate) !== 0;
  const far = async (): Promise<ServiceTicket> => walk(realm, await logIn(realm), "host/far.example@OTHER.EXAMPLE");

  it("T7: another realm's ok-as-delegate is cleared", async () => {
    other.fault({ on: "tgs-rep", name: "ok-as-delegate" });
    expect(isDelegate(await far())).toBe(false);
  });

  it("T7: it counts where our own realm vouches for the other", async () => {
    realm.fault({ on: "tgs-rep", name: "ok-as-delegate" });
    other.fault({ on: "tgs-rep", name: "ok-as-delegate" });
    expect(isDelegate(await far())).toBe(true);
  });

  it("T7: our own realm's counts", async () => {
    realm.fault({ on: "tgs-rep", name: "ok-as-delegate" });
    expect(isDelegate(await walk(realm, await logIn(realm)))).toBe(true);
  });
});

describe("what is asked of a login", () => {
  it("A10: a postdated ticket begins when it was asked to, or is refused", async () => {
    const startTime = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    // This realm does not postdate: on their way, the request becomes one for now and the reply one for then.
    realm.fault({ name: "enc-pa-rep-flag-missing" });
    const request = (octets: Uint8Array): Uint8Array => {
      const { reqBody, ...rest } = decodeAsReq(octets);
      const { octets: _, from: __, ...body } = reqBody;
      return encodeAsReq({ ...rest, reqBody: { ...body, kdcOptions: 0 } });
    };
    const reply =
      (starttime: Date) =>
      async (octets: Uint8Array, index: number): Promise<Uint8Array> =>
        index === 0 ? octets : resealAsRep(octets, () => ({ starttime, flags: TICKET_FLAG.invalid }));
    const ticket = await logIn(realm, { startTime }, { request, reply: reply(startTime) });
    expect(ticket.startTime).toEqual(startTime);
    expect(ticket.flags & TICKET_FLAG.invalid).not.toBe(0);
    const other = new Date(startTime.getTime() + 60_000);
    expect(await refusal(logIn(realm, { startTime }, { request, reply: reply(other) }))).toMatch(
      /^REPLY_MODIFIED: .*does not begin when/,
    );
  });

  it("A10: under RENEWABLE-OK a ticket is renewable until the end that was asked for, and no longer", async () => {
    realm.fault({ name: "renew-till-too-late" });
    expect(await refusal(logIn(realm, { renewableOk: true, renewLifetimeSeconds: 3600 }))).toMatch(
      /^REPLY_MODIFIED: .*renewed for longer/,
    );
  });

  it("A11: where the KDC's time is not adopted, it must be ours", async () => {
    const now = () => Date.now() + 600_000;
    expect((await logIn(realm, { now })).clockOffsetMs).toBeLessThan(-590_000);
    expect(await refusal(logIn(realm, { now, isTimeLearned: false }))).toMatch(/^CLOCK_SKEW: .*kdc_timesync/);
    expect((await logIn(realm, { isTimeLearned: false })).clockOffsetMs).toBe(0);
  });

  it("asks for chosen enctypes in their order, of those that are permitted", async () => {
    const ticket = await logIn(realm, { requested: [17, 23, 18] }, { sent });
    expect(decodeAsReq(sent[0] as Uint8Array).reqBody.etype).toEqual([17, 18]);
    expect([17, 18]).toContain(ticket.sessionKey.encType.etype);
  });

  it("A16: addresses that were asked for are on the ticket", async () => {
    const addresses = [{ type: 2, octets: Uint8Array.of(192, 0, 2, 7) }];
    expect((await logIn(realm, { addresses }, { sent })).addresses ?? []).toEqual(addresses);
    expect(decodeAsReq(sent[0] as Uint8Array).reqBody.addresses).toEqual([
      { addrType: 2, address: Uint8Array.of(192, 0, 2, 7) },
    ]);
  });
});
