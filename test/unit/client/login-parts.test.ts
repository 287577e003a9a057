// The parts of a login by themselves: the floor of its key, its referrals, what it remembers of others, and the clock.

import { describe, expect, it } from "vitest";
import { EarlierLogins, forgetProof, keepProof, type LoginRecord } from "../../../src/client/as/earlier-logins.ts";
import { KdcClock } from "../../../src/client/as/kdc-clock.ts";
import { checkFloor, countOf } from "../../../src/client/as/key-floor.ts";
import { LoginMemory } from "../../../src/client/as/login-memory.ts";
import { LoginNames } from "../../../src/client/as/login-names.ts";
import { LoginStrength } from "../../../src/client/as/login-strength.ts";
import { mayProve, notTaken, otherHint } from "../../../src/client/as/unasked-proof.ts";
import { passwordSecret } from "../../../src/client/index.ts";
import { LAST_KDC_TIME_MS } from "../../../src/client/kdc-request.ts";
import { DirectTickets } from "../../../src/client/tickets/direct-tickets.ts";
import { CredentialError, PreauthError } from "../../../src/errors.ts";
import { NAME_TYPE, PADATA } from "../../../src/iana/index.ts";
import { type KrbError, type Principal, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { encTimestamp } from "../../../src/preauth/index.ts";
import type { TraceStep } from "../../../src/trace.ts";
import { encTypes } from "./harness.ts";

const ALICE = parsePrincipal("alice@TEST.EXAMPLE");
const NOW = Date.UTC(2026, 5, 1, 12);
const count = (number: number): Uint8Array => {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, number);
  return octets;
};

describe("P15: a key that is weaker than one that the KDC proved before", () => {
  const requested = [18, 17, 20];
  it.each<[string, Parameters<typeof checkFloor>[0], Parameters<typeof checkFloor>[1]]>([
    ["nothing was proved", { etype: 17, s2kparams: count(1) }, undefined],
    ["what was proved is not asked for now", { etype: 17 }, { etype: 23 }],
    ["the same", { etype: 18 }, { etype: 18 }],
    ["as many iterations", { etype: 18, s2kparams: count(5000) }, { etype: 18, s2kparams: count(5000) }],
    ["the default, named", { etype: 18, s2kparams: count(4096) }, { etype: 18 }],
    ["more iterations", { etype: 18, s2kparams: count(5001) }, { etype: 18, s2kparams: count(5000) }],
    ["an enctype that is asked for before it", { etype: 18, s2kparams: count(1) }, { etype: 17 }],
  ])("is not one: %s", (_, hint, floor) => {
    expect(() => checkFloor(hint, floor, requested, ALICE)).not.toThrow();
  });

  it.each<[string, Parameters<typeof checkFloor>[0], NonNullable<Parameters<typeof checkFloor>[1]>, string]>([
    [
      "one iteration less",
      { etype: 18, s2kparams: count(4999) },
      { etype: 18, s2kparams: count(5000) },
      "wants 4999 iterations for alice@TEST.EXAMPLE, and the KDC proved 5000",
    ],
    [
      "less than the default",
      { etype: 20, s2kparams: count(32_767) },
      { etype: 20 },
      "wants 32767 iterations for alice@TEST.EXAMPLE, and the KDC proved 32768",
    ],
    ["the default, of more", { etype: 18 }, { etype: 18, s2kparams: count(4097) }, "wants 4096 iterations"],
    [
      "an enctype that is asked for after it",
      { etype: 17 },
      { etype: 18 },
      "wants a key of aes128-cts-hmac-sha1-96 for alice@TEST.EXAMPLE, and the KDC proved aes256-cts-hmac-sha1-96",
    ],
  ])("is refused: %s", (_, hint, floor, words) => {
    expect(() => checkFloor(hint, floor, requested, ALICE)).toThrow(
      expect.objectContaining({ code: "PREAUTH", realm: "TEST.EXAMPLE", message: expect.stringContaining(words) }),
    );
  });

  it("counts by the hint's four octets, or the enctype's own count", () => {
    const counts = [17, 18, 19, 20, 23].map((etype) => countOf({ etype }));
    expect(counts).toEqual([4096, 4096, 32_768, 32_768, 0]);
    expect(countOf({ etype: 18, s2kparams: count(7) })).toBe(7);
    expect(countOf({ etype: 18, s2kparams: count(7).subarray(1) })).toBe(4096);
    expect(countOf({ etype: 18, s2kparams: new Uint8Array(5) })).toBe(4096);
  });
});

