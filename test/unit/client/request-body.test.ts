// What a request asks for, option by option: flags, times and names; and what of it a reply must keep to, at each edge.

import { describe, expect, it } from "vitest";
import { createKdcRequest, LAST_KDC_TIME_MS } from "../../../src/client/kdc-request.ts";
import { checkNewPassword } from "../../../src/client/option-checks.ts";
import { checkNonce, checkTimes, replyService, ticketOf, unasked } from "../../../src/client/reply-checks.ts";
import { KDC_OPTION, TICKET_FLAG } from "../../../src/iana/index.ts";
import { type EncKdcRepPart, type KdcRep, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { modified } from "../../../src/preauth/index.ts";
import { encTypes } from "./harness.ts";

const ALICE = parsePrincipal("alice@TEST.EXAMPLE");
const TGS = tgsPrincipal("TEST.EXAMPLE");
const NOW = Date.UTC(2026, 5, 1, 12, 0, 0, 600);
const SECOND = Math.floor(NOW / 1000) * 1000;
const SKEW_MS = 300_000;
const date = (seconds: number): Date => new Date(SECOND + seconds * 1000);

type Options = Parameters<typeof createKdcRequest>[4];
const requestOf = (options: Options = {}) => createKdcRequest(ALICE, TGS, encTypes, NOW, options);

describe("a request", () => {
  const { forwardable, proxiable, canonicalize, renewable, renewableOk, allowPostdate, postdated } = KDC_OPTION;
  it.each<[string, Options, number]>([
    ["nothing", {}, 0],
    ["nothing, in so many words", { forwardable: false, proxiable: false, canonicalize: false, renewableOk: false }, 0],
    ["forwardable", { forwardable: true }, forwardable],
    ["proxiable", { proxiable: true }, proxiable],
    ["canonicalize", { canonicalize: true }, canonicalize],
    ["renewableOk", { renewableOk: true }, renewableOk],
    ["renewLifetimeSeconds", { renewLifetimeSeconds: 90_000 }, renewable],
    ["startTime", { startTime: date(60) }, allowPostdate + postdated],
    ["kdcOptions", { kdcOptions: KDC_OPTION.forwarded, forwardable: true }, KDC_OPTION.forwarded + forwardable],
  ])("asks for %s", (_, options, flags) => {
    const request = requestOf(options);
    expect([request.options, request.body.kdcOptions]).toEqual([flags, flags]);
  });

  it("has what was asked for and nothing else", () => {
    const { body } = requestOf();
    for (const name of ["cname", "from", "rtime", "addresses"]) expect(body).not.toHaveProperty(name);
    expect(body).toMatchObject({ realm: "TEST.EXAMPLE", sname: { nameString: ["krbtgt", "TEST.EXAMPLE"] } });
    expect(body.etype).toEqual([18, 17]);
    const full = requestOf({
      withClient: true,
      requested: [17],
      addresses: [{ type: 2, octets: Uint8Array.of(192, 0, 2, 1) }],
      startTime: date(60),
      renewLifetimeSeconds: 100_000,
    }).body;
    expect(full).toMatchObject({ cname: { nameString: ["alice"] }, etype: [17] });
    expect(full.addresses).toEqual([{ addrType: 2, address: Uint8Array.of(192, 0, 2, 1) }]);
    expect(requestOf({ withClient: false }).body).not.toHaveProperty("cname");
  });

  it("lasts a day, or as long as it is asked to; never past the calendar", () => {
    expect(requestOf().till).toEqual(date(86_400));
    expect(requestOf({ lifetimeSeconds: 60.9 }).till).toEqual(date(60));
    expect(requestOf({ lifetimeSeconds: 1e15 }).till).toEqual(new Date(LAST_KDC_TIME_MS + 86_400_000));
    const later = requestOf({ startTime: new Date(SECOND + 60_700), lifetimeSeconds: 10 });
    expect([later.from, later.body.from, later.till]).toEqual([date(60), date(60), date(70)]);
  });

  it("may be renewed as long as it is asked to, and never for less than it lasts", () => {
    expect(requestOf({ lifetimeSeconds: 60, renewLifetimeSeconds: 61 }).rtime).toEqual(date(61));
    expect(requestOf({ lifetimeSeconds: 60, renewLifetimeSeconds: 60 }).rtime).toEqual(date(60));
    expect(requestOf({ lifetimeSeconds: 60, renewLifetimeSeconds: 59 }).rtime).toEqual(date(60));
    const short = requestOf({ lifetimeSeconds: 60, renewLifetimeSeconds: 59 });
    expect(short.body.rtime).toEqual(date(60));
    // What is not asked for may be granted under two options alone, to the end that was asked for.
    expect(requestOf({ lifetimeSeconds: 60 }).rtime).toBeUndefined();
    for (const option of [{ renewableOk: true }, { kdcOptions: KDC_OPTION.renew }]) {
      const { rtime, body } = requestOf({ lifetimeSeconds: 60, ...option });
      expect(rtime).toEqual(date(60));
      expect(body).not.toHaveProperty("rtime");
    }
    // RENEWABLE by its bit alone, as kdc_default_options has it: as long as the KDC's policy allows.
    const byBit = requestOf({ lifetimeSeconds: 60, kdcOptions: KDC_OPTION.renewable | KDC_OPTION.renewableOk });
    expect(byBit.rtime).toEqual(new Date("9999-12-31T23:59:59Z"));
    expect(byBit.body).not.toHaveProperty("rtime");
  });

  it("has a nonce of 31 bits", () => {
    for (let n = 0; n < 64; n++) expect(requestOf().nonce).toBeLessThan(2 ** 31);
  });
});

describe("A10: the times of a reply", () => {
  const usual = { flags: 0, authtime: date(0), endtime: date(3600), nonce: 5 };
  const check = (part: Partial<EncKdcRepPart>, options: Options = { lifetimeSeconds: 3600 }, skewMs = SKEW_MS) =>
    checkTimes(requestOf(options), { ...usual, ...part } as EncKdcRepPart, SECOND, skewMs);
  const postdated = { lifetimeSeconds: 3600, startTime: date(600) };

  it.each<[string, Partial<EncKdcRepPart>, Options?]>([
    ["those that were asked for", {}],
    ["a start at the edge of the skew, later", { starttime: date(300) }],
    ["a start at the edge of the skew, earlier", { starttime: date(-300) }],
    ["no start time, and a login that is long ago", { authtime: date(-80_000) }],
    ["a login at the edge of the skew, later", { authtime: date(300) }],
    ["an end that is nearly over", { starttime: date(-300), endtime: date(-299) }],
    [
      "a renewal to the second that was asked for",
      { renewTill: date(7200) },
      { lifetimeSeconds: 3600, renewLifetimeSeconds: 7200 },
    ],
    ["a renewal that was not asked for, which does not count", { renewTill: date(99_999) }],
    [
      "a postdated ticket, marked invalid",
      { starttime: date(600), endtime: date(4200), flags: TICKET_FLAG.invalid },
      postdated,
    ],
  ])("may be %s", (_, part, options) => {
    expect(() => check(part, options)).not.toThrow();
  });

  const { invalid } = TICKET_FLAG;
  it.each<[string, Partial<EncKdcRepPart>, string, string, Options?]>([
    ["an end a second later", { endtime: date(3601) }, "REPLY_MODIFIED", "lasts longer than we asked for"],
    [
      "a renewal a second longer",
      { renewTill: date(7201) },
      "REPLY_MODIFIED",
      "can be renewed for longer",
      { lifetimeSeconds: 3600, renewLifetimeSeconds: 7200 },
    ],
    ["a start beyond the skew, later", { starttime: date(301) }, "CLOCK_SKEW", "more than 300 s away"],
    ["a start beyond the skew, earlier", { starttime: date(-301) }, "CLOCK_SKEW", "more than 300 s away"],
    ["a login beyond the skew, later", { authtime: date(301) }, "CLOCK_SKEW", "more than 300 s away"],
    ["an end that is over", { starttime: date(-300), endtime: date(-300) }, "REPLY_MODIFIED", "has already ended"],
    [
      "an end that is over, of a login long ago",
      { authtime: date(-9000), endtime: date(-300) },
      "REPLY_MODIFIED",
      "ended",
    ],
    ["an end at its start", { starttime: date(10), endtime: date(10) }, "REPLY_MODIFIED", "has already ended"],
    ["a mark that it is invalid", { flags: invalid }, "REPLY_MODIFIED", "marked invalid"],
    [
      "another start than asked for",
      { starttime: date(601) },
      "REPLY_MODIFIED",
      "does not begin when we asked",
      postdated,
    ],
    ["a start now", {}, "REPLY_MODIFIED", "does not begin when we asked for", postdated],
  ])("may not be %s", (_, part, code, words, options) => {
    expect(() => check(part, options)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) }),
    );
  });

  it("a skew that is not a number refuses, and does not turn the checks off", () => {
    expect(() => check({ starttime: date(0) }, undefined, Number.NaN)).toThrow(
      expect.objectContaining({ code: "CLOCK_SKEW" }),
    );
    expect(() => check({}, postdated, Number.NaN)).toThrow("does not begin");
    const late = { starttime: date(600), endtime: date(4200) };
    expect(() => check(late, postdated, Number.NaN)).toThrow("has already ended");
  });
});

