// Each mechanism by itself, with no client around it: when it goes on, what it sends, what its errors are made of.

import { describe, expect, it } from "vitest";
import { encodeText } from "../../../src/bytes/index.ts";
import { cf2, makeKeyedChecksum, type ProtocolKey } from "../../../src/crypto/index.ts";
import { edwards25519 } from "../../../src/curves/index.ts";
import { KEY_USAGE, KRB_ERROR, PADATA, TICKET_FLAG } from "../../../src/iana/index.ts";
import { type EncKdcRepPart, encodeEncryptedData, openData, type PaData, sealData } from "../../../src/krb5/index.ts";
import { encodeChecksum, encodePaEncTsEnc } from "../../../src/krb5/messages/index.ts";
import {
  completePrompts,
  encryptedChallenge,
  encTimestamp,
  type LoginContext,
  type OtpQuestion,
  otp,
  type PreauthMechanism,
  type Prompts,
  spake,
} from "../../../src/preauth/index.ts";
import { otpMessages } from "../../../src/preauth/otp/messages.ts";
import { verifyEncPaRep } from "../../../src/preauth/req-enc-pa-rep.ts";
import { spakeWith } from "../../../src/preauth/spake/mechanism.ts";
import { spakeMessages } from "../../../src/preauth/spake/messages.ts";
import { pa } from "../../support/preauth-mechanisms.ts";
import { ALICE, encTypes, etypeInfo2, loginContext, NOW, roundOf } from "./login-context.ts";

const { KRB_AP_ERR_SKEW, KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_MORE_PREAUTH_DATA_REQUIRED } = KRB_ERROR;
const key = encTypes.generateKey(18);
const armor = { key: encTypes.generateKey(18) };
const info = etypeInfo2({ etype: 18 });
const context = (change: Partial<LoginContext> = {}) => loginContext({ longTermKey: async () => key, ...change });

const errorOf = (promise: Promise<unknown>): Promise<Error & { readonly code?: string }> =>
  promise.then(
    () => expect.fail("nothing was refused"),
    (error: Error) => error,
  );
const codesAfter = (run: { goesOn(code: number): boolean }): number[] =>
  [...new Set(Object.values(KRB_ERROR))].filter((code) => run.goesOn(code));
const hasCause = (error: Error): boolean => Object.hasOwn(error, "cause");

describe.each<[string, PreauthMechanism]>([
  ["PA-ENC-TIMESTAMP", encTimestamp],
  ["PA-ENCRYPTED-CHALLENGE", encryptedChallenge],
])("%s", (_, mechanism) => {
  it("P7: is a proof once it is sent, and goes on after a clock that is too far away alone", async () => {
    const run = mechanism.begin(context({ armor }));
    expect([run.isFinal, run.hint]).toEqual([false, undefined]);
    const [sent] = await run.answer(roundOf([info]));
    expect(sent?.padataType).toBe(mechanism.type);
    expect(run.isFinal).toBe(true);
    expect(run.hint).toMatchObject({ etype: 18 });
    expect(codesAfter(run)).toEqual([KRB_AP_ERR_SKEW]);
  });
});

