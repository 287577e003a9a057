// The state machine of a login, and what it says of itself: what of the secret was given away, what the next login may begin
// with, and whether another KDC may be asked.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { armorOf } from "../../../src/client/as/armor-source.ts";
import type { AsExchangeOptions } from "../../../src/client/as/as-options.ts";
import { runDirectLogin } from "../../../src/client/as/direct-login.ts";
import { LoginMemory } from "../../../src/client/as/login-memory.ts";
import { type LoginParts, marked } from "../../../src/client/as/logins.ts";
import { AsExchange, explicitArmor, keytabSecret, passwordSecret } from "../../../src/client/index.ts";
import { Keytab } from "../../../src/credentials/index.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { KdcError, PreauthError, TransportError } from "../../../src/errors.ts";
import { PADATA } from "../../../src/iana/index.ts";
import { createKrbError, parsePrincipal, type ServiceTicket, tgsPrincipal } from "../../../src/krb5/index.ts";
import { encTimestamp, spake } from "../../../src/preauth/index.ts";
import type { KdcAnswer } from "../../../src/transport/index.ts";
import { allEncTypes, encTypes, startRealm, tgsOptions } from "./harness.ts";

const REALM = "TEST.EXAMPLE";
const alice = parsePrincipal(`alice@${REALM}`);
const tgs = tgsPrincipal(REALM);
const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;

let realm: TestRealm;
beforeEach(async () => {
  realm = await startRealm();
});
afterEach(() => realm.close());

const optionsOf = (change: Partial<AsExchangeOptions> = {}): AsExchangeOptions => ({
  client: alice,
  service: tgs,
  secret: passwordSecret(alice, "secret"),
  encTypes,
  trace: () => {},
  now: Date.now,
  skewMs: 300_000,
  preauth: [encTimestamp],
  ...change,
});
const answer = async (octets: Uint8Array, at = REALM, to = realm) => await to.transport.exchange(at, octets);
const requestOf = (step: Awaited<ReturnType<AsExchange["step"]>>): Uint8Array => {
  if (step.type !== "send") throw new Error("it is done");
  return step.request;
};
const keysOf = (...etypes: number[]) =>
  new Keytab(
    etypes.map((etype) => ({
      principal: alice,
      timestamp: new Date(0),
      kvno: 1,
      keyBlock: { etype, octets: new Uint8Array(etype === 17 ? 16 : 32).fill(etype) },
    })),
  );

const kdcError = (code: number) => new KdcError("KDC", "no", { errorCode: code, errorName: "E" });

