// Which mechanism is begun, which comes after it, and when none does: each rule by itself, with mechanisms of a test.

import { describe, expect, it } from "vitest";
import { CryptoError, KdcError, type KerberosError, PreauthError } from "../../../src/errors.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import type { PaData } from "../../../src/krb5/index.ts";
import type { LoginContext, PreauthMechanism, PreauthRun } from "../../../src/preauth/index.ts";
import { type HiddenTypes, Negotiation } from "../../../src/preauth/negotiate.ts";
import { oneMessage, pa, watched } from "../../support/preauth-mechanisms.ts";
import { encTypes, loginContext, NOW, roundOf } from "./login-context.ts";

const { KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, KDC_ERR_PREAUTH_REQUIRED, KRB_AP_ERR_SKEW } = KRB_ERROR;
const [A, B, C] = [-1001, -1002, -1003];
const armor = { key: encTypes.generateKey(18) };

const failing = (error: Error): Partial<PreauthRun> => ({
  answer: async () => {
    throw error;
  },
});
const cannot = (words: string): PreauthError => new PreauthError("PREAUTH", words);
const of = (type: number, run: Partial<PreauthRun> = {}, more: Partial<PreauthMechanism> = {}) =>
  watched(oneMessage(type, { ...more, run }));

function negotiation(
  mechanisms: readonly PreauthMechanism[],
  context: Partial<LoginContext> = {},
  hidden?: HiddenTypes,
): Negotiation {
  return new Negotiation(loginContext(context), mechanisms, undefined, hidden);
}

const failureOf = (promise: Promise<unknown>): Promise<KerberosError> =>
  promise.then(
    () => expect.fail("it went on"),
    (error: KerberosError) => error,
  );

describe("a mechanism that begins", () => {
  it("unasked is one that may be used here; another is the caller's mistake", async () => {
    const one = negotiation([oneMessage(A), oneMessage(B, { place: "inside FAST" })]);
    expect(await one.start(A, roundOf())).toEqual([pa(A, Uint8Array.of(1))]);
    expect(one.mechanism?.type).toBe(A);
    for (const type of [B, C]) {
      const error = await failureOf(
        negotiation([oneMessage(A), oneMessage(B, { place: "inside FAST" })]).start(type, roundOf()),
      );
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(`no mechanism of type ${type} may be used here`);
    }
  });

  it.each([
    ["any", true, true],
    ["inside FAST", false, true],
    ["outside FAST", true, false],
  ] as const)("whose place is %s is begun outside FAST: %s, inside: %s", async (place, outside, inside) => {
    for (const [context, begins] of [
      [{}, outside],
      [{ armor }, inside],
    ] as const) {
      const one = of(A, {}, { place });
      await negotiation([one], context)
        .choose(roundOf([pa(A)]))
        .catch(() => {});
      expect(one.runs).toHaveLength(begins ? 1 : 0);
    }
  });
});

describe("a mechanism that cannot go on", () => {
  it.each<[string, Error]>([
    ["fails", cannot("not today")],
    ["has no key of an enctype that is permitted", new CryptoError("ETYPE_NOT_PERMITTED", "no key", { etype: 23 })],
  ])("because it %s is followed by the next of ours that is offered", async (_, error) => {
    const [one, other, last] = [of(A, failing(error)), of(B), of(C)];
    const padata = await negotiation([one, other, last]).choose(roundOf([pa(C), pa(B), pa(A)]));
    expect(padata).toEqual([pa(B, Uint8Array.of(1))]);
    expect(last.runs).toHaveLength(0);
  });

  it.each<[string, Error]>([
    ["a prompt that was cancelled", new Error("cancelled")],
    ["a key that is wrong", new CryptoError("BAD_KEY", "wrong", {})],
    ["a mistake of the caller", new TypeError("ask.otp gave something else")],
  ])("because of %s ends the login, and no other is begun", async (_, error) => {
    const [one, other] = [of(A, failing(error)), of(B)];
    expect(await failureOf(negotiation([one, other]).choose(roundOf([pa(A), pa(B)])))).toBe(error);
    expect(other.runs).toHaveLength(0);
  });

  it("is not begun again; the first failure is what the login ends with", async () => {
    const [first, second] = [cannot("the first"), cannot("the second")];
    const [one, other] = [of(A, failing(first)), of(B, failing(second))];
    const way = negotiation([one, other]);
    expect(await failureOf(way.choose(roundOf([pa(A), pa(B)])))).toBe(first);
    expect((await failureOf(way.choose(roundOf([pa(A), pa(B)])))).code).toBe("PREAUTH_UNSUPPORTED");
    expect([one.runs.length, other.runs.length]).toEqual([1, 1]);
  });

  it("after a KDC refused another: the KDC's refusal is what the login ends with", async () => {
    const refusal = new KdcError("KDC", "refused", {
      errorCode: 24,
      errorName: "KDC_ERR_PREAUTH_FAILED",
      serverTime: new Date(NOW),
    });
    const way = negotiation([of(A), of(B, failing(cannot("not today")))]);
    await way.choose(roundOf([pa(A), pa(B)]));
    expect(await failureOf(way.choose(roundOf([pa(A), pa(B)]), refusal))).toBe(refusal);
  });
});

