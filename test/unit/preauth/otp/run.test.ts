// One-time passwords against a KDC that an attacker may have: what is asked, what is sent, and what is refused.

import { describe, expect, it } from "vitest";
import { hasCode, hasName } from "../../../../src/errors.ts";
import { KRB_ERROR, PADATA } from "../../../../src/iana/index.ts";
import { type OtpQuestion, otp, type Prompts } from "../../../../src/preauth/index.ts";
import { later } from "../../../support/later-types.ts";
import { openOtp, otpChallenge, otpKdc } from "../../../support/otp-kdc.ts";
import { drive, encTypes, exchange, find, PreauthKdc, type Script } from "../../../support/preauth-kdc.ts";
import { oneMessage, pa } from "../../../support/preauth-mechanisms.ts";
import { sealedEnvelope } from "../../../support/sealed-envelope.ts";
import { refusal } from "../../client/harness.ts";

const { KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_PREAUTH_FAILED } = KRB_ERROR;
const armor = encTypes.generateKey(18);
const CODE = "code-of-the-token";
const PIN = "pin-of-the-token";
const FLAG = { next: 0x4000_0000, combine: 0x2000_0000, pin: 0x1000_0000, noPin: 0x0800_0000 } as const;
const SEPARATE = 0x0200_0000;
const MUST_ENCRYPT = 0x0400_0000;
const CHECK_DIGIT = 0x0100_0000;
type Tokens = Parameters<typeof otpChallenge>[0];

/** One login with the prompts of a user who types these. */
async function login(script: Script, given: Prompts = {}, preauth = [otp()]) {
  const kdc = await PreauthKdc.create(script, armor);
  const asked: string[] = [];
  const questions: OtpQuestion[] = [];
  const prompts: Prompts = {
    otp: async (question) => {
      questions.push(question);
      asked.push(question.text);
      return CODE;
    },
    pin: async ({ text }) => {
      asked.push(text);
      return PIN;
    },
    ...given,
  };
  const traced: string[] = [];
  const machine = exchange({
    envelope: sealedEnvelope(armor),
    preauth,
    prompts,
    trace: (event) => void traced.push(JSON.stringify(event)),
  });
  const ended = await drive(kdc, machine).then(
    () => "ticket",
    (error: unknown) => error,
  );
  const sent = kdc.requests.flatMap(({ padata }) => {
    const value = find(padata, PADATA.otpRequest);
    return value === undefined ? [] : [openOtp(value)];
  });
  return { ended, asked, questions, sent, traced };
}

const text = (octets: Uint8Array | undefined) => octets && new TextDecoder().decode(octets);
const ofTokens = (tokens: Tokens, more?: Parameters<typeof otpChallenge>[1]) => otpKdc(armor, tokens, more);