describe("EC1: the KDC's half of an encrypted challenge", () => {
  const challenge = encodePaEncTsEnc({ patimestamp: new Date(NOW), pausec: 0 });
  const sealed = (pepper: string, usage: number = KEY_USAGE.encChallengeKdc, plain = challenge): PaData => {
    const made = cf2(encTypes.provider, armor.key, key, encodeText(pepper), encodeText("challengelongterm"));
    return pa(PADATA.encryptedChallenge, encodeEncryptedData(sealData(made, usage, plain)));
  };
  /** What comes of a reply with this. */
  async function check(padata: readonly PaData[]): Promise<string[]> {
    const traced: string[] = [];
    const trace: LoginContext["trace"] = (step) => {
      if (step.type === "check") traced.push(step.what);
    };
    const run = encryptedChallenge.begin(context({ armor, trace }));
    await run.answer(roundOf([info]));
    const reply = { padata, etype: 18, requestOctets: new Uint8Array(1) };
    await run.check?.({ ...reply, replyKey: key, sessionKey: key, client: ALICE });
    return traced;
  }

  it.each(["kdcchallengearmor", "clientchallengearmor"])("is taken with the pepper %s", async (pepper) => {
    expect(await check([sealed(pepper)])).toEqual(["encrypted challenge: the KDC has the long-term key"]);
  });

  it.each<[string, readonly PaData[], string, boolean]>([
    ["nothing", [], "it sent no answer to our challenge", false],
    ["nothing of it", [pa(PADATA.fxCookie)], "it sent no answer to our challenge", false],
    [
      "what does not decode",
      [pa(PADATA.encryptedChallenge, Uint8Array.of(0x30, 1))],
      "its answer to our challenge does not decode",
      true,
    ],
    ["another pepper", [sealed("other")], "its answer to our challenge does not open", false],
    [
      "our own, sent back",
      [sealed("clientchallengearmor", KEY_USAGE.encChallengeClient)],
      "its answer to our challenge does not open",
      false,
    ],
    [
      "something else than a time",
      [sealed("kdcchallengearmor", KEY_USAGE.encChallengeKdc, Uint8Array.of(1))],
      "its answer to our challenge does not open",
      false,
    ],
  ])("that is %s proves no KDC", async (_, padata, words, isCaused) => {
    const error = await errorOf(check(padata));
    expect(error).toMatchObject({ code: "REPLY_MODIFIED", message: expect.stringContaining(words) });
    expect(hasCause(error)).toBe(isCaused);
  });

  it("outside of armor nothing is sent", async () => {
    const error = await errorOf(encryptedChallenge.begin(context()).answer(roundOf([info])));
    expect(error).toMatchObject({ code: "PREAUTH", mechanism: "PA-ENCRYPTED-CHALLENGE" });
  });
});

