// What a login believes, and of whom: a reply that nothing proves, a ticket for nobody, what a KDC says beside the ticket, and
// mechanisms that go on after their proof.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { armorOf } from "../../../src/client/as/armor-source.ts";
import { acceptAsReply } from "../../../src/client/as/as-reply.ts";
import { LoginMemory } from "../../../src/client/as/login-memory.ts";
import type { LoginParts } from "../../../src/client/as/logins.ts";
import { AsExchange, contentsOfLogin, passwordSecret, type Secret } from "../../../src/client/index.ts";
import type { TestRealm } from "../../../src/entry/testing.ts";
import { KDC_OPTION, KRB_ERROR, PADATA, TICKET_FLAG } from "../../../src/iana/index.ts";
import { decodeAsReq, type decodeEncKdcRepPart, parsePrincipal, tgsPrincipal } from "../../../src/krb5/index.ts";
import { encTimestamp } from "../../../src/preauth/index.ts";
import type { TraceStep } from "../../../src/trace.ts";
import { exchange, encTypes as kdcEncTypes, logIn as logInAt, PreauthKdc } from "../../support/preauth-kdc.ts";
import { oneMessage, pa } from "../../support/preauth-mechanisms.ts";
import { sealedEnvelope } from "../../support/sealed-envelope.ts";
import { encTypes, logIn, refusal, resealAsRep, startRealm, tgsOptions, type Way } from "./harness.ts";

const alice = parsePrincipal("alice@TEST.EXAMPLE");
const tgs = tgsPrincipal("TEST.EXAMPLE");
const optionsOf = (secret: Secret = passwordSecret(alice, "secret")) => ({
  client: alice,
  service: tgs,
  secret,
  encTypes,
  trace: () => {},
  now: Date.now,
  skewMs: 300_000,
  preauth: [encTimestamp],
});

let realm: TestRealm;
beforeEach(async () => {
  realm = await startRealm();
});
afterEach(() => realm.close());

/** Changes the reply that has the ticket. */
const changing = (change: Parameters<typeof resealAsRep>[1]): Way => ({
  reply: (octets, index) => (index === 0 ? octets : resealAsRep(octets, change)),
});
type Part = ReturnType<typeof decodeEncKdcRepPart>;