describe("a token's code", () => {
  it("is asked for once and sent as it is, with what names the token", async () => {
    const token = {
      flags: 0,
      otpVendor: "ACME",
      otpTokenID: Uint8Array.of(1, 2),
      otpAlgID: "urn:x",
      otpLength: 6,
      otpFormat: 0,
    };
    const { ended, questions, sent } = await login(ofTokens([token], { otpService: "example" }));
    expect(ended).toBe("ticket");
    const shown = { text: "Enter OTP Token Value", vendor: "ACME", service: "example", length: 6, format: "decimal" };
    expect(questions).toEqual([expect.objectContaining(shown)]);
    expect(sent).toHaveLength(1);
    const { otpTokenID, otpAlgID, otpVendor } = token;
    expect(sent[0]).toMatchObject({ flags: 0, otpTokenID, otpAlgID, otpVendor });
    expect(text(sent[0]?.otpValue)).toBe(CODE);
    expect(sent[0]?.otpPin ?? sent[0]?.otpChallenge).toBeUndefined();
  });

  it("is of a challenge, which is shown; combined with the token's state, the request says so", async () => {
    const otpChallengeOctets = new TextEncoder().encode("4711");
    const { questions, sent } = await login(ofTokens([{ flags: FLAG.combine, otpChallenge: otpChallengeOctets }]));
    expect(questions[0]?.challenge).toBe("4711");
    // RFC 6560 section 3.4: the KDC learns which challenge it was.
    expect(sent[0]).toMatchObject({ flags: FLAG.combine, otpChallenge: otpChallengeOctets });
  });

  it("is sent where a check digit belongs to it: of decimal values, and where the KDC says nothing of their format", async () => {
    for (const token of [{ flags: CHECK_DIGIT }, { flags: CHECK_DIGIT, otpFormat: 0 }]) {
      expect((await login(ofTokens([token]))).ended).toBe("ticket");
    }
  });

  it.each([
    ["before it", FLAG.pin, `${PIN}${CODE}`, undefined],
    ["apart from it", FLAG.pin | SEPARATE, CODE, PIN],
    ["apart, where nothing says that it must be collected", SEPARATE, CODE, PIN],
    ["not at all", FLAG.noPin, CODE, undefined],
    ["not at all, though it would go apart", FLAG.noPin | SEPARATE, CODE, undefined],
  ])("OT4: the PIN goes %s", async (_, flags, value, pin) => {
    const { ended, asked, sent } = await login(ofTokens([{ flags }]));
    expect(ended).toBe("ticket");
    expect(text(sent[0]?.otpValue)).toBe(value);
    expect(sent[0]?.otpPin).toBe(pin);
    const isPinAsked = pin !== undefined || value !== CODE;
    expect(asked).toEqual(isPinAsked ? ["Enter OTP Token Value", "OTP Token PIN"] : ["Enter OTP Token Value"]);
  });

  it("is of the token that the user chooses; of the first, where nobody is asked", async () => {
    const tokens = [
      { flags: MUST_ENCRYPT, otpVendor: "none of ours" },
      { flags: 0, otpVendor: "one" },
      { flags: 0, otpVendor: "two" },
    ];
    const first = await login(ofTokens(tokens));
    expect(first.sent[0]?.otpVendor).toBe("one");
    const lists: unknown[] = [];
    const token: Prompts["token"] = async ({ tokens }) => lists.push(tokens);
    const second = await login(ofTokens(tokens), { token });
    expect(second.sent[0]?.otpVendor).toBe("two");
    expect(lists).toEqual([[{ vendor: "one" }, { vendor: "two" }]]);
    const none = await login(ofTokens(tokens), { token: async () => 2 });
    expect(String(none.ended)).toMatch(/^RangeError: ask.token gave 2/);
    expect(none.sent).toEqual([]);
  });
});

describe("what no code is given for", () => {
  it.each<[string, NonNullable<Tokens>[number]]>([
    ["a hashed value", { flags: 0, iterationCount: 1 }],
    ["a hashed value, by its list", { flags: 0, supportedHashAlg: [] }],
    ["a key made of the value", { flags: MUST_ENCRYPT }],
    ["a PIN and no PIN", { flags: FLAG.pin | FLAG.noPin }],
    ["a challenge that is not there", { flags: FLAG.combine }],
    ["a check digit of a value that has no digits", { flags: CHECK_DIGIT, otpFormat: 1 }],
    ["a vendor that a terminal obeys", { flags: 0, otpVendor: "\u001b[2J" }],
    ["a vendor without end", { flags: 0, otpVendor: "x".repeat(2000) }],
    ["a challenge that is not text", { flags: 0, otpChallenge: Uint8Array.of(0xff) }],
  ])("OT3: a token that wants %s", async (_, token) => {
    const { ended, asked, sent } = await login(ofTokens([token]));
    expect(ended).toMatchObject({ code: "PREAUTH_UNSUPPORTED", mechanism: "PA-OTP-CHALLENGE" });
    expect(asked).toEqual([]);
    expect(sent).toEqual([]);
  });

  it("OT1: a KDC outside FAST, though it offers nothing else", async () => {
    const kdc = await PreauthKdc.create(otpKdc(armor));
    const ask = { otp: async () => expect.fail("it asked") };
    const machine = exchange({ preauth: [otp()], prompts: ask });
    expect(await refusal(drive(kdc, machine))).toMatch(/^PREAUTH_UNSUPPORTED: /);
    expect(kdc.requests).toHaveLength(1);
  });

  it("a challenge that does not decode, and a token list that is empty", async () => {
    const broken: Script = (_, __, kdc) => ({
      code: KDC_ERR_PREAUTH_REQUIRED,
      methods: [kdc.etypeInfo, pa(PADATA.otpChallenge, Uint8Array.of(0x30, 1))],
    });
    expect((await login(broken)).ended).toMatchObject({ code: "PREAUTH" });
    expect((await login(ofTokens([]))).ended).toMatchObject({ code: "PREAUTH_UNSUPPORTED" });
  });

  it("nobody to ask, and a user who gives nothing", async () => {
    const kdc = await PreauthKdc.create(otpKdc(armor), armor);
    const machine = exchange({ envelope: sealedEnvelope(armor), preauth: [otp()] });
    expect(await refusal(drive(kdc, machine))).toMatch(/^PROMPT_NEEDED: .*a one-time password.*`otp`/);
    const { ended, sent } = await login(otpKdc(armor), { otp: async () => "" });
    expect(ended).toMatchObject({
      code: "PREAUTH",
      message: expect.stringContaining("no one-time password was given"),
    });
    expect(sent).toEqual([]);
    expect(String((await login(otpKdc(armor), { otp: async () => 5 as never })).ended)).toMatch(/^TypeError: ask.otp /);
    const wrongPin = { pin: async () => undefined as never };
    expect(String((await login(ofTokens([{ flags: FLAG.pin }]), wrongPin)).ended)).toMatch(/^TypeError: ask.pin /);
  });
});

