// What a TGS-REQ asks for, by the ticket that is shown and by what is wanted (RFC 4120 sections 3.3.1 and 5.4.1).

import { describe, expect, it } from "vitest";
import { acceptTgsReply, createTgsRequest, type TgsOptions } from "../../../src/client/tgs/tgs-exchange.ts";
import { KDC_OPTION, PADATA, TICKET_FLAG } from "../../../src/iana/index.ts";
import { createAuthenticatorClock, parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import type { TraceStep } from "../../../src/trace.ts";
import { encTypes, refusal } from "./harness.ts";
import { ALICE, HOUR, NOW, read, tgsReply, tgtOf } from "./scripted-tgs.ts";

const HOST = parsePrincipal("host/a@ONE");
const SKEW_MS = 300_000;
const END = NOW + 8 * HOUR;
const RENEWALS = new Date(NOW + 48 * HOUR);
const optionsOf = (over: Partial<TgsOptions> = {}, nowMs = NOW + 600): TgsOptions => ({
  encTypes,
  now: () => nowMs,
  skewMs: SKEW_MS,
  clock: createAuthenticatorClock(),
  trace: () => {},
  ...over,
});
const make = (tgt: Partial<ServiceTicket> = {}, over: Partial<TgsOptions> = {}, nowMs?: number) =>
  createTgsRequest(tgtOf(tgt), HOST, optionsOf(over, nowMs));

describe("the options of a TGS-REQ", () => {
  const { forwardable, proxiable, renewable, mayPostdate } = TICKET_FLAG;
  const asked = KDC_OPTION;
  it.each<[string, Partial<ServiceTicket>, Partial<TgsOptions>, number]>([
    ["nothing of a ticket that may do nothing", {}, {}, 0],
    ["what a forwardable one may do", { flags: forwardable }, {}, asked.forwardable],
    ["what a proxiable one may do", { flags: proxiable }, {}, asked.proxiable],
    ["what one that may be postdated may do", { flags: mayPostdate }, {}, asked.allowPostdate],
    ["what a renewable one may do", { flags: renewable, renewTill: RENEWALS }, {}, asked.renewable],
    ["no renewals of one that is marked and has no end of them", { flags: renewable }, {}, 0],
    ["no renewals of one that is not marked", { renewTill: RENEWALS }, {}, 0],
    ["less, where less is wanted", { flags: forwardable | proxiable }, { forwardable: false, proxiable: false }, 0],
    ["more, where more is wanted", {}, { forwardable: true }, asked.forwardable],
    [
      "an option beside those of the ticket",
      { flags: mayPostdate },
      { kdcOptions: asked.proxy },
      asked.proxy | asked.allowPostdate,
    ],
  ])("ask for %s", (_, tgt, options, bits) => {
    expect(read(make(tgt, options).octets).reqBody.kdcOptions).toBe(bits);
  });
});

describe("the times of a TGS-REQ", () => {
  const { renewable } = TICKET_FLAG;
  const times = (tgt: Partial<ServiceTicket>, options?: Partial<TgsOptions>, nowMs?: number) => {
    const { till, rtime } = read(make(tgt, options, nowMs).octets).reqBody;
    return [till.getTime(), rtime?.getTime()];
  };
  const renewals = { flags: renewable, renewTill: RENEWALS };
  const renew = { kdcOptions: KDC_OPTION.renew };

  it("end with the ticket that is shown, or before if less is wanted", () => {
    expect(times({})).toEqual([END, undefined]);
    expect(times({}, { lifetimeSeconds: 3600 })).toEqual([NOW + HOUR, undefined]);
    expect(times({}, { lifetimeSeconds: 9 * 3600 })).toEqual([END, undefined]);
    // To the second, whatever part of one it is now.
    for (const ms of [0, 1, 999]) expect(times({}, {}, NOW + ms)).toEqual([END, undefined]);
  });

  it("renew as long as the ticket that is shown, or as long as is wanted", () => {
    expect(times(renewals)).toEqual([END, RENEWALS.getTime()]);
    expect(times(renewals, { renewLifetimeSeconds: 24 * 3600 })).toEqual([END, NOW + 24 * HOUR]);
    expect(times({}, { renewLifetimeSeconds: 24 * 3600 })).toEqual([END, NOW + 24 * HOUR]);
  });

  it("of a renewal end where the renewals do, whatever else is wanted (RFC 4120 section 3.3.3)", () => {
    const whole = [RENEWALS.getTime(), RENEWALS.getTime()];
    expect(times(renewals, renew)).toEqual(whole);
    expect(times(renewals, { ...renew, lifetimeSeconds: 60, renewLifetimeSeconds: 60 })).toEqual(whole);
    // A KDC may leave the mark away: what counts is the end of the renewals.
    expect(times({ renewTill: RENEWALS }, renew)).toEqual(whole);
  });

  it("are those of the KDC's clock, as far as it is known", () => {
    expect(times({ clockOffsetMs: -HOUR }, { lifetimeSeconds: 60 })).toEqual([NOW - HOUR + 60_000, undefined]);
  });

  it.each<[string, number, Partial<ServiceTicket>, Partial<TgsOptions>, string?]>([
    ["a ticket in its last millisecond is shown", END - 1, {}, {}],
    ["one that ends now is not", END, {}, {}, "TICKET_EXPIRED"],
    ["one that has ended by the KDC's clock is not", END - HOUR, { clockOffsetMs: HOUR }, {}, "TICKET_EXPIRED"],
    ["one that has ended by ours alone is", END + HOUR, { clockOffsetMs: -HOUR - 1 }, {}],
    ["for a renewal, one that ended within the skew is: its KDC says", END + SKEW_MS - 1, renewals, renew],
    ["for a renewal, one that ended a skew ago is not", END + SKEW_MS, renewals, renew, "TICKET_EXPIRED"],
    ["for a validation there is no skew", END, renewals, { kdcOptions: KDC_OPTION.validate }, "TICKET_EXPIRED"],
    ["a ticket without renewals is not renewed", NOW, { flags: renewable }, renew, "TICKET_FLAGS"],
  ])("T9: %s", async (_, nowMs, tgt, options, code) => {
    const making = async () => make(tgt, options, nowMs);
    if (code === undefined) await making();
    else expect(await refusal(making())).toMatch(`${code}: `);
  });
});

describe("the PA-DATA of a TGS-REQ", () => {
  const one = (padataType: number, octet: number) => ({ padataType, padataValue: Uint8Array.of(octet) });
  const of = (options: Partial<TgsOptions>) =>
    (read(make({}, options).octets).padata ?? [])
      .slice(1)
      .map(({ padataType, padataValue }) => `${padataType} ${padataValue[0] ?? ""}`.trim());

  it("are what is made for the request, what is wished beside it, and the wish for a proof (RFC 6806)", () => {
    const wishes = [one(128, 1), one(167, 2)];
    expect(of({})).toEqual([`${PADATA.reqEncPaRep}`]);
    expect(of({ wishes })).toEqual(["128 1", "167 2", "149"]);
    expect(of({ padata: () => [one(130, 3)] })).toEqual(["130 3", "149"]);
    // A type stands once: that which was made for the request.
    expect(of({ wishes, padata: () => [one(130, 3), one(167, 4)] })).toEqual(["130 3", "167 4", "128 1", "149"]);
  });
});

describe("the reply", () => {
  const accept = (tgt: Partial<ServiceTicket>, flags: number, options: Partial<TgsOptions> = {}, client?: string) => {
    const all = optionsOf(options);
    const pending = createTgsRequest(tgtOf(tgt), HOST, all);
    const given = { service: "host/a@ONE", part: { flags }, ...(client === undefined ? {} : { client }) };
    return acceptTgsReply(tgsReply(pending.octets, given), pending, all);
  };
  const { okAsDelegate, forwardable } = TICKET_FLAG;
  const foreign = { service: parsePrincipal("krbtgt/ONE@TWO"), client: { ...ALICE, realm: "TWO" } };

  it.each<[string, Partial<ServiceTicket>, boolean]>([
    ["our own realm", {}, true],
    ["another realm", foreign, false],
    ["another realm that our way there vouches for", { ...foreign, flags: okAsDelegate }, true],
    ["our own realm, which needs no voucher", { flags: okAsDelegate }, true],
  ])("T7: ok-as-delegate of %s", (_, tgt, counts) => {
    const { flags } = accept(tgt, okAsDelegate | forwardable, {}, "client" in tgt ? "alice@TWO" : undefined);
    expect(flags).toBe(counts ? okAsDelegate | forwardable : forwardable);
  });

  it("T3: is for the client of the ticket that was shown, or for whom the caller's check lets through", async () => {
    expect(await refusal((async () => accept({}, 0, {}, "bob@ONE"))())).toMatch(/^REPLY_MODIFIED: .*it is for bob@ONE/);
    const seen: unknown[] = [];
    const checkClient: TgsOptions["checkClient"] = ({ client, service, encryptedPaData, padata }) =>
      void seen.push(client.components, service.components, encryptedPaData, padata);
    expect(accept({}, 0, { checkClient }, "bob@ONE").client.components).toEqual(["bob"]);
    expect(seen).toEqual([["bob"], ["host", "a"], [], []]);
    const refuse = (): never => {
      throw new RangeError("not this one");
    };
    expect(() => accept({}, 0, { checkClient: refuse })).toThrow("not this one");
  });

  it("T6: has the nonce and the times that were asked for", async () => {
    const all = optionsOf();
    const pending = createTgsRequest(tgtOf(), HOST, all);
    const give = async (part: object) =>
      acceptTgsReply(tgsReply(pending.octets, { service: "host/a@ONE", part }), pending, all);
    expect(await refusal(give({ nonce: (pending.request.nonce + 1) % 2 ** 31 }))).toMatch(/its nonce is not that/);
    expect(await refusal(give({ endtime: new Date(END + 1000) }))).toMatch(/lasts longer than we asked for/);
  });

  it("P8: the trace says that our request came unchanged only where the KDC has proven it", () => {
    const events: TraceStep[] = [];
    accept({}, 0, { trace: (event) => void events.push(event) });
    expect(events).toEqual([{ type: "check", what: "TGS-REP: nonce, names, times, enctypes" }]);
  });
});