describe("A15: a referral of a client", () => {
  const failure = new PreauthError("PREAUTH", "elsewhere");
  const trace = (): void => {};
  const names = (canonicalize: boolean, client = ALICE, service = tgsPrincipal("TEST.EXAMPLE")) =>
    new LoginNames(client, service, canonicalize);

  it("is followed where it was asked for, and moves both names", () => {
    const login = names(true);
    expect(login.isReferred).toBe(false);
    login.follow("OTHER.EXAMPLE", failure, trace);
    expect(login.isReferred).toBe(true);
    expect(login.now).toEqual({ client: { ...ALICE, realm: "OTHER.EXAMPLE" }, service: tgsPrincipal("OTHER.EXAMPLE") });
    const service = parsePrincipal("kadmin/changepw@TEST.EXAMPLE");
    const other = names(true, ALICE, service);
    other.follow("OTHER.EXAMPLE", failure, trace);
    expect(other.service).toEqual({ ...service, realm: "OTHER.EXAMPLE" });
    const enterprise = names(false, { ...ALICE, nameType: NAME_TYPE.enterprise });
    expect(enterprise.isEnterprise).toBe(true);
    enterprise.follow("OTHER.EXAMPLE", failure, trace);
    expect(enterprise.client.realm).toBe("OTHER.EXAMPLE");
  });

  it.each<[string, boolean, string | undefined]>([
    ["that was not asked for", false, "OTHER.EXAMPLE"],
    ["to no realm", true, undefined],
    ["to an empty realm", true, ""],
    ["to the realm that says so", true, "TEST.EXAMPLE"],
  ])("%s is the KDC's failure", (_, canonicalize, realm) => {
    expect(() => names(canonicalize).follow(realm, failure, trace)).toThrow(failure);
  });

  it("A14: is followed five times, and not a sixth", () => {
    const login = names(true);
    const events: TraceStep[] = [];
    for (let n = 1; n <= 5; n++) login.follow(`R${n}`, failure, (event) => void events.push(event));
    expect(() => login.follow("R6", failure, trace)).toThrow(
      expect.objectContaining({ code: "REFERRAL", message: expect.stringContaining("of alice@TEST.EXAMPLE") }),
    );
    expect(events[1]).toMatchObject({ type: "referral", from: "R1", to: "R2" });
  });
});

describe("what logins remember of each other", () => {
  const secret = passwordSecret(ALICE, "secret");
  const proof = { mechanism: 2, hint: { etype: 18 }, clockOffsetMs: 0 };

  it("is for the same secret of the same client alone", () => {
    const earlier = new EarlierLogins(encTypes.provider);
    expect(earlier.of(ALICE, secret).login).toBeUndefined();
    keepProof(earlier.of(ALICE, secret), proof);
    expect(earlier.of(ALICE, passwordSecret(ALICE, "secret")).login).toMatchObject({ proof, floor: proof.hint });
    expect(earlier.of(ALICE, passwordSecret(ALICE, "other")).login).toBeUndefined();
    const bob = parsePrincipal("bob@TEST.EXAMPLE");
    expect(earlier.of(bob, passwordSecret(bob, "secret")).login).toBeUndefined();
    // A secret that nothing tells from others is not kept.
    const { identity: _, ...nameless } = Object.assign(Object.create(null), secret) as typeof secret;
    expect(earlier.of(ALICE, nameless as typeof secret).keep({ proof, floor: undefined })).toBe(false);
  });

  it("is of the 64 that were used last", () => {
    const earlier = new EarlierLogins(encTypes.provider);
    const own = (n: number): Principal => ({ ...ALICE, components: [`user ${n}`] });
    const known = (n: number) => earlier.of(own(n), passwordSecret(own(n), "secret")).login !== undefined;
    const use = (n: number) => keepProof(earlier.of(own(n), passwordSecret(own(n), "secret")), proof);
    for (let n = 0; n < 64; n++) use(n);
    use(0);
    expect([known(0), known(1)]).toEqual([true, true]);
    use(64);
    expect([known(0), known(1), known(2), known(64)]).toEqual([true, false, true, true]);
  });

  it("a KDC that wants to be asked first is, at each login from then on", () => {
    const kept: Parameters<LoginRecord["keep"]>[0][] = [];
    const record = (login: LoginRecord["login"]): LoginRecord => ({ login, keep: (one) => kept.push(one) > 0 });
    keepProof(record(undefined), proof);
    keepProof(record(undefined), { ...proof, isAskedFirst: true });
    keepProof(record({ proof: undefined, floor: undefined, isAskedFirst: true }), proof);
    forgetProof(record({ proof, floor: proof.hint }));
    forgetProof(record(undefined), true);
    expect(kept).toEqual([
      { proof, floor: proof.hint, isAskedFirst: false },
      { proof: undefined, floor: proof.hint, isAskedFirst: false },
      { proof: undefined, floor: proof.hint, isAskedFirst: true },
      { proof: undefined, floor: proof.hint, isAskedFirst: false },
      { proof: undefined, floor: undefined, isAskedFirst: true },
    ]);
  });

  it("P17: what a login hid counts for a day, for its kind of secret, and of 64 at the most", () => {
    const strength = new LoginStrength();
    const types = [PADATA.encTimestamp];
    strength.note(ALICE, secret, [], NOW);
    expect(strength.find(ALICE, secret, NOW)).toBeUndefined();
    strength.note(ALICE, secret, types, NOW);
    const untilMs = NOW + 86_400_000;
    expect(strength.find(ALICE, secret, untilMs - 1)).toEqual({ types, untilMs });
    expect(strength.find(ALICE, secret, untilMs)).toBeUndefined();
    expect(strength.find(ALICE, { ...secret, kind: "keytab" }, NOW)).toBeUndefined();
    for (let n = 0; n < 63; n++) strength.note({ ...ALICE, components: [`${n}`] }, secret, types, NOW);
    expect(strength.find(ALICE, secret, NOW)).toBeDefined();
    strength.note({ ...ALICE, components: ["63"] }, secret, types, NOW);
    expect(strength.find(ALICE, secret, NOW)).toBeUndefined();
  });

  it("what an error means for a secret is the error's own, and of no other value", () => {
    const memory = new LoginMemory(encTypes.provider);
    const error = new Error("refused");
    const given = { mechanism: 2 } as never;
    expect(memory.mark(error, "everyone")).toBe(error);
    memory.noteGiven(error, given);
    expect([memory.restOf(error), memory.givenBy(error)]).toEqual(["everyone", given]);
    const other = new Error("refused");
    memory.noteGiven(other, undefined);
    expect([memory.restOf(other), memory.givenBy(other)]).toEqual(["nobody", undefined]);
    for (const value of [null, undefined, "refused", 5]) {
      expect(memory.mark(value, "process")).toBe(value);
      memory.noteGiven(value, given);
      expect([memory.restOf(value), memory.givenBy(value)]).toEqual(["nobody", undefined]);
    }
  });
});