describe("one-time passwords", () => {
  type Token = Parameters<typeof otpMessages.encode<"PA-OTP-CHALLENGE">>[1]["otpTokenInfo"][number];
  const nonce = Uint8Array.of(1, 2, 3);
  const challengeOf = (tokens: readonly Token[], more: object = {}): PaData =>
    pa(PADATA.otpChallenge, otpMessages.encode("PA-OTP-CHALLENGE", { nonce, otpTokenInfo: [...tokens], ...more }));
  let codes = 0;

  /** A login with these prompts, and the questions in it. */
  function begin(given: Prompts = {}) {
    const questions: OtpQuestion[] = [];
    const otpPrompt = async (question: OtpQuestion): Promise<string> => {
      questions.push(question);
      return `code ${++codes}`;
    };
    const ask = completePrompts({ otp: otpPrompt, pin: async () => "pin", ...given });
    return { run: otp().begin(context({ armor, ask })), questions };
  }
  const sent = ([one]: readonly PaData[]) => {
    expect(one?.padataType).toBe(PADATA.otpRequest);
    return otpMessages.decode("PA-OTP-REQUEST", (one as PaData).padataValue);
  };

  it("go on after the two errors that can ask for another alone, and are a proof once one is sent", async () => {
    const { run } = begin();
    expect(run.isFinal).toBe(false);
    await run.answer(roundOf([challengeOf([{ otpFlags: 0 }])]));
    expect(run.isFinal).toBe(true);
    expect(codesAfter(run)).toEqual([KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_MORE_PREAUTH_DATA_REQUIRED]);
    expect(await run.replyKey({ padata: [], etype: 18, requestOctets: nonce })).toBe(armor.key);
  });

  it("OT1: are sent inside FAST alone", async () => {
    const run = otp().begin(context());
    for (const act of [
      () => run.answer(roundOf([challengeOf([{ otpFlags: 0 }])])),
      () => run.replyKey({ padata: [], etype: 18, requestOctets: nonce }),
    ]) {
      expect(await errorOf(act())).toMatchObject({
        code: "PREAUTH",
        message: "a one-time password goes inside FAST alone: give the option `armor`",
      });
    }
  });

  it("are sent with what names the token, and with nothing that it does not have", async () => {
    const names = { otpVendor: "ACME", otpTokenID: Uint8Array.of(9), otpAlgID: "urn:x" };
    const full = sent(await begin().run.answer(roundOf([challengeOf([{ otpFlags: 0, ...names }])])));
    expect(full).toMatchObject(names);
    const bare = sent(await begin().run.answer(roundOf([challengeOf([{ otpFlags: 0 }])])));
    for (const name of [...Object.keys(names), "otpPin"]) expect(bare).not.toHaveProperty(name);
    expect(openData(armor.key, KEY_USAGE.otpRequest, bare.encData)).toEqual(
      otpMessages.encode("PA-OTP-ENC-REQUEST", { nonce }),
    );
  });

  it("are asked for with what the KDC says of the token, and with nothing that it does not say", async () => {
    const text = "Enter OTP Token Value";
    const token = { otpFlags: 0, otpVendor: "ACME", otpLength: 6, otpFormat: 2, otpChallenge: encodeText("4711") };
    const full = begin();
    await full.run.answer(roundOf([challengeOf([token], { otpService: "example" })]));
    const shown = { challenge: "4711", vendor: "ACME", service: "example", length: 6, format: "alphanumeric" };
    expect(full.questions).toStrictEqual([{ client: ALICE, text, ...shown }]);
    for (const otpFormat of [undefined, 5, -1]) {
      const bare = begin();
      const format = otpFormat === undefined ? {} : { otpFormat };
      await bare.run.answer(roundOf([challengeOf([{ otpFlags: 0, ...format }])]));
      expect(bare.questions).toStrictEqual([{ client: ALICE, text }]);
    }
  });

  it("OT3: are not asked for with a text that is longer than can be shown; to that length they are", async () => {
    for (const [length, isAsked] of [
      [1024, true],
      [1025, false],
    ] as const) {
      const { run, questions } = begin();
      await run.answer(roundOf([challengeOf([{ otpFlags: 0, otpVendor: "x".repeat(length) }])])).catch(() => {});
      expect(questions).toHaveLength(isAsked ? 1 : 0);
    }
  });

  it("are chosen among sixteen tokens at most, and where there is one nobody is asked", async () => {
    const lists: number[] = [];
    const token: NonNullable<Prompts["token"]> = async ({ tokens }) => lists.push(tokens.length) - 1;
    await begin({ token }).run.answer(roundOf([challengeOf([{ otpFlags: 0 }])]));
    expect(lists).toEqual([]);
    await begin({ token }).run.answer(roundOf([challengeOf(Array(20).fill({ otpFlags: 0 }))]));
    expect(lists).toEqual([16]);
  });

  it("are sent twice where the KDC wants the next, and not a third time", async () => {
    const next = roundOf([challengeOf([{ otpFlags: 0x4000_0000 }])]);
    const { run, questions } = begin();
    await run.answer(next);
    await run.answer(next);
    const error = await errorOf(run.answer(next));
    expect(error).toMatchObject({ code: "PREAUTH", message: expect.stringContaining("without a reason") });
    expect(hasCause(error)).toBe(false);
    expect(questions).toHaveLength(2);
  });

  it("are not sent for a challenge that is missing or does not decode; the error says which", async () => {
    const missing = await errorOf(begin().run.answer(roundOf([])));
    expect(missing.message).toContain("has no new challenge (alice@TEST.EXAMPLE); log in again with a new one");
    expect(hasCause(missing)).toBe(false);
    const broken = await errorOf(begin().run.answer(roundOf([pa(PADATA.otpChallenge, Uint8Array.of(0x30, 1))])));
    expect(broken).toMatchObject({ cause: expect.objectContaining({ name: "DecodeError" }) });
  });
});