describe("a reply", () => {
  it("whose opening fails by a fault of the program is no wrong password", () => {
    const key = {
      encType: { etype: 18 },
      usage: () => ({
        decrypt: () => {
          throw new RangeError("a fault");
        },
      }),
    };
    const accept = (kind: string) =>
      acceptAsReply({ encPart: { etype: 18 } } as never, { client: alice } as never, new Uint8Array(), key as never, {
        ...optionsOf(),
        kind: kind as "password",
        isProofSent: false,
        usage: 3,
      });
    for (const kind of ["password", "keytab"]) expect(() => accept(kind)).toThrow("a fault");
  });

  it("A12: is said to prove the request only where it does", async () => {
    const checks: string[] = [];
    const trace = (event: TraceStep): void => {
      if (event.type === "check" && event.what.startsWith("AS-REP")) checks.push(event.what);
    };
    await logIn(realm, { trace });
    realm.fault({ on: "as-rep", name: "enc-pa-rep-flag-missing" });
    await logIn(realm, { trace });
    expect(checks).toEqual([
      "AS-REP: nonce, names, times, enctypes, our request unchanged",
      "AS-REP: nonce, names, times, enctypes",
    ]);
  });

  it("A9: is for nobody if its flags say so, though it names the client", async () => {
    const way = changing(({ flags }) => ({ flags: flags | TICKET_FLAG.anonymous }));
    expect(await refusal(logIn(realm, {}, way))).toMatch(/^REPLY_MODIFIED: .*it is for an anonymous client/);
  });

  it("RFC 8062 4.1: for nobody that does not say so in its flags is refused", async () => {
    realm.fault({ on: "as-rep", name: "anonymous-client" });
    const options = { kdcOptions: KDC_OPTION.requestAnonymous };
    const way = changing(({ flags }) => ({ flags: flags & ~TICKET_FLAG.anonymous }));
    expect(await refusal(logIn(realm, options, way))).toMatch(/^REPLY_MODIFIED: .*we asked for an anonymous ticket/);
  });

  it.each<[number[], number | undefined]>([
    [[0x1f, 0, 1, 0], 0x1001f],
    [[0, 0, 0, 0x80], 0x80000000],
    [[0x1f, 0, 1], undefined],
    [[0x1f, 0, 1, 0, 0], undefined],
    [[], undefined],
  ])("MS-KILE 2.2.8: says what the service can do in four octets, the lowest first: %j", async (octets, wanted) => {
    const value = { padataType: PADATA.supportedEnctypes, padataValue: Uint8Array.from(octets) };
    const change = ({ encryptedPaData = [] }: Part) => ({ encryptedPaData: [...encryptedPaData, value] });
    const machine = new AsExchange(optionsOf());
    let step = machine.start();
    for (let index = 0; step.type === "send"; index++) {
      const reply = await realm.transport.exchange(step.realm, step.request);
      step = await machine.step(index === 0 ? reply : await resealAsRep(reply, change));
    }
    expect(machine.login?.supportedEnctypes).toBe(wanted);
  });

  it.each([6, -6])("RFC 4120 5.4.2: says when the password ends by last-req %i alone", async (lrType) => {
    const ends = new Date(Date.UTC(2030, 0, 1));
    const machine = new AsExchange(optionsOf());
    let step = machine.start();
    for (let index = 0; step.type === "send"; index++) {
      const reply = await realm.transport.exchange(step.realm, step.request);
      const lastReq = [
        { lrType: 1, lrValue: new Date(0) },
        { lrType, lrValue: ends },
      ];
      step = await machine.step(index === 0 ? reply : await resealAsRep(reply, () => ({ lastReq })));
    }
    expect(machine.login?.passwordExpires).toEqual(ends);
  });
});

it("RFC 8070 section 3: a request asks for a token to sign where a certificate is to sign it, and not else", () => {
  const types = (kind: Secret["kind"]): readonly number[] => {
    const step = new AsExchange(optionsOf({ ...passwordSecret(alice, "secret"), kind })).start();
    return step.type === "send" ? (decodeAsReq(step.request).padata ?? []).map(({ padataType }) => padataType) : [];
  };
  expect(types("certificate")).toContain(PADATA.asFreshness);
  for (const kind of ["password", "keytab", "anonymous"] as const)
    expect(types(kind)).not.toContain(PADATA.asFreshness);
});

it("what is kept of a login is a login's: anything else is the caller's mistake", () => {
  for (const wrong of [undefined, null, 5, {}, { ticket: {} }, { ticket: 5 }]) {
    expect(() => contentsOfLogin(wrong as never)).toThrow(TypeError);
    expect(() => contentsOfLogin(wrong as never)).toThrow(/^login\.ticket /);
  }
});

it("an armor is got under the signal of the login that wants it", async () => {
  const seen: unknown[] = [];
  const tickets = {
    getTicket: async (_: unknown, options: { signal?: AbortSignal }) => {
      seen.push("signal" in options ? options.signal : "none");
      throw new Error("none");
    },
    forget: async () => {},
  };
  const { signal } = new AbortController();
  for (const given of [signal, undefined]) {
    const memory = new LoginMemory(encTypes.provider);
    const parts = { options: optionsOf(), memory, signal: given } as unknown as LoginParts;
    await expect(armorOf(tickets as never, "required").login(parts, tgsOptions.clock)).rejects.toThrow("none");
  }
  expect(seen).toEqual([signal, "none"]);
});