describe("another round of a mechanism", () => {
  const patient: Partial<PreauthRun> = { goesOn: () => true };

  it("is begun after each error once, after 91 as often as it comes", async () => {
    const way = negotiation([of(A, patient)]);
    expect(way.goesOn(KRB_AP_ERR_SKEW)).toBe(false);
    await way.choose(roundOf([pa(A)]));
    for (const code of [KRB_AP_ERR_SKEW, KDC_ERR_PREAUTH_REQUIRED]) {
      expect(way.goesOn(code)).toBe(true);
      await way.goOn(roundOf([pa(A)], code));
      expect(way.goesOn(code)).toBe(false);
    }
    for (let round = 0; round < 3; round++) {
      expect(way.goesOn(KDC_ERR_MORE_PREAUTH_DATA_REQUIRED)).toBe(true);
      await way.goOn(roundOf([pa(A)], KDC_ERR_MORE_PREAUTH_DATA_REQUIRED));
    }
  });

  it("is not begun where the mechanism does not want it, whatever the code", async () => {
    const way = negotiation([of(A)]);
    await way.choose(roundOf([pa(A)]));
    for (const code of [KRB_AP_ERR_SKEW, KDC_ERR_MORE_PREAUTH_DATA_REQUIRED]) expect(way.goesOn(code)).toBe(false);
  });

  /** A run whose second answer throws. */
  const second = (error: Error, isFinal = false): Partial<PreauthRun> => {
    let rounds = 0;
    return {
      goesOn: () => true,
      isFinal,
      answer: async () => {
        if (rounds++ > 0) throw error;
        return [pa(A, Uint8Array.of(1))];
      },
    };
  };
  const goOn = async (run: Partial<PreauthRun>) => {
    const other = of(B);
    const way = negotiation([of(A, run), other]);
    await way.choose(roundOf([pa(A), pa(B)]));
    // An error that asks for more lists the mechanism that it is about, and no other.
    const result = await way.goOn(roundOf([pa(A)], KDC_ERR_MORE_PREAUTH_DATA_REQUIRED)).catch((error: Error) => error);
    return { result, other, way };
  };

  it("in which it cannot go on, and no proof went out, is followed by the next of the KDC's last list", async () => {
    const { result, other, way } = await goOn(second(cannot("not today")));
    expect(result).toEqual([pa(B, Uint8Array.of(1))]);
    expect(way.mechanism?.type).toBe(B);
    expect(other.runs[0]?.rounds[0]).toMatchObject({ error: KDC_ERR_PREAUTH_REQUIRED, offer: [pa(A), pa(B)] });
  });

  it("P5: in which it cannot go on after its proof ends the login", async () => {
    const error = cannot("not today");
    const { result, other } = await goOn(second(error, true));
    expect(result).toBe(error);
    expect(other.runs).toHaveLength(0);
  });

  it("in which something else went wrong ends the login", async () => {
    for (const error of [new Error("cancelled"), new CryptoError("ETYPE_NOT_PERMITTED", "no key", { etype: 23 })]) {
      const { result, other } = await goOn(second(error));
      expect(result).toBe(error);
      expect(other.runs).toHaveLength(0);
    }
  });
});

describe("a way to prove a password that nobody can guess it by", () => {
  it.each([
    ["SPAKE", [pa(PADATA.spake)], {}, true],
    ["FAST", [pa(PADATA.fxFast)], {}, true],
    ["a timestamp alone", [pa(PADATA.encTimestamp)], {}, false],
    ["nothing", [], {}, false],
    ["SPAKE inside the armor, which nobody could have hidden", [pa(PADATA.spake)], { armor }, false],
  ] as const)("is noted where the KDC offers %s", async (_, offer, context, noted) => {
    const way = negotiation([], context);
    await failureOf(way.choose(roundOf(offer)));
    expect(way.isHiddenOffered).toBe(noted);
    // What was seen once stays.
    await failureOf(way.choose(roundOf([])));
    expect(way.isHiddenOffered).toBe(noted);
  });
});

