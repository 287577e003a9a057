// What a client does with the answers of a KDC about pre-authentication: the next mechanism, another round, or the end.

import { describe, expect, it } from "vitest";
import { Exchanges, passwordSecret } from "../../../src/client/index.ts";
import { PreauthError } from "../../../src/errors.ts";
import { KRB_ERROR, PADATA } from "../../../src/iana/index.ts";
import { encodeTypedData, type PaData, parsePrincipal } from "../../../src/krb5/index.ts";
import { encTimestamp, type PreauthMechanism } from "../../../src/preauth/index.ts";
import type { TraceEvent } from "../../../src/trace.ts";
import {
  encTypes,
  exchange,
  find,
  logIn,
  PASSWORD,
  PreauthKdc,
  REALM,
  type Script,
} from "../../support/preauth-kdc.ts";
import { oneMessage, pa, twoRounds, twoRoundsKdc, watched } from "../../support/preauth-mechanisms.ts";
import { sealedEnvelope } from "../../support/sealed-envelope.ts";
import { refusal } from "./harness.ts";

const { KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_PREAUTH_FAILED, KDC_ERR_PREAUTH_EXPIRED } = KRB_ERROR;
const { KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, KRB_AP_ERR_SKEW } = KRB_ERROR;
const DH_PARAMETERS = 65;
const FIRST = -1001;
const first = (change: Parameters<typeof oneMessage>[1]) => watched(oneMessage(FIRST, change));
const cannot = async (): Promise<never> => {
  throw new PreauthError("PREAUTH", "not today");
};

/** Offers the first mechanism before the timestamp, whose proof it takes; `then` says what comes of the first. */
function offering(then: (kdc: PreauthKdc, padata: readonly PaData[]) => ReturnType<Script>, ...more: PaData[]): Script {
  return ({ padata = [] }, _, kdc) => {
    if (find(padata, PADATA.encTimestamp) !== undefined) return "usual";
    if (find(padata, FIRST) !== undefined) return then(kdc, padata);
    const methods = [kdc.etypeInfo, ...more, pa(FIRST), pa(PADATA.encTimestamp)];
    return { code: KDC_ERR_PREAUTH_REQUIRED, methods };
  };
}

const types = (kdc: PreauthKdc): number[][] =>
  kdc.requests.map(({ padata = [] }) =>
    padata.map(({ padataType }) => padataType).filter((type) => type !== PADATA.reqEncPaRep),
  );