describe("a mechanism", () => {
  const TYPE = -1001;
  const wanted = { code: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, methods: [pa(TYPE)] };
  const hint = { etype: 18, salt: "salt-of-alice" };

  it.each<[string, object, object, boolean]>([
    ["that proved nothing yet", { isFinal: false }, {}, true],
    ["whose proof is of no key", { isFinal: true }, {}, false],
    ["that says it itself", { isFinal: true, isRepeatable: true }, {}, true],
    ["that proved a key", { isFinal: true, hint }, {}, true],
    ["that proved a key, and lets a KDC guess once a run", { isFinal: true, hint }, { replaces: [2] }, false],
  ])("DT3: may prove once more: %s", async (_, run, change, isRepeatable) => {
    const machine = exchange({ preauth: [oneMessage(TYPE, { ...change, run })] });
    const kdc = await PreauthKdc.create(() => wanted);
    const step = machine.start();
    if (step.type === "send") await machine.step(kdc.handle(step.request));
    expect(machine.given?.isRepeatable).toBe(isRepeatable);
    // Another KDC may be asked after a proof of a key alone, which the primary's database may take.
    expect(machine.mayBeginElsewhere).toBe("hint" in run);
  });

  it("P5: is asked for more after its proof by the KDC itself alone, inside FAST, once, and only if it has more", async () => {
    const rounds = async (isSealed: boolean, goesOn: boolean): Promise<number> => {
      const armor = kdcEncTypes.generateKey(18);
      const kdc = await PreauthKdc.create(() => wanted, ...(isSealed ? [armor] : []));
      const preauth = [oneMessage(TYPE, { run: { isFinal: true, goesOn: () => goesOn } })];
      const words = await refusal(logInAt(kdc, { preauth, ...(isSealed ? { envelope: sealedEnvelope(armor) } : {}) }));
      expect(words).toMatch(/^PREAUTH: .*wants more pre-authentication/);
      return kdc.requests.length;
    };
    expect(await rounds(true, true)).toBe(3);
    expect(await rounds(true, false)).toBe(2);
    expect(await rounds(false, true)).toBe(2);
    expect(await rounds(false, false)).toBe(2);
  });

  it("RFC 6113 5.4.2: FAST that is offered is taken up where armor is at hand, once, and not inside armor", async () => {
    const armor = kdcEncTypes.generateKey(18);
    const offer = { ...wanted, methods: [pa(PADATA.fxFast), pa(TYPE)] };
    const made = async (isSealed: boolean, isAtHand: boolean): Promise<[number, string[]]> => {
      let count = 0;
      const notes: string[] = [];
      const trace = (event: TraceStep): void => {
        if (event.type === "note") notes.push(event.text);
      };
      const rearm = async () => {
        count += 1;
        throw new Error("none");
      };
      const kdc = await PreauthKdc.create(() => offer, ...(isSealed ? [armor] : []));
      const preauth = [oneMessage(TYPE, { run: { isFinal: true } })];
      const options = { preauth, trace, ...(isAtHand ? { rearm } : {}) };
      await refusal(logInAt(kdc, { ...options, ...(isSealed ? { envelope: sealedEnvelope(armor) } : {}) }));
      return [count, notes.filter((text) => text.startsWith("FAST"))];
    };
    expect(await made(false, true)).toEqual([1, ["FAST: no armor, going on without: Error: none"]]);
    expect(await made(false, false)).toEqual([0, []]);
    expect(await made(true, true)).toEqual([0, []]);
  });

  it("has its own words for a proof that was refused, where it has them", async () => {
    const kdc = await PreauthKdc.create((_, round) =>
      round === 0 ? wanted : { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED },
    );
    const own = new Error("the token is used up");
    const preauth = [oneMessage(TYPE, { run: { isFinal: true, hint, refused: () => own } })];
    await expect(logInAt(kdc, { preauth })).rejects.toBe(own);
    const plain = await PreauthKdc.create((_, round) =>
      round === 0 ? wanted : { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED },
    );
    expect(await refusal(logInAt(plain, { preauth: [oneMessage(TYPE, { run: { isFinal: true, hint } })] }))).toMatch(
      /^WRONG_PASSWORD: /,
    );
  });
});