describe("P17: what an earlier login hid", () => {
  const hidden: HiddenTypes = { types: [PADATA.encTimestamp], untilMs: NOW + 1000 };
  const timestamp = () => of(PADATA.encTimestamp);
  const offer = (...types: number[]): PaData[] => types.map((type) => pa(type));

  it("is not given away: a KDC that offers nothing else is refused, and the error says until when", async () => {
    const weak = timestamp();
    const error = await failureOf(negotiation([weak], {}, hidden).choose(roundOf(offer(PADATA.encTimestamp))));
    expect(error).toMatchObject({ code: "PREAUTH_DOWNGRADE", retryAfter: new Date(NOW + 1000) });
    expect(error.message).toContain("offers PA-TEST2 to alice@TEST.EXAMPLE");
    expect(weak.runs).toHaveLength(0);
  });

  it("is given inside FAST, where no one hears it", async () => {
    const weak = timestamp();
    await negotiation([weak], { armor }, hidden).choose(roundOf(offer(PADATA.encTimestamp)));
    expect(weak.runs).toHaveLength(1);
  });

  it("says nothing where the KDC offers none of it", async () => {
    const error = await failureOf(negotiation([timestamp()], {}, hidden).choose(roundOf(offer(A))));
    expect(error.code).toBe("PREAUTH_UNSUPPORTED");
  });

  it("is not what is wrong where something as strong was offered and failed here", async () => {
    const own = cannot("not today");
    const types = offer(A, PADATA.encTimestamp);
    const error = await failureOf(negotiation([of(A, failing(own)), timestamp()], {}, hidden).choose(roundOf(types)));
    expect(error).toBe(own);
  });

  it("is not what is wrong where the stronger mechanism is offered and says that it cannot answer", async () => {
    const strong = of(A, {}, { replaces: [PADATA.encTimestamp], canAnswer: () => false });
    const types = offer(A, PADATA.encTimestamp);
    const error = await failureOf(negotiation([strong, timestamp()], {}, hidden).choose(roundOf(types)));
    expect(error.code).toBe("PREAUTH_UNSUPPORTED");
  });

  it("SP5: nor is it given to a KDC that offers what replaces it, in this round or an earlier one", async () => {
    const strong = of(A, {}, { replaces: [PADATA.encTimestamp], canAnswer: () => false });
    const weak = timestamp();
    const way = negotiation([weak, strong]);
    expect((await failureOf(way.choose(roundOf(offer(PADATA.encTimestamp, A))))).code).toBe("PREAUTH_UNSUPPORTED");
    expect((await failureOf(way.choose(roundOf(offer(PADATA.encTimestamp))))).code).toBe("PREAUTH_UNSUPPORTED");
    expect(weak.runs).toHaveLength(0);
  });
});

describe("a timestamp beside SPAKE that the client does not have", () => {
  const notes = async (mechanism: PreauthMechanism, offer: readonly PaData[]) => {
    const texts: string[] = [];
    const trace: LoginContext["trace"] = (step) => {
      if (step.type === "note") texts.push(step.text);
    };
    await negotiation([mechanism], { trace }).choose(roundOf(offer));
    return texts;
  };

  it("is warned of", async () => {
    const spake = pa(PADATA.spake);
    const stamp = pa(PADATA.encTimestamp);
    expect(await notes(of(PADATA.encTimestamp), [stamp, spake])).toEqual([expect.stringContaining("add spake()")]);
    expect(await notes(of(PADATA.encTimestamp), [stamp])).toEqual([]);
    expect(await notes(of(A), [pa(A), spake])).toEqual([]);
  });
});

describe("a KDC whose offer has nothing for us", () => {
  const ended = async (offer: readonly PaData[], context: Partial<LoginContext> = {}, ...ours: PreauthMechanism[]) =>
    await failureOf(negotiation(ours, context).choose(roundOf(offer)));

  it("is told apart: what it offers, what we have, and what to give", async () => {
    const error = await ended([pa(A), pa(PADATA.spake)], {}, oneMessage(B));
    expect(error).toMatchObject({ code: "PREAUTH_UNSUPPORTED", offered: [A, PADATA.spake], realm: "TEST.EXAMPLE" });
    expect(error.message).toMatch(/it offers padata -1001, padata 151, we have PA-TEST-1002; allow spake\(\)$/);
    const nothing = await ended([pa(A)]);
    expect(nothing.message).toMatch(
      /we have none that the configuration allows; allow that for alice@TEST\.EXAMPLE on the KDC$/,
    );
  });

  it("that offers nothing that needs a key has no key of ours", async () => {
    for (const offer of [[], [pa(PADATA.fxCookie), pa(PADATA.reqEncPaRep)]]) {
      expect((await ended(offer)).code).toBe("ETYPE_NOT_PERMITTED");
    }
    // Nothing was asked for: no enctype can be the reason.
    const error = await ended([], { requested: [] });
    expect(error.code).toBe("PREAUTH_UNSUPPORTED");
    expect(error.message).toContain("it offers nothing, we have");
  });

  it.each<[number, string, Partial<LoginContext>]>([
    [PADATA.fxFast, "give `armor`, for FAST", { armor }],
    [PADATA.pkAsReq, "give a certificate", { identity: { anchors: [] } }],
  ])("PA-DATA of type %i: %s, unless it was given", async (type, words, given) => {
    expect((await ended([pa(A), pa(type)])).message).toContain(words);
    expect((await ended([pa(A), pa(type)], given)).message).not.toContain(words);
    expect((await ended([pa(A)])).message).not.toContain(words);
  });

  it("PA-DATA of one-time passwords, beside others: each that helps is named", async () => {
    const error = await ended([pa(PADATA.otpChallenge), pa(PADATA.spake), pa(PADATA.fxFast)]);
    expect(error.message).toMatch(/give `armor`, for FAST, or allow spake\(\), or allow otp\(\)$/);
  });
});
