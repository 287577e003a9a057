import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTgsRequest } from "../../../src/client/tgs/tgs-exchange.ts";
import type { PlainFaultName, TestRealm } from "../../../src/entry/testing.ts";
import { formatPrincipal, parsePrincipal, type ServiceTicket } from "../../../src/krb5/index.ts";
import { logIn, refusal, startRealm, tgsOptions, walk } from "./harness.ts";

let realm: TestRealm;
let other: TestRealm;
let tgt: ServiceTicket;

beforeEach(async () => {
  realm = await startRealm();
  other = await startRealm({ realm: "OTHER.EXAMPLE", principals: { "host/far.example": {} } });
  other.trust(realm);
  tgt = await logIn(realm, { renewLifetimeSeconds: 7200 });
});
afterEach(() => Promise.all([realm.close(), other.close()]));

describe("TGS-REP", () => {
  it("T1 to T6: a reply as it must be gives the ticket", async () => {
    expect(formatPrincipal((await walk(realm, tgt)).service)).toBe("host/localhost@TEST.EXAMPLE");
  });

  it.each<[string, PlainFaultName, RegExp]>([
    ["T1", "wrong-application-tag", /^REPLY_MODIFIED: .*answered a TGS-REQ with another message/],
    ["T1", "wrong-msg-type", /^DECODE: TGS-REP\.msg-type: 11 where only 13/],
    ["T2", "session-key-reply", /^INTEGRITY: /],
    ["T2", "enc-part-etype", /^BAD_KEY: the octets are encrypted with/],
    ["T3", "other-client-name", /^REPLY_MODIFIED: .*our ticket-granting ticket is that of alice/],
    ["T4", "ticket-name-mismatch", /^REPLY_MODIFIED: .*its ticket is labelled/],
    ["T4", "other-server-name", /^REPLY_MODIFIED: .*it is for host\/other\.example@TEST\.EXAMPLE, we asked for host/],
    ["T6", "wrong-nonce", /^REPLY_MODIFIED: .*its nonce/],
    ["T6", "endtime-too-late", /^REPLY_MODIFIED: .*lasts longer/],
    ["T6", "already-ended", /^CLOCK_SKEW: /],
    ["T6", "future-time", /^CLOCK_SKEW: /],
    ["X3", "referral-not-krbtgt", /^REPLY_MODIFIED: .*it is for afs/],
    ["X3", "referral-one-component", /^REPLY_MODIFIED: .*it is for krbtgt@/],
    ["X3", "referral-three-components", /^REPLY_MODIFIED: .*it is for krbtgt\/OTHER\.EXAMPLE\/more/],
    ["X3", "referral-other-issuer", /^REPLY_MODIFIED: .*it is for krbtgt\/OTHER\.EXAMPLE@ELSEWHERE/],
    // It is asked again without CANONICALIZE, as libkrb5 does.
    ["X2", "referral-to-self", /^REPLY_MODIFIED: .*it is for krbtgt\/TEST\.EXAMPLE@TEST/],
    ["X2", "referral-loop", /^REFERRAL: .*form a loop/],
  ])("%s: %s is refused", async (rule, name, message) => {
    for (const one of [realm, other]) one.fault({ on: "tgs-rep", name });
    const isReferral = rule.startsWith("X");
    expect(await refusal(walk(realm, tgt, isReferral ? "host/localhost" : "host/localhost@TEST.EXAMPLE"))).toMatch(
      message,
    );
  });

  it("T5: another name is refused where canonicalization was asked for", async () => {
    realm.fault({ on: "tgs-rep", name: "other-server-name" });
    expect(await refusal(walk(realm, tgt, "host/localhost"))).toContain("it is for host/other.example");
  });

  it("T8: each request has a nonce and a sub-key of its own", () => {
    const made = [1, 2, 3].map(() => createTgsRequest(tgt, parsePrincipal("host/localhost@TEST.EXAMPLE"), tgsOptions));
    expect(new Set(made.map(({ request }) => request.nonce)).size).toBe(3);
    expect(new Set(made.map(({ subkey }) => String(subkey.octets))).size).toBe(3);
  });

  it("T9: a ticket-granting ticket that has ended is not used", async () => {
    const ended = { ...tgt, endTime: new Date(Date.now() - 1000) };
    expect(await refusal((async () => walk(realm, ended))())).toMatch(/^TICKET_EXPIRED: .*log in again/);
  });

  it("X1: a service of a neighbour is found by one referral", async () => {
    expect(formatPrincipal((await walk(realm, tgt, "host/far.example")).service)).toBe(
      "host/far.example@OTHER.EXAMPLE",
    );
  });
});
