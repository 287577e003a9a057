// What a cache holds after a login, what is said of one that does not help, and whether a login proves before it is
// asked: each of their conditions by itself.

import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/bytes/index.ts";
import type { EarlierLogin, LoginRecord } from "../../../src/client/as/earlier-logins.ts";
import { firstProof } from "../../../src/client/as/unasked-proof.ts";
import { contentsOfLogin, passwordSecret } from "../../../src/client/index.ts";
import { checkTimes } from "../../../src/client/reply-checks.ts";
import { contentsAfter, noTicketsIn, refreshTimeIn } from "../../../src/client/tickets/cache-contents.ts";
import { refreshTimeOf } from "../../../src/client/tickets/tgt-source.ts";
import type { CacheContents, CredentialCache } from "../../../src/credentials/index.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { parsePrincipal, type ServiceTicket, tgsPrincipal } from "../../../src/krb5/index.ts";
import { encTypes } from "./harness.ts";

const alice = parsePrincipal("alice@TEST.EXAMPLE");
const bob = parsePrincipal("bob@TEST.EXAMPLE");
const host = parsePrincipal("host/a@TEST.EXAMPLE");
const tgs = tgsPrincipal("TEST.EXAMPLE");
const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const sessionKey = encTypes.generateKey(18);

const ticket = (over: Partial<ServiceTicket> = {}): ServiceTicket => ({
  client: alice,
  service: tgs,
  sessionKey,
  ticket: Uint8Array.of(0x61, 0),
  flags: 0,
  authTime: new Date(NOW),
  startTime: new Date(NOW),
  endTime: new Date(NOW + HOUR),
  clockOffsetMs: 0,
  ...over,
});

const credentialOf = (over: Partial<ServiceTicket>) => {
  const { credentials = [] } = contentsOfLogin({ ticket: ticket(over), isFastAvailable: false });
  return credentials[0] as CacheContents["credentials"][number];
};

const held = (...credentials: CacheContents["credentials"][number][]): CacheContents => ({
  principal: alice,
  credentials,
  config: [],
});

describe("what a cache holds after a renewal", () => {
  const renewed = (old: CacheContents, over: Partial<ServiceTicket> = {}, isRefreshedAtHalf = false) =>
    contentsAfter({ ticket: ticket(over) }, old, { principal: alice, isRefreshedAtHalf }, NOW);
  const servers = (contents: ReturnType<typeof renewed>) =>
    (contents.credentials ?? []).map(({ server, client }) => `${client.components[0]} ${server.components[0]}`);

  it.each<[string, Partial<ServiceTicket>, Partial<ServiceTicket>, boolean]>([
    ["a service ticket that is good", { service: host }, {}, true],
    ["one that ends this moment", { service: host, endTime: new Date(NOW) }, {}, false],
    [
      "one that has ended by the KDC's clock",
      { service: host, endTime: new Date(NOW + 1000) },
      { clockOffsetMs: 1000 },
      false,
    ],
    ["another client's", { service: host, client: bob }, {}, false],
    ["the ticket that was renewed", {}, {}, false],
  ])("of %s: %j", (_, old, over, isKept) => {
    expect(servers(renewed(held(credentialOf(old)), over))).toHaveLength(isKept ? 2 : 1);
  });

  it("is one time of refreshment, the new one, and what else was noted", () => {
    const note = (key: string, value: string) => ({ key, value: encodeText(value) });
    const old = { ...held(), config: [note("refresh_time", "7"), note("fast_avail", "yes")] };
    const fresh = renewed(old, {}, true);
    expect(fresh.config?.map(({ key }) => key)).toEqual(["fast_avail", "refresh_time"]);
    expect(refreshTimeIn({ ...held(), config: fresh.config ?? [] })).toBe(NOW + HOUR / 2);
    expect(renewed(old).config?.map(({ key }) => key)).toEqual(["fast_avail"]);
  });
});

describe("a time of refreshment", () => {
  it("is for ticket-granting tickets, where the credentials want one", () => {
    expect(refreshTimeOf({ isRefreshedAtHalf: true }, ticket())).toBe(NOW + HOUR / 2);
    expect(refreshTimeOf({ isRefreshedAtHalf: false }, ticket())).toBeUndefined();
    expect(refreshTimeOf({ isRefreshedAtHalf: true }, ticket({ service: host }))).toBeUndefined();
  });

  it.each([
    ["", undefined],
    ["soon", undefined],
    ["-5", undefined],
    ["0", undefined],
    ["1.5", undefined],
    ["5", 5000],
  ])("that is noted as %j is %s", (value, expected) => {
    const config = [{ key: "refresh_time", value: encodeText(value) }];
    expect(refreshTimeIn({ ...held(), config })).toBe(expected);
  });
});