describe("a login", () => {
  it("takes a reply after it was started, and none after its end, however it ended", async () => {
    const over = /^this AS exchange is over or was not started: begin another$/;
    const early = new AsExchange(optionsOf());
    await expect(early.step(new Uint8Array())).rejects.toThrow(over);
    const good = new AsExchange(optionsOf());
    const asked = await answer(requestOf(good.start()));
    const taken = await answer(requestOf(await good.step(asked)));
    expect((await good.step(taken)).type).toBe("done");
    await expect(good.step(taken)).rejects.toThrow(over);
    const bad = new AsExchange(optionsOf());
    bad.start();
    await expect(bad.step(new Uint8Array())).rejects.toMatchObject({ code: "REPLY_MODIFIED" });
    await expect(bad.step(asked)).rejects.toThrow(over);
  });

  it("DT3, P19: says what it gave away, and what the next may begin with once it has a ticket", async () => {
    const exchange = new AsExchange(optionsOf({ now: () => Math.floor(Date.now() / 1000) * 1000 }));
    const seen = () => [exchange.given, exchange.proof, exchange.hidden, exchange.mayBeginElsewhere, exchange.login];
    expect(seen()).toEqual([undefined, undefined, [], true, undefined]);
    const first = requestOf(exchange.start());
    expect(seen()).toEqual([undefined, undefined, [], true, undefined]);
    const second = requestOf(await exchange.step(await answer(first)));
    const hint = { etype: 18, salt: "salt-of-alice" };
    const given = { mechanism: 2, hint, isRepeatable: true, unasked: undefined };
    expect(seen()).toEqual([given, undefined, [], true, undefined]);
    await exchange.step(await answer(second));
    expect(exchange.proof).toMatchObject({
      mechanism: 2,
      hint,
      clockOffsetMs: expect.any(Number),
      isAskedFirst: false,
    });
    expect(exchange.proof?.askedAtMs).toBeGreaterThan(NOW - 1e13);
    expect([exchange.given, exchange.hidden]).toEqual([given, []]);
    expect(exchange.login?.preauthType).toBe(2);
  });

  it("that was sent on to another realm leaves no proof: it was another principal's", async () => {
    await using elsewhere = await startRealm({ realm: "OTHER.EXAMPLE" });
    elsewhere.trust(realm);
    realm.fault({ name: "wrong-realm", realm: "OTHER.EXAMPLE" });
    const exchange = new AsExchange(optionsOf({ canonicalize: true }));
    let step = exchange.start();
    while (step.type === "send") step = await exchange.step(await answer(step.request, step.realm));
    expect(exchange.login?.ticket.client.realm).toBe("OTHER.EXAMPLE");
    expect(exchange.proof).toBeUndefined();
  });

  it("of a client that needs no proof gives nothing away", async () => {
    await using open = await createTestRealm({
      realm: REALM,
      principals: { alice: { password: "secret", requirePreauth: false } },
    });
    const exchange = new AsExchange(optionsOf());
    await exchange.step(await answer(requestOf(exchange.start()), REALM, open));
    expect(exchange.login).not.toHaveProperty("preauthType");
    expect([exchange.given, exchange.proof, exchange.hidden]).toEqual([undefined, undefined, []]);
  });

  it("P17: by SPAKE hides what a timestamp would give away; half of it may not begin elsewhere", async () => {
    await using strong = await createTestRealm({
      realm: REALM,
      preauth: ["spake", "encrypted-timestamp"],
      principals: { alice: { password: "secret" } },
    });
    const exchange = new AsExchange(optionsOf({ preauth: [spake(), encTimestamp], encTypes: allEncTypes }));
    let step = exchange.start();
    const halves: unknown[] = [];
    while (step.type === "send") {
      step = await exchange.step(await answer(step.request, REALM, strong));
      halves.push([exchange.given?.isRepeatable, exchange.mayBeginElsewhere, exchange.hidden]);
    }
    expect(halves).toEqual([
      [true, false, []],
      [false, true, []],
      [false, true, [PADATA.encTimestamp]],
    ]);
  });

  it.each([24, 31])(
    "P11: error %i to a request without a proof is the KDC's own word, not a wrong password",
    async (code) => {
      for (const secret of [passwordSecret(alice, "secret"), keytabSecret(alice, keysOf(18))]) {
        const exchange = new AsExchange(optionsOf({ secret }));
        exchange.start();
        const error = await exchange.step(createKrbError(code, tgs, Date.now())).catch((reason: unknown) => reason);
        expect(error).not.toMatchObject({ code: "WRONG_PASSWORD" });
        expect(error).not.toMatchObject({ code: "KEYTAB" });
      }
    },
  );
});

describe("P16: for whom a refused secret rests", () => {
  const wrong = () => new PreauthError("WRONG_PASSWORD", "wrong", { cause: kdcError(24) });
  it.each<[string, boolean, Partial<KdcAnswer> | undefined, string]>([
    ["heard over UDP: for this process", false, { isDatagram: true }, "process"],
    ["heard over TCP: for everyone", false, { isDatagram: false }, "everyone"],
    ["proven by FAST, over UDP: for everyone", true, { isDatagram: true }, "everyone"],
    ["heard from nobody known: for this process", false, undefined, "process"],
  ])("%s", (_, isErrorProven, from, scope) => {
    const memory = new LoginMemory(encTypes.provider);
    const error = wrong();
    expect(marked(memory, { isErrorProven } as AsExchange, from as KdcAnswer | undefined, error)).toBe(error);
    expect(memory.restOf(error)).toBe(scope);
    const harmless = new TransportError("KDC_UNREACHABLE", "none");
    expect(marked(memory, { isErrorProven } as AsExchange, from as KdcAnswer | undefined, harmless)).toBe(harmless);
    expect(memory.restOf(harmless)).toBe("nobody");
  });
});

