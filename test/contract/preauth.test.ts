// One suite over every mechanism of pre-authentication: those that are registered, and two that only tests have.

import { describe, expect, it } from "vitest";
import { KRB_ERROR, PADATA, padataName } from "../../src/iana/index.ts";
import { decodeKdcReqBody } from "../../src/krb5/index.ts";
import {
  encryptedChallenge,
  encTimestamp,
  otp,
  type PreauthMechanism,
  preauthMechanisms,
  spake,
  usualMechanisms,
} from "../../src/preauth/index.ts";
import { challengeKdc } from "../support/fast-kdc.ts";
import { otpKdc } from "../support/otp-kdc.ts";
import { drive, encTypes, exchange, find, logIn, PreauthKdc, REALM, type Script } from "../support/preauth-kdc.ts";
import { oneMessage, pa, twoRounds, twoRoundsKdc, watched } from "../support/preauth-mechanisms.ts";
import { sealedEnvelope } from "../support/sealed-envelope.ts";
import { spakeKdc } from "../support/spake-kdc.ts";
import { refusal } from "../unit/client/harness.ts";

const { KDC_ERR_PREAUTH_REQUIRED, KDC_ERR_PREAUTH_FAILED, KDC_ERR_PREAUTH_EXPIRED } = KRB_ERROR;
const { KDC_ERR_MORE_PREAUTH_DATA_REQUIRED } = KRB_ERROR;
const armor = encTypes.generateKey(18);

/** Each mechanism with a KDC that takes it. */
const rows: readonly { readonly mechanism: PreauthMechanism; readonly script: () => Script }[] = [
  { mechanism: encTimestamp, script: () => () => "usual" },
  { mechanism: encryptedChallenge, script: () => challengeKdc(armor) },
  { mechanism: spake(), script: () => spakeKdc().script },
  { mechanism: otp(), script: () => otpKdc(armor) },
  { mechanism: twoRounds, script: () => twoRoundsKdc() },
];

it("every registered mechanism has a row here", () => {
  const registered = [...preauthMechanisms, ...usualMechanisms({ spakeGroups: () => undefined })];
  const ofCertificates = registered.filter(({ secrets }) => secrets?.includes("password") === false);
  const types = rows.map(({ mechanism }) => mechanism.type);
  const proving = registered.filter((one) => !ofCertificates.includes(one));
  expect(types).toEqual(expect.arrayContaining(proving.map(({ type }) => type)));
  // What proves no password has a suite of its own: test/unit/preauth/pkinit-reply.test.ts, with its hostile KDC.
  expect(ofCertificates.map(({ type }) => type)).toEqual([PADATA.pkAsReq]);
  for (const { type, name } of registered) expect(padataName(type)).toBe(name);
});

let codes = 0;
/** Each question gets a new code. */
const prompts = { otp: async () => `code ${++codes}` };

const envelopes = [
  { where: "outside FAST", options: {}, key: undefined },
  { where: "inside FAST", options: { envelope: sealedEnvelope(armor), prompts }, key: armor },
] as const;
const cases = rows.flatMap((row) =>
  envelopes
    .filter(({ where }) => row.mechanism.place === "any" || row.mechanism.place === where)
    .map((envelope) => ({ ...row, ...envelope, name: `${row.mechanism.name} ${envelope.where}` })),
);