describe("fall-back", () => {
  it.each<[string, Parameters<typeof oneMessage>[1]]>([
    ["says that it cannot answer", { canAnswer: () => false }],
    ["fails", { run: { answer: cannot } }],
    ["needs the armor of FAST", { place: "inside FAST" }],
  ])("to the next mechanism, where one %s: the KDC hears nothing of it", async (_, change) => {
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_FAILED })));
    await logIn(kdc, { preauth: [first(change), encTimestamp] });
    expect(types(kdc)).toEqual([[], [PADATA.encTimestamp]]);
  });

  it("in the client's order, whatever the KDC's is", async () => {
    const kdc = await PreauthKdc.create(offering(() => "usual"));
    await logIn(kdc, { preauth: [encTimestamp, first({})] });
    expect(types(kdc)).toEqual([[], [PADATA.encTimestamp]]);
  });

  it("after a refusal of what was no proof, with that error's cookie; what failed is not tried again", async () => {
    const cookie = pa(PADATA.fxCookie, Uint8Array.of(7));
    const kdc = await PreauthKdc.create(
      offering((self) => {
        const methods = [self.etypeInfo, pa(FIRST), pa(PADATA.encTimestamp), cookie];
        return { code: KDC_ERR_PREAUTH_FAILED, methods };
      }),
    );
    const offered = kdc.script;
    // The embedded KDC has not made this cookie.
    kdc.script = (request, round, self) => (round === 2 ? {} : offered(request, round, self));
    const one = first({});
    await logIn(kdc, { preauth: [one, encTimestamp] });
    expect(types(kdc)).toEqual([[], [FIRST], [PADATA.encTimestamp, PADATA.fxCookie]]);
    expect(one.runs).toHaveLength(1);
  });

  it("after KDC_ERR_PREAUTH_REQUIRED in answer to what was no proof", async () => {
    const kdc = await PreauthKdc.create(
      offering((self) => ({
        code: KDC_ERR_PREAUTH_REQUIRED,
        methods: [self.etypeInfo, pa(FIRST), pa(PADATA.encTimestamp)],
      })),
    );
    await logIn(kdc, { preauth: [first({}), encTimestamp] });
    expect(types(kdc)).toEqual([[], [FIRST], [PADATA.encTimestamp]]);
  });

  it("from a mechanism that cannot go on, to what the KDC listed before it asked for more of that one", async () => {
    const more = { code: KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, methods: [pa(FIRST, Uint8Array.of(9))] };
    const kdc = await PreauthKdc.create(offering(() => more));
    const one = first({
      run: { goesOn: () => true, answer: ({ error }) => (error === 91 ? cannot() : Promise.resolve([pa(FIRST)])) },
    });
    await logIn(kdc, { preauth: [one, encTimestamp] });
    expect(types(kdc)).toEqual([[], [FIRST], [PADATA.encTimestamp]]);
  });

  it("to nothing, where the KDC has no key of the client: that is said", async () => {
    const kdc = await PreauthKdc.create(() => ({
      code: KDC_ERR_PREAUTH_REQUIRED,
      // What MIT's KDC offers a client whose keys are of other enctypes.
      methods: [pa(PADATA.fxFast), pa(PADATA.reqEncPaRep), pa(PADATA.fxCookie)],
    }));
    expect(await refusal(logIn(kdc))).toMatch(
      /^ETYPE_NOT_PERMITTED: the KDC of .* has no key of .*: set a new password/,
    );
  });

  it("to nothing: the error is the KDC's refusal, or the first that failed here", async () => {
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_FAILED })));
    expect(await refusal(logIn(kdc, { preauth: [first({})] }))).toMatch(
      /^PREAUTH: the KDC of .* rejected the pre-auth/,
    );
    const local = first({ run: { answer: cannot } });
    expect(await refusal(logIn(kdc, { preauth: [local] }))).toBe("PREAUTH: not today");
  });

  it("not where the user gave up, or anything else went wrong that is no PreauthError", async () => {
    const kdc = await PreauthKdc.create(offering(() => "usual"));
    const answer = (): Promise<never> => Promise.reject(new Error("cancelled"));
    await expect(logIn(kdc, { preauth: [first({ run: { answer } }), encTimestamp] })).rejects.toThrow("cancelled");
    expect(kdc.requests).toHaveLength(1);
  });

  it("not after a final proof, by whichever way it fails", async () => {
    let isFinal = false;
    const answers = [async () => [pa(FIRST)], cannot];
    const one = first({
      run: {
        goesOn: () => true,
        answer: async () => {
          isFinal = true;
          return await (answers.shift() ?? cannot)();
        },
        get isFinal() {
          return isFinal;
        },
      },
    });
    const methods = [pa(FIRST), pa(PADATA.encTimestamp)];
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, methods })));
    expect(await refusal(logIn(kdc, { preauth: [one, encTimestamp] }))).toBe("PREAUTH: not today");
    expect(types(kdc)).toEqual([[], [FIRST]]);
  });

  it("a refused proof of no long-term key is no wrong password", async () => {
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_FAILED })));
    expect(await refusal(logIn(kdc, { preauth: [first({ run: { isFinal: true } })] }))).toMatch(/^PREAUTH: /);
  });
});