describe("DT2: a login for a service", () => {
  const host = parsePrincipal(`host/server@${REALM}`);

  /** Runs the two halves, of which the first fails so. */
  async function run(error: Error, given?: { isRepeatable: boolean }, signal?: AbortSignal) {
    const memory = new LoginMemory(encTypes.provider);
    memory.noteGiven(error, given as never);
    const halves: AsExchangeOptions[] = [];
    let refusals = 0;
    const onRefused = (): void => {
      refusals += 1;
    };
    const spares = { afterLogin: 0 } as unknown as LoginParts["spares"];
    const parts = { options: optionsOf(), memory, signal, spares } as unknown as LoginParts;
    const login = async ({ options }: LoginParts): Promise<never> => {
      halves.push(options);
      if (halves.length === 1) throw error;
      return "login" as never;
    };
    const result = await runDirectLogin(login, parts, { service: host, onRefused }).catch((reason: unknown) => reason);
    return {
      result,
      halves: halves.map(({ service, given: had }) => [service, had]),
      refusals,
      after: spares?.afterLogin,
    };
  }

  it.each([7, 12, 13, 14, 26, 27])("that is refused by error %i is had the usual way", async (code) => {
    expect(await run(kdcError(code))).toEqual({
      result: "login",
      halves: [
        [host, undefined],
        [tgs, undefined],
      ],
      refusals: 1,
      after: 1,
    });
  });

  it.each([6, 18, 23, 24, 25, 31, 37, 60, 68])(
    "that is refused by error %i, which is the client's, is over",
    async (code) => {
      const error = kdcError(code);
      expect(await run(error)).toEqual({ result: error, halves: [[host, undefined]], refusals: 0, after: 0 });
    },
  );

  it("is over where no KDC answered, and where the caller gave up", async () => {
    const error = new TransportError("KDC_UNREACHABLE", "none");
    expect(await run(error)).toMatchObject({ result: error, refusals: 0 });
    expect(await run(kdcError(7), undefined, AbortSignal.abort())).toMatchObject({
      refusals: 0,
      halves: [[host, undefined]],
    });
  });

  it("DT3: proves the same once more in its second half, or nothing where that gives more away", async () => {
    const given = { isRepeatable: true };
    expect((await run(kdcError(7), given)).halves).toEqual([
      [host, undefined],
      [tgs, given],
    ]);
    const error = kdcError(7);
    expect(await run(error, { isRepeatable: false })).toMatchObject({
      result: error,
      refusals: 1,
      halves: [[host, undefined]],
    });
  });
});

describe("an armor", () => {
  const ticket = (over: Partial<ServiceTicket> = {}): ServiceTicket => ({
    client: parsePrincipal(`host/laptop@${REALM}`),
    service: tgs,
    sessionKey: encTypes.generateKey(18),
    ticket: Uint8Array.of(0x61, 0),
    flags: 0,
    authTime: new Date(NOW),
    startTime: new Date(NOW),
    endTime: new Date(NOW + HOUR),
    clockOffsetMs: 0,
    ...over,
  });
  const at = (ms: number, over: Partial<ServiceTicket> = {}) =>
    explicitArmor(ticket(over), { ...tgsOptions, now: () => NOW + ms });

  it("of a computer serves until its ticket ends by the KDC's clock, in its own realm", () => {
    expect(() => at(HOUR - 1)).not.toThrow();
    expect(() => at(HOUR)).toThrow(expect.objectContaining({ code: "TICKET_EXPIRED" }));
    expect(() => at(0, { clockOffsetMs: HOUR - 1 })).not.toThrow();
    expect(() => at(0, { clockOffsetMs: HOUR })).toThrow("get a new one");
    const armor = at(0);
    expect([armor.wrapFor(REALM) === undefined, armor.wrapFor("OTHER")]).toEqual([false, undefined]);
    expect(() => armor.check(parsePrincipal(`host/a@${REALM}`))).not.toThrow();
    expect(() => armor.check(parsePrincipal("host/a@OTHER"))).toThrow(
      expect.objectContaining({ code: "NO_CREDENTIAL" }),
    );
    expect(() => at(0, { service: parsePrincipal(`host/a@${REALM}`) })).toThrow(RangeError);
  });

  it.each<[string, string, string]>([
    ["REFERRAL", "NO_CREDENTIAL", "the armor is of another realm, and gets no ticket-granting ticket for"],
    ["NO_KDC_FOR_REALM", "NO_CREDENTIAL", "give an armor of"],
    ["KDC_UNREACHABLE", "KDC_UNREACHABLE", "no way"],
  ])("FreeIPA #5213: whose realm gives none for the realm that is asked: %s", async (code, wanted, words) => {
    const tickets = {
      getTicket: async () => Promise.reject(new TransportError(code as "KDC_UNREACHABLE", "no way")),
      forget: async () => {},
    };
    const parts = { options: optionsOf(), memory: new LoginMemory(encTypes.provider) } as unknown as LoginParts;
    const error = await armorOf(tickets as never, "required")
      .login(parts, tgsOptions.clock)
      .catch((reason) => reason);
    expect(error).toMatchObject({ code: wanted, message: expect.stringContaining(words) });
  });
});