describe("the KDC's clock", () => {
  it("is what its error says, to the end of the calendar; a trace tells of more than two seconds", () => {
    const events: TraceStep[] = [];
    const clock = new KdcClock(
      () => NOW,
      (event) => void events.push(event),
    );
    const note = (ms: number) => clock.note({ stime: new Date(NOW + ms) } as KrbError, "R");
    expect(clock.timeMs).toBe(NOW);
    for (const ms of [2000, -2000]) note(ms);
    expect(events).toEqual([]);
    for (const ms of [2001, -2001]) note(ms);
    expect(events).toMatchObject([
      { type: "clock-offset", realm: "R", seconds: 2 },
      { type: "clock-offset", realm: "R", seconds: -2 },
    ]);
    expect(clock.timeMs).toBe(NOW - 2001);
    clock.note({ stime: new Date(LAST_KDC_TIME_MS + 1) } as KrbError, "R");
    expect(clock.timeMs).toBe(LAST_KDC_TIME_MS);
  });
});

describe("a proof that nobody asked for", () => {
  const proof = { mechanism: PADATA.encTimestamp, hint: { etype: 18 }, clockOffsetMs: 0 };
  const options = (change: object = {}) =>
    ({ secret: passwordSecret(ALICE, "secret"), encTypes, preauth: [encTimestamp], ...change }) as never;
  const hidden = { types: [PADATA.encTimestamp], untilMs: NOW };
  const armored = { armor: {} };

  it.each<[string, object, boolean]>([
    ["as usual", {}, true],
    ["of an enctype that is asked for", { requested: [17, 18] }, true],
    ["of an enctype that is not asked for", { requested: [17] }, false],
    ["where armor is taken up as offered", { rearm: () => {} }, false],
    ["inside armor that can be made anew", { rearm: () => {}, envelope: armored }, true],
    ["where KDCs may differ", { allowPreauthDowngrade: true }, false],
    ["where the KDC took something stronger", { hidden }, false],
    ["where it took something else", { hidden: { ...hidden, types: [PADATA.spake] } }, true],
    ["inside armor, where nobody hears it", { hidden, envelope: armored }, true],
    ["by a mechanism that may not be used", { preauth: [] }, false],
  ])("may be sent %s: %j", (_, change, may) => {
    expect(mayProve(proof, options(change))).toBe(may);
  });

  it("that is not taken has an error of its own: a first one, and one that the KDC took before", () => {
    const cause = new Error("why");
    expect(notTaken(ALICE, true, cause).message).toMatch(
      /^the KDC wants to be asked before .* proves its key: nothing/,
    );
    expect(notTaken(ALICE, false, cause).message).toContain(", and did not when it took the last proof: nothing");
    const wrong = new PreauthError("WRONG_PASSWORD", "wrong", { principal: "alice", cause }) as never;
    const keytab = new CredentialError("KEYTAB", "wrong", { reason: "rejected", principal: "alice" }) as never;
    expect(otherHint(wrong, "alice", true)).toMatchObject({ code: "WRONG_PASSWORD", cause: wrong });
    expect(otherHint(wrong, "alice", true).message).toContain("correct the salt");
    expect(otherHint(wrong, "alice", false).message).toContain("that it took before");
    expect(otherHint(keytab, "alice", false)).toMatchObject({ code: "KEYTAB", reason: "rejected", cause: keytab });
  });
});