describe("TYPED-DATA", () => {
  const typed = (...rows: readonly [number, Uint8Array?][]): Uint8Array =>
    encodeTypedData(rows.map(([dataType, dataValue]) => ({ dataType, ...(dataValue && { dataValue }) })));

  it("is a list of mechanisms too; a value that is absent is empty", async () => {
    const kdc = await PreauthKdc.create(({ padata }, _, self) => {
      if (find(padata, PADATA.encTimestamp) !== undefined) return "usual";
      const info = self.etypeInfo.padataValue;
      return { code: KDC_ERR_PREAUTH_REQUIRED, eData: typed([PADATA.etypeInfo2, info], [PADATA.encTimestamp]) };
    });
    await logIn(kdc);
    expect(kdc.requests).toHaveLength(2);
  });

  it("of an error that a mechanism goes on after: it is given the data, once, and the cookie in it goes back", async () => {
    const eData = typed([109, Uint8Array.of(2)], [PADATA.fxCookie, Uint8Array.of(5)]);
    const one = first({ run: { goesOn: (code) => code === DH_PARAMETERS, isFinal: true } });
    const kdc = await PreauthKdc.create(offering(() => ({ code: DH_PARAMETERS, eData })));
    expect(await refusal(logIn(kdc, { preauth: [one] }))).toMatch(/^KDC: /);
    expect(types(kdc)).toEqual([[], [FIRST], [FIRST, PADATA.fxCookie]]);
    const offer = [pa(109, Uint8Array.of(2)), pa(PADATA.fxCookie, Uint8Array.of(5))];
    expect(one.runs[0]?.rounds[1]).toMatchObject({ error: DH_PARAMETERS, offer });
  });

  it("P7: a clock is adapted to whatever is in the error's e-data, such as Active Directory's, and keeps the cookie", async () => {
    // KERB-ERROR-DATA (MS-KILE section 2.2.2): neither METHOD-DATA nor TYPED-DATA.
    const eData = Uint8Array.of(0x30, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x02);
    let isSkewed = true;
    const kdc = await PreauthKdc.create((_, round) => {
      if (round === 0 || !isSkewed) return "usual";
      isSkewed = false;
      return { code: KRB_AP_ERR_SKEW, eData };
    });
    await logIn(kdc);
    expect(kdc.requests).toHaveLength(3);
    const [, before, after] = kdc.requests.map(({ padata }) => find(padata, PADATA.fxCookie));
    expect(before).toBeDefined();
    expect(after).toEqual(before);
  });

  it("what is neither is refused where a list must be", async () => {
    const kdc = await PreauthKdc.create(() => ({
      code: KDC_ERR_PREAUTH_REQUIRED,
      eData: Uint8Array.of(0x30, 0x01, 0),
    }));
    expect(await refusal(logIn(kdc))).toMatch(/^PREAUTH: .*does not decode/);
  });
});