describe("tickets that do not help", () => {
  const cache = { name: "FILE:/tmp/cc" } as CredentialCache;
  const said = (contents: CacheContents | undefined) => noTicketsIn(contents, cache, { principal: alice }, NOW);
  const ended = { endTime: new Date(NOW) };

  it.each<[string, CacheContents | undefined, string]>([
    ["no cache", undefined, "NO_CREDENTIAL"],
    ["an empty one", held(), "NO_CREDENTIAL"],
    ["one that is good", held(credentialOf({})), "NO_CREDENTIAL"],
    ["one that ended", held(credentialOf(ended)), "TICKET_EXPIRED"],
    ["one that ended by the KDC's clock", { ...held(credentialOf({})), clockOffsetMs: HOUR }, "TICKET_EXPIRED"],
    ["one that ended and one that did not", held(credentialOf(ended), credentialOf({})), "NO_CREDENTIAL"],
    ["a service ticket that ended", held(credentialOf({ ...ended, service: host })), "NO_CREDENTIAL"],
    [
      "one that ended, and a service ticket that did not",
      held(credentialOf(ended), credentialOf({ service: host })),
      "TICKET_EXPIRED",
    ],
    ["another's that ended", held(credentialOf({ ...ended, client: bob })), "NO_CREDENTIAL"],
  ])("%s: %#", (_, contents, code) => {
    expect(said(contents).code).toBe(code);
  });

  it("are said to be others' where none is one's own", () => {
    expect(said(held(credentialOf({ client: bob }))).message).toContain("those in it are of bob@TEST.EXAMPLE");
    expect(said(held(credentialOf({}), credentialOf({ client: bob }))).message).not.toContain("those in it");
  });
});

it("the mechanism of a login stands in its cache where it is known", () => {
  const keys = (preauthType?: number) =>
    contentsOfLogin({
      ticket: ticket(),
      isFastAvailable: false,
      ...(preauthType === undefined ? {} : { preauthType }),
    }).config?.map(({ key, value }) => `${key} ${new TextDecoder().decode(value)}`);
  expect(keys()).toEqual([]);
  expect(keys(2)).toEqual(["pa_type 2"]);
});

describe("A10: how long a ticket can be renewed", () => {
  const check = (rtime: number | undefined, renewTill: number | undefined) =>
    checkTimes(
      { till: new Date(NOW + HOUR), ...(rtime === undefined ? {} : { rtime: new Date(rtime) }) } as never,
      {
        authtime: new Date(NOW),
        endtime: new Date(NOW + HOUR),
        flags: 0,
        ...(renewTill === undefined ? {} : { renewTill: new Date(renewTill) }),
      } as never,
      NOW,
      300_000,
    );

  it("is no longer than was asked for, where it was asked for", () => {
    expect(() => check(NOW, NOW)).not.toThrow();
    expect(() => check(NOW, NOW + 1)).toThrow("renewed for longer");
    expect(() => check(NOW, undefined)).not.toThrow();
    // What nobody asked for does not count: ticketOf leaves it out.
    expect(() => check(undefined, NOW + HOUR)).not.toThrow();
  });
});

describe("DT3: a login proves before it is asked", () => {
  const robot = passwordSecret(alice, "secret", { salt: "salt" });
  const usual = {
    client: alice,
    service: tgs,
    secret: robot,
    encTypes,
    trace: () => {},
    now: () => NOW,
    skewMs: 300_000,
    isTimestampFirst: true,
  };
  const record = (login?: EarlierLogin): LoginRecord => ({ login, keep: () => true }) as LoginRecord;
  it.each<[string, object, EarlierLogin | undefined, boolean]>([
    ["where it is told to and nothing is known", {}, undefined, true],
    ["not where it is not told to", { isTimestampFirst: undefined }, undefined, false],
    ["not where the secret has logged in, or failed to", {}, { proof: undefined, floor: undefined }, false],
    ["not where armor is to be had", { rearm: async () => {} }, undefined, false],
    ["not inside an envelope", { envelope: {} }, undefined, false],
    ["not with a password whose salt is not known", { secret: passwordSecret(alice, "secret") }, undefined, false],
  ])("%s", (_, change, login, doesIt) => {
    const proof = firstProof({ ...usual, ...change } as never, record(login));
    expect(proof).toEqual(
      doesIt ? { mechanism: PADATA.encTimestamp, hint: { etype: 18, salt: "salt" }, clockOffsetMs: 0 } : undefined,
    );
  });
});