describe("the names, the nonce and the key of a reply", () => {
  const sname = { nameType: 2, nameString: ["krbtgt", "TEST.EXAMPLE"] };
  const rep = (realm: string, nameString = sname.nameString) =>
    ({ ticket: { realm, sname: { ...sname, nameString }, octets: Uint8Array.of(7) } }) as unknown as KdcRep;
  const part = { srealm: "TEST.EXAMPLE", sname } as unknown as EncKdcRepPart;

  it("CVE-2017-11103: the service is the sealed one, and the ticket is labelled so", () => {
    expect(replyService(rep("TEST.EXAMPLE"), part)).toEqual(TGS);
    for (const other of [rep("OTHER"), rep("TEST.EXAMPLE", ["krbtgt", "OTHER"])]) {
      expect(() => replyService(other, part)).toThrow(/^the KDC's reply cannot be trusted: its ticket is labelled/);
    }
  });

  it("A6: the nonce is the request's", () => {
    const request = requestOf();
    expect(() => checkNonce(request, { nonce: request.nonce } as EncKdcRepPart)).not.toThrow();
    expect(() => checkNonce(request, { nonce: request.nonce + 1 } as EncKdcRepPart)).toThrow("it may be an old reply");
  });

  it("A17: the session key is of an enctype that was asked for", () => {
    const key = (keytype: number) => ({ keytype, keyvalue: new Uint8Array(keytype === 18 ? 32 : 16) });
    const ticket = (keytype: number, options: Options, more: object = {}) =>
      ticketOf(
        rep("TEST.EXAMPLE"),
        { flags: 4, key: key(keytype), authtime: date(0), endtime: date(9), ...more } as EncKdcRepPart,
        ALICE,
        TGS,
        requestOf(options),
        encTypes,
        7,
      );
    expect(() => ticket(18, { requested: [17] })).toThrow(
      "its session key is aes256-cts-hmac-sha1-96, which we did not",
    );
    const plain = ticket(17, { requested: [17] });
    expect(plain).toMatchObject({
      flags: 4,
      clockOffsetMs: 7,
      authTime: date(0),
      startTime: date(0),
      endTime: date(9),
    });
    for (const name of ["renewTill", "addresses", "isUserToUser"]) expect(plain).not.toHaveProperty(name);
    expect(JSON.stringify(plain)).not.toContain('"ticket"');
    const caddr = [{ addrType: 2, address: Uint8Array.of(192, 0, 2, 1) }];
    const full = ticket(
      18,
      { renewLifetimeSeconds: 99, kdcOptions: KDC_OPTION.encTktInSkey },
      {
        renewTill: date(99),
        starttime: date(1),
        caddr,
      },
    );
    expect(full).toMatchObject({ renewTill: date(99), startTime: date(1), isUserToUser: true });
    expect(full.addresses).toEqual([{ type: 2, octets: Uint8Array.of(192, 0, 2, 1) }]);
    // Not asked for, it does not count.
    expect(ticket(18, {}, { renewTill: date(99) })).not.toHaveProperty("renewTill");
  });

  it("what cannot be trusted, and what the KDC sealed, are said apart", () => {
    expect(modified("x").message).toMatch(/cannot be trusted: x; someone may be changing messages/);
    expect(unasked("x").message).toMatch(
      /^the KDC gave another ticket than was asked for: x; the KDC does not keep to/,
    );
    expect(unasked("x", "do y").message).toMatch(/: x; do y$/);
  });
});

describe("a new password", () => {
  const octets = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);
  it.each([
    ["of one character", "x"],
    ["of one octet", octets(1)],
    ["as long as fits", "x".repeat(0xffff)],
    ["as many octets", octets(0xffff)],
  ])("%s is taken", (_, value) => {
    expect(() => checkNewPassword(value)).not.toThrow();
  });

  it.each<[string, unknown, typeof TypeError | typeof RangeError, string]>([
    ["nothing", undefined, TypeError, "newPassword is undefined: it must be a string, or the octets"],
    ["a number", 5, TypeError, "newPassword is a number"],
    ["a list", ["hunter2"], TypeError, "newPassword is an array"],
    ["an empty text", "", RangeError, "newPassword is empty"],
    ["no octets", octets(0), RangeError, "newPassword is empty"],
    ["a text that is too long", "x".repeat(0x10000), RangeError, "newPassword is too long"],
    ["too many octets", octets(0x10000), RangeError, "newPassword is too long"],
    ["a text with a NUL", "hunter2\0", RangeError, "newPassword has a NUL"],
    ["octets with a NUL", Uint8Array.of(0x61, 0, 0x62), RangeError, "newPassword has a NUL"],
  ])("that is %s is refused, and not quoted", (_, value, kind, words) => {
    expect(() => checkNewPassword(value)).toThrow(kind);
    expect(() => checkNewPassword(value)).toThrow(words);
    expect(() => checkNewPassword(value)).not.toThrow("hunter2");
  });
});