describe("OT2: a code goes out once", () => {
  /** Refuses the first code in this way; what comes then gets a ticket. */
  const refusing = (code: number, tokens: Tokens): Script => {
    let count = 0;
    return (request, round, kdc) => {
      if (find(request.padata, PADATA.otpRequest) === undefined || count++ > 0) {
        return otpKdc(armor)(request, round, kdc);
      }
      return { code, methods: [kdc.etypeInfo, pa(-1999), otpChallenge(tokens)] };
    };
  };

  it("one that is refused is not tried again, nor is another mechanism; the error says what may be wrong", async () => {
    const other = oneMessage(-1999);
    const { ended, sent, asked } = await login(refusing(KDC_ERR_PREAUTH_FAILED, [{ flags: 0 }]), {}, [otp(), other]);
    expect(hasCode(ended, "OTP_REFUSED")).toBe(true);
    expect(ended).toMatchObject({ mechanism: "PA-OTP-CHALLENGE", principal: "alice@TEST.EXAMPLE" });
    expect(String(ended)).toContain("or its PIN");
    expect(sent).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  it("a KDC that asks for one more without a reason gets none", async () => {
    const { ended, asked, sent } = await login(refusing(KDC_ERR_PREAUTH_REQUIRED, [{ flags: 0 }]));
    expect(ended).toMatchObject({ code: "PREAUTH", message: expect.stringContaining("without a reason") });
    expect(asked).toHaveLength(1);
    expect(sent).toHaveLength(1);
  });

  it("where the token has drifted the next code is asked for, once, and the request says that it is the next", async () => {
    let count = 0;
    const next = { otp: async () => `${CODE} ${++count}` };
    const once = await login(refusing(KDC_ERR_PREAUTH_REQUIRED, [{ flags: FLAG.next }]), next);
    expect(once.ended).toBe("ticket");
    expect(once.sent.map(({ flags, otpValue }) => [flags, text(otpValue)])).toEqual([
      [0, `${CODE} 1`],
      [FLAG.next, `${CODE} 2`],
    ]);
    // Of several, the one that has drifted: nobody is asked which.
    const { ended, sent } = await login(
      refusing(KDC_ERR_PREAUTH_REQUIRED, [
        { flags: 0, otpVendor: "one" },
        { flags: FLAG.next, otpVendor: "two" },
      ]),
      { ...next, token: async () => expect.fail("it asked which token") },
    );
    expect([ended, sent.map(({ otpVendor }) => otpVendor)]).toEqual(["ticket", [undefined, "two"]]);
    const always: Script = (_, __, kdc) => ({
      code: KDC_ERR_PREAUTH_REQUIRED,
      methods: [kdc.etypeInfo, otpChallenge([{ flags: FLAG.next }])],
    });
    const endless = await login(always, next);
    expect(hasName(endless.ended, "PreauthError")).toBe(true);
    expect(endless.sent).toHaveLength(2);
  });

  it("a prompt that gives the same code again is refused, after a drift and in a conversation that began anew", async () => {
    const drifted = await login(refusing(KDC_ERR_PREAUTH_REQUIRED, [{ flags: FLAG.next }]));
    const anew = await login(refusing(KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED, [{ flags: 0 }]));
    for (const { ended, sent } of [drifted, anew]) {
      expect(ended).toMatchObject({ code: "PREAUTH", message: expect.stringContaining("not sent again") });
      expect(sent).toHaveLength(1);
    }
  });
});

it("OT5: neither code nor PIN is in an error or a trace", async () => {
  const refused: Script = (request, round, kdc) =>
    find(request.padata, PADATA.otpRequest) === undefined
      ? otpKdc(armor, [{ flags: FLAG.pin | SEPARATE }])(request, round, kdc)
      : { code: KDC_ERR_PREAUTH_FAILED, methods: [otpChallenge()] };
  const { ended, traced } = await login(refused);
  const again: Script = (_, __, kdc) => ({
    code: KDC_ERR_PREAUTH_REQUIRED,
    methods: [kdc.etypeInfo, otpChallenge([{ flags: FLAG.next }])],
  });
  const twice = (await login(again)).ended as Error;
  expect(twice.message).toContain("not sent again");
  const shown = [(ended as Error).stack, twice.stack, JSON.stringify(ended), ...traced].join("\n");
  expect(shown).toContain("PA-OTP-CHALLENGE");
  expect(shown).not.toMatch(/code-of|pin-of/);
});

describe("OT6: what the KDC says of the PIN (RFC 6560 section 4.3)", () => {
  const SET = 0x4000_0000;
  const MANDATORY = 0x2000_0000;
  type Change = Parameters<typeof later.encode<"PA-OTP-PIN-CHANGE">>[1];
  const change = (given: Change) => pa(PADATA.otpPinChange, later.encode("PA-OTP-PIN-CHANGE", given));
  /** A ticket, with this beside it. */
  const granting =
    (data: ReturnType<typeof pa>): Script =>
    (request, round, kdc) => {
      const outcome = otpKdc(armor)(request, round, kdc);
      return typeof outcome === "object" && "replyKey" in outcome ? { ...outcome, padata: [data] } : outcome;
    };
  const shown = async (data: ReturnType<typeof pa>) => {
    const notices: object[] = [];
    const { ended, traced } = await login(granting(data), {
      pinNotice: async ({ client: _, ...notice }) => void notices.push(notice),
    });
    expect(ended).toBe("ticket");
    return { notices, traced: traced.join("\n") };
  };

  it("a PIN that is set is shown by the prompt, and is in no trace", async () => {
    const { notices, traced } = await shown(change({ flags: SET | MANDATORY, pin: PIN }));
    expect(notices).toEqual([{ newPin: PIN, isChangeNeeded: false }]);
    expect(traced).toContain("OTP: the KDC sends a new PIN");
    expect(traced).not.toContain(PIN);
  });

  it("a PIN that is proposed, and the rules of the next one", async () => {
    const rules = { minLength: 4n, maxLength: 8n, format: 2, lastReq: [{ lrType: 6, lrValue: new Date(0) }] };
    expect((await shown(change({ flags: MANDATORY, pin: PIN, ...rules }))).notices).toEqual([
      { proposedPin: PIN, isChangeNeeded: true, minLength: 4, maxLength: 8, format: "alphanumeric" },
    ]);
    expect((await shown(change({ flags: 0, format: 77 }))).notices).toEqual([{ isChangeNeeded: false }]);
  });

  it("what cannot be shown, or does not decode, ends no login", async () => {
    for (const data of [change({ flags: SET, pin: "\u001b[2J" }), pa(PADATA.otpPinChange, Uint8Array.of(0x30, 1))]) {
      expect((await shown(data)).notices).toEqual([]);
    }
  });

  it.each([
    [96, "has expired: change it where the realm has that done (the new one: at least 4 characters), and log in again"],
    [97, "wants the PIN of the token of alice@TEST.EXAMPLE apart from its code"],
  ])("error %i is told in words, without a PIN, and nothing is sent again", async (code, words) => {
    const script: Script = (request, round, kdc) =>
      find(request.padata, PADATA.otpRequest) === undefined
        ? otpKdc(armor)(request, round, kdc)
        : { code, methods: [change({ flags: MANDATORY, pin: PIN, minLength: 4n })] };
    const { ended, sent } = await login(script);
    expect(ended).toMatchObject({ code: "OTP_REFUSED", principal: "alice@TEST.EXAMPLE" });
    expect(String(ended)).toContain(words);
    expect(String(ended)).not.toContain(PIN);
    expect(sent).toHaveLength(1);
  });
});