describe("an end", () => {
  const forEver: PreauthMechanism = oneMessage(FIRST, { run: { goesOn: () => true } });
  const more = (): ReturnType<Script> => ({ code: KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, methods: [pa(FIRST)] });

  it("A14: a KDC that always wants more is left after 16 rounds", async () => {
    const kdc = await PreauthKdc.create(offering(more));
    expect(await refusal(logIn(kdc, { preauth: [forEver] }))).toMatch(/^TOO_MANY_ROUNDS: .* in 16 rounds/);
    expect(kdc.requests).toHaveLength(16);
  });

  it("P12: a conversation begins anew once, where anybody could have said that it expired", async () => {
    const one = first({});
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_EXPIRED })));
    expect(await refusal(logIn(kdc, { preauth: [one] }))).toMatch(
      /^PREAUTH: .*is too old for the KDC of .*KDC_ERR_PREAUTH_EXPIRED/,
    );
    expect(types(kdc)).toEqual([[], [FIRST], [], [FIRST]]);
    expect(one.runs).toHaveLength(2);
  });

  it("P12: a proof that costs nothing is made anew, once", async () => {
    const one = first({ run: { isFinal: true, isRepeatable: true } });
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_EXPIRED })));
    expect(await refusal(logIn(kdc, { preauth: [one] }))).toMatch(
      /^PREAUTH: .*is too old for the KDC of .*KDC_ERR_PREAUTH_EXPIRED/,
    );
    expect(one.runs).toHaveLength(2);
  });

  it("a mechanism is tried for the secrets that it proves, and for no others", async () => {
    const [one, other] = [first({ secrets: ["certificate"] }), first({ secrets: ["password", "otp"] })];
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_FAILED })));
    await refusal(logIn(kdc, { preauth: [one] }));
    expect(one.runs).toEqual([]);
    await refusal(logIn(kdc, { preauth: [other] }));
    expect(other.runs).toHaveLength(1);
  });

  it("P12: as often as the KDC itself says so, inside FAST, in 16 rounds", async () => {
    const armor = encTypes.generateKey(18);
    const kdc = await PreauthKdc.create(
      offering(() => ({ code: KDC_ERR_PREAUTH_EXPIRED })),
      armor,
    );
    const options = { preauth: [first({})], envelope: sealedEnvelope(armor) };
    expect(await refusal(logIn(kdc, options))).toMatch(/^TOO_MANY_ROUNDS: /);
    expect(kdc.requests).toHaveLength(16);
  });

  it("a mechanism that nothing was asked of begins nothing anew, and wants no more", async () => {
    for (const code of [KDC_ERR_PREAUTH_EXPIRED, KDC_ERR_MORE_PREAUTH_DATA_REQUIRED, KDC_ERR_PREAUTH_FAILED]) {
      const kdc = await PreauthKdc.create(() => ({ code, methods: [pa(FIRST)] }));
      await refusal(logIn(kdc, { preauth: [forEver] }));
      expect(kdc.requests).toHaveLength(1);
    }
  });

  it("PA-ENC-TIMESTAMP has one message: a KDC that wants more of it is refused", async () => {
    const kdc = await PreauthKdc.create((_, round) => (round === 0 ? "usual" : more()));
    expect(await refusal(logIn(kdc))).toMatch(/^KDC: .*KDC_ERR_MORE_PREAUTH_DATA_REQUIRED/);
    expect(kdc.requests).toHaveLength(2);
  });
});

describe("an envelope", () => {
  it("that is not around an error ends the login: nothing outside of it is believed", async () => {
    const envelope = sealedEnvelope(encTypes.generateKey(18));
    const machine = exchange({ envelope, preauth: [encTimestamp] });
    const kdc = await PreauthKdc.create(() => ({ code: KDC_ERR_PREAUTH_REQUIRED, methods: [pa(PADATA.encTimestamp)] }));
    const step = machine.start();
    const plain = exchange().start();
    if (step.type !== "send" || plain.type !== "send") throw new Error("nothing was sent");
    expect(await refusal(machine.step(kdc.handle(plain.request)))).toMatch(/^REPLY_MODIFIED: the envelope/);
  });

  it("keeps out a mechanism that must not be in it", async () => {
    const armor = encTypes.generateKey(18);
    const kdc = await PreauthKdc.create(
      offering(() => ({ code: KDC_ERR_PREAUTH_FAILED })),
      armor,
    );
    const envelope = sealedEnvelope(armor);
    await logIn(kdc, { envelope, preauth: [first({ place: "outside FAST" }), encTimestamp] });
    expect(types(kdc)).toEqual([[], [PADATA.encTimestamp]]);
  });
});

describe("prompts", () => {
  const asking = (seen: string[] = []): PreauthMechanism => {
    const inner = oneMessage(FIRST);
    return {
      ...inner,
      begin: (login) => ({
        ...inner.begin(login),
        async answer() {
          seen.push(await login.ask.otp({ client: login.client, text: "Code" }));
          return [pa(FIRST)];
        },
      }),
    };
  };

  it("a question that nobody answers is left to the next mechanism, or is the error", async () => {
    const kdc = await PreauthKdc.create(offering(() => "usual"));
    await logIn(kdc, { preauth: [asking(), encTimestamp] });
    expect(types(kdc)).toEqual([[], [PADATA.encTimestamp]]);
    expect(await refusal(logIn(kdc, { preauth: [asking()] }))).toMatch(
      /^PROMPT_NEEDED: logging in as alice@TEST\.EXAMPLE needs a one-time password, .*`otp`/,
    );
  });

  it("an answer goes to the mechanism, and the prompt keeps its `this`", async () => {
    const seen: string[] = [];
    const prompts = {
      code: "123456",
      async otp(question: { readonly text: string }) {
        return `${question.text} ${this.code}`;
      },
    };
    const kdc = await PreauthKdc.create(offering(() => ({ code: KDC_ERR_PREAUTH_FAILED })));
    await refusal(logIn(kdc, { preauth: [asking(seen)], prompts }));
    expect(seen).toEqual(["Code 123456"]);
  });
});

