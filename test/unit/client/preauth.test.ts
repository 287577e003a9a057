import { afterEach, beforeEach, expect, it } from "vitest";
import type { PlainFaultName, TestRealm } from "../../../src/entry/testing.ts";
import { decodeKrbError, encodeKrbError, registeredNames } from "../../../src/krb5/index.ts";
import { logIn, refusal, startRealm } from "./harness.ts";

let realm: TestRealm;
let sent: Uint8Array[];
beforeEach(async () => {
  realm = await startRealm();
  sent = [];
});
afterEach(() => realm.close());

it.each<[string, PlainFaultName, RegExp]>([
  ["P2", "pa-etype-info2-unasked", /^ETYPE_NOT_PERMITTED: .* no key of alice@TEST\.EXAMPLE .* only of /],
  ["P3", "low-iterations", /^BAD_STRING_TO_KEY_PARAMETERS: .*4095 iterations, fewer/],
  ["P3", "zero-iterations", /^BAD_STRING_TO_KEY_PARAMETERS: .*which means/],
  ["P3", "huge-iterations", /^BAD_STRING_TO_KEY_PARAMETERS: .*more than the most/],
  ["P3", "s2kparams-length", /^BAD_STRING_TO_KEY_PARAMETERS: .*3 octets where exactly 4/],
  ["P4", "pa-etype-info2-undecodable", /^PREAUTH: .*its salt cannot be trusted/],
  ["P4", "pa-etype-info-only", /^ETYPE_NOT_PERMITTED: .* no key of alice@TEST\.EXAMPLE .*new password/],
  ["P4", "pa-pw-salt-only", /^ETYPE_NOT_PERMITTED: .* no key of alice@TEST\.EXAMPLE .*new password/],
  [
    "P6",
    "encrypted-timestamp-missing",
    /^PREAUTH_UNSUPPORTED: .* wants a mechanism that this login does not have: .*; give a certificate/,
  ],
])("%s: %s is refused before a proof is sent", async (_, name, message) => {
  realm.fault({ name });
  expect(await refusal(logIn(realm, {}, { sent }))).toMatch(message);
  expect(sent).toHaveLength(1);
});

it("P5: PREAUTH_REQUIRED after the proof ends the exchange", async () => {
  realm.fault({ name: "preauth-required" });
  expect(await refusal(logIn(realm, { names: registeredNames() }, { sent }))).toMatch(
    /^PREAUTH: .*wants more pre-authentication/,
  );
  expect(sent).toHaveLength(2);
});

it.each([1, 2])("P7: the clock is adapted to once (%i errors)", async (count) => {
  const before = (index: number): void => {
    if (index === 1) realm.fault({ name: "krb-error", code: 37, count });
  };
  const run = logIn(realm, {}, { sent, before });
  if (count === 1) await run;
  else expect(await refusal(run)).toMatch(/^CLOCK_SKEW: /);
  expect(sent).toHaveLength(3);
});

it("P7: an error of a KDC whose clock is at the end of the calendar is adapted to without leaving it", async () => {
  const end = new Date(Date.UTC(9999, 11, 31, 23, 59, 59));
  const reply = (octets: Uint8Array, index: number): Uint8Array =>
    index === 0 ? encodeKrbError({ ...decodeKrbError(octets), stime: end }) : octets;
  // A second goes by with each look at the clock: the calendar would be left. The proof of that time is refused with the KDC's
  // right one, which is adapted to once.
  let looks = 0;
  await logIn(realm, { now: () => Date.now() + 1000 * looks++ }, { reply, sent });
  expect(sent).toHaveLength(3);
});

it("A11: a reply whose time is at the end of the calendar is refused", async () => {
  const seconds = Math.floor((Date.UTC(9999, 11, 31, 0, 2) - Date.now()) / 1000);
  await using late = await startRealm({ clockOffsetSeconds: seconds });
  expect(await refusal(logIn(late))).toMatch(/^REPLY_MODIFIED: .*end of the calendar/);
});

it("P1, P8: an error in the clear ends the exchange and is not answered with a weaker request", async () => {
  realm.fault({ name: "krb-error", code: 60, count: 1 });
  await refusal(logIn(realm, {}, { sent }));
  expect(sent).toHaveLength(1);
  await logIn(realm);
});

it("P11: a wrong password is tried once", async () => {
  expect(await refusal(logIn(realm, { password: "wrong" }, { sent }))).toMatch(/^WRONG_PASSWORD: /);
  expect(sent).toHaveLength(2);
});