describe.each(cases)("$name", ({ mechanism, script, options, key }) => {
  const weaker = oneMessage(-1999);

  it("logs in, and the login says by what", async () => {
    const kdc = await PreauthKdc.create(script(), key);
    const machine = exchange({ ...options, preauth: [mechanism] });
    const ticket = await drive(kdc, machine);
    expect(ticket.client).toMatchObject({ components: ["alice"], realm: REALM });
    expect(machine.login?.preauthType).toBe(mechanism.type);
  });

  it("is given the body that is sent, and its nonce; the KDC's cookie goes with the answer", async () => {
    const kdc = await PreauthKdc.create(script(), key);
    const one = watched(mechanism);
    await logIn(kdc, { ...options, preauth: [one] });
    const [run, ...others] = one.runs;
    expect(others).toEqual([]);
    expect(run?.rounds).toHaveLength(kdc.requests.length - 1);
    run?.rounds.forEach(({ body, nonce, offer }, index) => {
      const request = kdc.requests[index + 1];
      expect(body).toEqual(request?.reqBody.octets);
      expect(decodeKdcReqBody(body).nonce).toBe(nonce);
      expect(find(request?.padata, PADATA.fxCookie)).toEqual(find(offer, PADATA.fxCookie));
    });
  });

  it("two logins at once by one value do not disturb each other", async () => {
    const kdcs = await Promise.all([1, 2, 3].map(() => PreauthKdc.create(script(), key)));
    const tickets = await Promise.all(kdcs.map((kdc) => logIn(kdc, { ...options, preauth: [mechanism] })));
    expect(new Set(tickets.map(({ sessionKey }) => String(sessionKey.octets))).size).toBe(3);
  });

  it("asks nobody and makes no key before it is chosen", async () => {
    const kdc = await PreauthKdc.create(script(), key);
    const login = new Proxy({}, { get: (_, name) => expect.fail(`it looked for ${String(name)}`) });
    expect(mechanism.canAnswer({ value: new Uint8Array(0), padata: [kdc.etypeInfo, pa(mechanism.type)] })).toBe(true);
    expect(() => mechanism.begin(login as never)).not.toThrow();
  });

  it("P5: after its proof a KDC that asks for another mechanism is refused, and gets nothing more", async () => {
    const usual = script();
    const one = watched(mechanism);
    const other = watched(weaker);
    let proofs = 0;
    const kdc = await PreauthKdc.create((request, round, self) => {
      if (one.runs[0]?.run.isFinal !== true) return usual(request, round, self);
      proofs += 1;
      const methods = [self.etypeInfo, pa(weaker.type), pa(mechanism.type)];
      return { code: KDC_ERR_PREAUTH_REQUIRED, methods };
    }, key);
    expect(await refusal(logIn(kdc, { ...options, preauth: [one, other] }))).toMatch(/^PREAUTH: /);
    expect(other.runs).toEqual([]);
    // One proof is the last that it gets.
    expect(proofs).toBe(1);
    expect(one.runs).toHaveLength(1);
  });

  it("P11: a wrong password is proven once, and no other mechanism is tried after it", async () => {
    const one = watched(mechanism);
    const other = watched(weaker);
    const usual = script();
    const kdc = await PreauthKdc.create((request, round, self) => {
      if (one.runs[0]?.run.isFinal !== true) return usual(request, round, self);
      return { code: KDC_ERR_PREAUTH_FAILED, methods: [self.etypeInfo, pa(weaker.type), pa(mechanism.type)] };
    }, key);
    const refused = await refusal(logIn(kdc, { ...options, password: "wrong", preauth: [one, other] }));
    const { hint } = one.runs[0]?.run ?? {};
    const ofOtp = mechanism.type === PADATA.otpChallenge ? /^OTP_REFUSED: / : /^PREAUTH: /;
    expect(refused).toMatch(hint === undefined ? ofOtp : /^WRONG_PASSWORD: /);
    expect(other.runs).toEqual([]);
    expect(one.runs).toHaveLength(1);
  });

  it("P11, P12: a conversation that expired after a proof begins anew only where the KDC itself says so", async () => {
    const usual = script();
    const one = watched(mechanism);
    let hasExpired = false;
    const kdc = await PreauthKdc.create((request, round, self) => {
      if (hasExpired || one.runs[0]?.run.isFinal !== true) return usual(request, round, self);
      hasExpired = true;
      return { code: KDC_ERR_PREAUTH_EXPIRED };
    }, key);
    const login = logIn(kdc, { ...options, preauth: [one] });
    if (key === undefined) {
      // Anybody could say so, for a second proof under another salt.
      expect(await refusal(login)).toContain("KDC_ERR_PREAUTH_EXPIRED");
      expect(one.runs).toHaveLength(1);
      return;
    }
    await login;
    expect(one.runs).toHaveLength(2);
    // It begins with a request that proves nothing and has no cookie.
    const anew = kdc.requests[(one.runs[0]?.rounds.length ?? 0) + 1];
    expect(anew?.padata?.map(({ padataType }) => padataType)).toEqual([PADATA.reqEncPaRep]);
  });

  it("a KDC that took its proof gets it unasked at the next login, one round trip earlier", async () => {
    const kdc = await PreauthKdc.create(script(), key);
    const machine = exchange({ ...options, preauth: [mechanism] });
    await drive(kdc, machine);
    const { proof } = machine;
    if (proof === undefined) return;
    expect(proof.mechanism).toBe(mechanism.type);
    const requests = kdc.requests.length;
    const next = exchange({ ...options, preauth: [mechanism] });
    await drive(kdc, next, await next.startWithProof(proof));
    expect(kdc.requests.length - requests).toBe(requests - 1);
  });
});

describe("a mechanism of two rounds", () => {
  it("goes on after KDC_ERR_MORE_PREAUTH_DATA_REQUIRED with the KDC's new cookie, and replaces the reply key", async () => {
    const kdc = await PreauthKdc.create(twoRoundsKdc());
    const machine = exchange({ preauth: [encTimestamp, twoRounds] });
    await drive(kdc, machine);
    expect(kdc.requests).toHaveLength(3);
    const cookies = kdc.requests.map(({ padata }) => find(padata, PADATA.fxCookie)?.length);
    expect(cookies).toEqual([undefined, 8, 32]);
  });

  it("binds the octets of the body: one that is changed on its way is not taken", async () => {
    const kdc = await PreauthKdc.create(twoRoundsKdc());
    const script = kdc.script;
    kdc.script = ({ reqBody, ...rest }, round, self) => {
      const octets = Uint8Array.from(reqBody.octets, (octet, i) => (i === 60 ? octet ^ 1 : octet));
      return script({ ...rest, reqBody: { ...reqBody, octets } }, round, self);
    };
    expect(await refusal(logIn(kdc, { preauth: [twoRounds] }))).toMatch(/^WRONG_PASSWORD: /);
  });

  it("P13: a KDC that cannot do its part of the proof is refused, though its reply opens", async () => {
    const proof = (kdc: PreauthKdc) => find([kdc.etypeInfo], PADATA.etypeInfo2) as Uint8Array;
    const kdc = await PreauthKdc.create(twoRoundsKdc(proof));
    expect(await refusal(logIn(kdc, { preauth: [twoRounds] }))).toMatch(/^DECODE: /);
  });

  it("P14: an error without a cookie takes the old one away", async () => {
    const usual = twoRoundsKdc();
    const kdc = await PreauthKdc.create((request, round, self) => {
      const answer = usual(request, round, self);
      if (answer === "usual" || !("code" in answer) || answer.code !== KDC_ERR_MORE_PREAUTH_DATA_REQUIRED)
        return answer;
      return { ...answer, methods: (answer.methods ?? []).filter(({ padataType }) => padataType !== PADATA.fxCookie) };
    });
    await refusal(logIn(kdc, { preauth: [twoRounds] }));
    expect(find(kdc.requests[2]?.padata, PADATA.fxCookie)).toBeUndefined();
  });
});