describe("through the exchanges", () => {
  const client = parsePrincipal(`alice@${REALM}`);
  const secret = passwordSecret(client, PASSWORD);

  it("a login uses the mechanisms that it is given, and the next begins with the one that the KDC took", async () => {
    const kdc = await PreauthKdc.create(twoRoundsKdc());
    const events: TraceEvent[] = [];
    const exchanges = new Exchanges({
      loadEncTypes: async () => encTypes,
      transport: { exchange: async (_, request) => kdc.handle(request) },
      trace: (event) => void events.push({ ...event, at: 0 } as TraceEvent),
      preauth: [encTimestamp, twoRounds],
    });
    expect((await exchanges.login(client, secret)).preauthType).toBe(twoRounds.type);
    await exchanges.login(client, secret);
    expect(types(kdc).map((sent) => sent[0])).toEqual([undefined, -1000, -1000, -1000, -1000]);
    // A login that may not use it asks first.
    await expect(exchanges.login(client, secret, { disabledPreauth: [twoRounds.type] })).rejects.toMatchObject({
      code: "PREAUTH_UNSUPPORTED",
      offered: [PADATA.etypeInfo2, twoRounds.type, PADATA.fxCookie],
    });
    expect(events.filter(({ type }) => type === "preauth-chosen")[0]).toEqual({
      type: "preauth-chosen",
      at: 0,
      mechanism: "PA-TWO-ROUNDS",
      etype: "aes256-cts-hmac-sha1-96",
      salt: "salt-of-alice",
    });
  });

  it("the trace of a mechanism that proves no key names no key", async () => {
    const events: object[] = [];
    const kdc = await PreauthKdc.create(offering(() => ({})));
    await logIn(kdc, { preauth: [oneMessage(FIRST)], trace: (event) => void events.push(event) });
    expect(events).toContainEqual({ type: "preauth-chosen", mechanism: "PA-TEST-1001" });
  });
});

describe("the option preauth", () => {
  const make = (preauth: unknown): Exchanges =>
    new Exchanges({
      loadEncTypes: async () => encTypes,
      transport: { exchange: () => expect.fail("something was sent") },
      trace: () => {},
      preauth: preauth as readonly PreauthMechanism[],
    });

  it.each<[unknown, string]>([
    [encTimestamp, "preauth is not a list"],
    ["PA-ENC-TIMESTAMP", "preauth is not a list"],
    [[encTimestamp, undefined], "preauth[1] is not a mechanism"],
    [[2], "preauth[0] is not a mechanism"],
    [[() => encTimestamp], "preauth[0] is not a mechanism: it is a function, which has to be called"],
    [[{ ...encTimestamp, begin: undefined }], "preauth[0] is not a mechanism"],
    [[encTimestamp, { ...encTimestamp }], "preauth[1]: PA-ENC-TIMESTAMP is in the list already"],
  ])("%o is the caller's mistake, told before anything is sent", (given, message) => {
    expect(() => make(given)).toThrow(message);
    expect(() => make(given)).toThrow(message.includes("already") ? RangeError : TypeError);
  });

  it("an empty list is one: a KDC that asks for a proof is refused", async () => {
    expect(() => make([])).not.toThrow();
    const kdc = await PreauthKdc.create(() => "usual");
    expect(await refusal(logIn(kdc, { preauth: [] }))).toMatch(/^PREAUTH_UNSUPPORTED: /);
  });
});