describe("DT1: a ticket for a service in the login itself", () => {
  const HOST = parsePrincipal("host/server@TEST.EXAMPLE");
  const notes: string[] = [];
  const trace = (event: TraceStep): void => {
    if (event.type === "note") notes.push(event.text);
  };
  const of = (change: Partial<ConstructorParameters<typeof DirectTickets>[0]> = {}) =>
    new DirectTickets({ client: ALICE, configuredRealm: undefined, isKept: () => false, ...change });

  it("is asked for a service of the client's realm, by its whole name", () => {
    expect(of().nameOf(HOST, trace)).toEqual(HOST);
    const configuredRealm = (host: string) => (host === "server" ? "TEST.EXAMPLE" : undefined);
    expect(of({ configuredRealm }).nameOf({ ...HOST, realm: "" }, trace)).toEqual(HOST);
    expect(notes).toEqual([]);
  });

  it.each<[string, Principal, string | undefined]>([
    ["a ticket-granting service", tgsPrincipal("TEST.EXAMPLE"), undefined],
    ["another realm's", { ...HOST, realm: "OTHER" }, "it is of OTHER"],
    ["one whose realm is not known", { ...HOST, realm: "" }, "the configuration does not give its realm"],
    ["one without a host", parsePrincipal("server@"), "the configuration does not give its realm"],
  ])("is not asked for %s", (_, service, why) => {
    notes.length = 0;
    expect(of().nameOf(service, trace)).toBeUndefined();
    expect(notes).toEqual(why === undefined ? [] : [expect.stringMatching(`^no direct ticket for .*: ${why}$`)]);
  });

  it("is not asked again where the KDC gave none so: of 64 services, those that were refused last", () => {
    const direct = of();
    const service = (n: number): Principal => ({ ...HOST, components: ["host", `${n}`] });
    for (let n = 0; n < 64; n++) direct.refuse(service(n));
    expect(direct.nameOf(service(0), trace)).toBeUndefined();
    direct.refuse(service(64));
    expect(direct.nameOf(service(0), trace)).toBeDefined();
    expect(direct.nameOf(service(64), trace)).toBeUndefined();
  });

  it("is asked for one service at a time, and for another when the first one's is gone", async () => {
    let isKept = true;
    const direct = of({ isKept: () => isKept });
    const other = { ...HOST, components: ["host", "other"] };
    await direct.run(HOST, async () => {
      expect(direct.nameOf(HOST, trace)).toEqual(HOST);
      isKept = false;
      expect(direct.nameOf(other, trace)).toBeUndefined();
    });
    expect(direct.nameOf(other, trace)).toEqual(other);
    isKept = true;
    expect(direct.nameOf(other, trace)).toBeUndefined();
    const failed = direct.run(other, async () => Promise.reject(new Error("no")));
    await expect(failed).rejects.toThrow("no");
    isKept = false;
    expect(direct.nameOf(HOST, trace)).toEqual(HOST);
  });
});

it("a password's keys are kept by their hints, of which anybody can name as many as they like: eight at the most", async () => {
  const secret = passwordSecret(ALICE, "secret", { allowWeakIterations: true });
  const keyOf = (salt: number) => secret.key(encTypes, { etype: 18, salt: `salt ${salt}`, s2kparams: count(1) });
  const first = await keyOf(0);
  for (let salt = 1; salt < 8; salt++) await keyOf(salt);
  expect(await keyOf(0)).toBe(first);
  await keyOf(8);
  const again = await keyOf(0);
  expect(again).not.toBe(first);
  expect(await keyOf(0)).toBe(again);
});