describe("SPAKE", () => {
  const challengeOf = (pubkey: Uint8Array, factors = [{ type: 1 }]): PaData =>
    pa(PADATA.spake, spakeMessages.encode("challenge", { group: edwards25519.number, pubkey, factors }));

  it("goes on after 91 alone, until its response is sent; its groups are loaded once", async () => {
    let loads = 0;
    const run = spakeWith(async () => {
      loads++;
      return [edwards25519];
    }).begin(context());
    expect(codesAfter(run)).toEqual([KDC_ERR_MORE_PREAUTH_DATA_REQUIRED]);
    await run.answer(roundOf([info, pa(PADATA.spake)]));
    expect(run.isFinal).toBe(false);
    await run.answer(roundOf([challengeOf(edwards25519.base.encode())]));
    expect([run.isFinal, loads]).toEqual([true, 1]);
    expect(codesAfter(run)).toEqual([]);
  });

  it.each<[string, PaData, string, boolean]>([
    ["is not one", pa(PADATA.spake, Uint8Array.of(0xa1, 1)), "does not decode", true],
    ["has no point", challengeOf(new Uint8Array(3)), "not a point of edwards25519", true],
    ["wants a second factor", challengeOf(edwards25519.base.encode(), [{ type: 2 }]), "a second factor", false],
  ])("refuses a challenge that %s, and says why", async (_, challenge, words, isCaused) => {
    const run = spake().begin(context());
    await run.answer(roundOf([info]));
    const error = await errorOf(run.answer(roundOf([challenge])));
    expect(error).toMatchObject({ code: "PREAUTH", message: expect.stringContaining(words) });
    expect(hasCause(error)).toBe(isCaused);
    expect(run.isFinal).toBe(false);
  });

  it("takes a list of groups: one at least, none twice", () => {
    expect(() => spake({ groups: [] })).toThrow(RangeError);
    expect(() => spake({ groups: [] })).toThrow("groups is an empty list: give a group");
    expect(() => spake({ groups: [edwards25519, edwards25519] })).toThrow("groups has a group twice");
    expect(() => spake({ group: edwards25519 } as never)).toThrow(TypeError);
    expect(() => spake({ groups: [5] } as never)).toThrow("groups");
    expect(() => spake({ groups: edwards25519 } as never)).toThrow("groups");
  });
});

describe("A12: the checksum of our request in a reply", () => {
  const request = Uint8Array.of(1, 2, 3);
  const checksum = (with_: ProtocolKey, usage: number = KEY_USAGE.asReqChecksum, octets = request): PaData =>
    pa(PADATA.reqEncPaRep, encodeChecksum(makeKeyedChecksum(with_, usage, octets)));
  const part = (flags: number, encryptedPaData?: readonly PaData[]) =>
    ({ flags, ...(encryptedPaData === undefined ? {} : { encryptedPaData }) }) as unknown as EncKdcRepPart;
  const verify = (...from: Parameters<typeof part>) => verifyEncPaRep(part(...from), request, key);

  it("is there under the flag, and proves the request; a KDC that does not know it sets no flag", () => {
    expect(verify(TICKET_FLAG.encPaRep, [checksum(key)])).toBe(true);
    expect(verify(0, [checksum(key)])).toBe(true);
    expect(verify(0)).toBe(false);
    expect(verify(0, [pa(PADATA.fxFast)])).toBe(false);
    expect(verify(TICKET_FLAG.initial)).toBe(false);
  });

  it("that is missing under the flag is refused", () => {
    for (const list of [undefined, [], [pa(PADATA.fxFast)]]) {
      expect(() => verify(TICKET_FLAG.encPaRep, list)).toThrow(
        expect.objectContaining({ code: "REPLY_MODIFIED", message: expect.stringContaining("no checksum") }),
      );
    }
  });

  it.each<[string, PaData, string]>([
    ["under another key", checksum(armor.key), "CryptoError"],
    ["under another key usage", checksum(key, KEY_USAGE.asReqChecksum + 1), "CryptoError"],
    ["of another request", checksum(key, KEY_USAGE.asReqChecksum, Uint8Array.of(1, 2, 4)), "CryptoError"],
    ["that does not decode", pa(PADATA.reqEncPaRep, Uint8Array.of(0x30, 1)), "DecodeError"],
  ])("%s is refused, with or without the flag", (_, answer, name) => {
    for (const flags of [0, TICKET_FLAG.encPaRep]) {
      expect(() => verify(flags, [answer])).toThrow(
        expect.objectContaining({ code: "REPLY_MODIFIED", cause: expect.objectContaining({ name }) }),
      );
    }
  });
});
