// The two ends of this package with each other, and the octets that they send (RFC 4178 sections 4 and 5).

import { describe, expect, it } from "vitest";
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { describeToken } from "../../../src/entry/spnego.ts";
import { NegotiatedContext } from "../../../src/spnego/negotiated-context.ts";
import { decodeInit, decodeResponse, encodeResponse } from "../../../src/spnego/tokens.ts";
import { FakeContext } from "../../support/fake-context.ts";
import { ALICE, failureOf, HOST } from "../gssapi/exchange.ts";
import { codeOf, pattern } from "../gssapi/pair.ts";
import { type Choices, createEnds, exchange, KRB5, MICROSOFT, there } from "./negotiation.ts";

const KRB5_TEXT = "1.2.840.113554.1.2.2";

/** What the tokens of an exchange are, and both ends established with messages both ways. */
async function established(choices: Choices) {
  const { initiator, acceptor } = createEnds(choices);
  const sent = await exchange(initiator, acceptor);
  for (const end of [initiator, acceptor]) {
    expect(end.isEstablished).toBe(true);
    expect(end.mechanism).toBe(KRB5_TEXT);
    expect(end.framing).toBe("spnego");
  }
  expect(acceptor.peer).toEqual(ALICE);
  expect(acceptor.self).toEqual(HOST);
  expect(initiator.peer).toEqual(HOST);
  expect(initiator.self).toEqual(ALICE);
  expect(acceptor.etype).toBe(18);
  expect(acceptor.expires).toEqual(initiator.expires);
  expect(acceptor.hasAcceptorSubkey).toBe(initiator.hasAcceptorSubkey);
  for (const [from, to] of [
    [initiator, acceptor],
    [acceptor, initiator],
  ] as const) {
    expect(to.unwrap(from.wrap(pattern(30)))).toEqual(pattern(30));
    to.verifyMic(pattern(9), from.getMic(pattern(9)));
    const out = new Uint8Array(20 + from.wrapOverhead);
    expect(to.unwrap(out.subarray(0, from.wrapInto(out, 0, pattern(20))))).toEqual(pattern(20));
    expect(from.wrapSizeLimit(1000)).toBe(1000 - from.wrapOverhead);
  }
  return { initiator, acceptor, sent: sent.map(describeToken) };
}

const KERBEROS = { oid: KRB5_TEXT, name: "Kerberos 5" };
const MS_KERBEROS = { oid: "1.2.840.48018.1.2.2", name: "Kerberos 5 (Microsoft)" };
const AP_REQ = { kind: "krb5", message: "AP-REQ" };
const AP_REP = { kind: "krb5", message: "AP-REP" };
const offer = { kind: "spnego-init", mechanisms: [KERBEROS], token: AP_REQ, hasMic: false, hintName: undefined };
const answer = {
  kind: "spnego-response",
  state: "accept-completed",
  mechanism: KERBEROS,
  token: AP_REP,
  hasMic: false,
};
const micAlone = { ...answer, mechanism: undefined, token: undefined, hasMic: true };

describe("a negotiated context", () => {
  it("needs one round trip, and no MIC", async () => {
    const { initiator, acceptor, sent } = await established({});
    expect(sent).toEqual([offer, answer]);
    expect([initiator.wasReselected, acceptor.wasReselected]).toEqual([false, false]);
    expect([initiator.negotiated, acceptor.negotiated]).toEqual([KRB5_TEXT, KRB5_TEXT]);
    expect(acceptor.flags).toEqual(initiator.flags);
  });

  it("without mutual authentication has an answer of 22 octets with no token", async () => {
    const flags = { mutual: false };
    const { initiator, acceptor } = createEnds({ initiator: { flags } });
    const reply = await acceptor.step(await initiator.step());
    expect(encodeHex(there(reply))).toBe("a1143012a0030a0100a10b06092a864886f712010202");
    expect(acceptor.isEstablished).toBe(true);
    expect(initiator.isEstablished).toBe(false);
    expect(await initiator.step(reply)).toBeUndefined();
    expect(initiator.isEstablished).toBe(true);
    expect(initiator.flags.mutual).toBe(false);
    expect((await established({ initiator: { flags } })).sent).toEqual([offer, { ...answer, token: undefined }]);
  });

  it.each([true, false])(
    "has the integrity flag unless that is not wanted, as SASL within TLS: %s",
    async (integrity) => {
      const flags = { confidentiality: false, ...(integrity ? {} : { integrity }) };
      const { initiator, acceptor } = createEnds({ initiator: { flags } });
      await exchange(initiator, acceptor);
      expect(acceptor.flags).toMatchObject({ integrity, confidentiality: false });
    },
  );

  it("has a MIC of the list without the integrity flag too, where one is required", async () => {
    const flags = { integrity: false, confidentiality: false };
    const { initiator, acceptor } = createEnds({
      initiator: { flags, requireMic: true },
      acceptor: { requireMic: true },
    });
    await exchange(initiator, acceptor);
    expect([initiator.isEstablished, acceptor.isEstablished]).toEqual([true, true]);
  });

  it("under Microsoft's object identifier is answered with that one", async () => {
    const { acceptor, sent } = await established({ initiator: { microsoftOidFirst: true } });
    expect(sent).toEqual([
      { ...offer, mechanisms: [MS_KERBEROS, KERBEROS] },
      { ...answer, mechanism: MS_KERBEROS },
    ]);
    expect(acceptor.negotiated).toBe("1.2.840.48018.1.2.2");
    expect(acceptor.wasReselected).toBe(false);
  });

  it("exchanges MICs where the acceptor requests them", async () => {
    for (const requireMic of [false, true]) {
      const { sent } = await established({ acceptor: { requireMic: true }, initiator: { requireMic } });
      expect(sent).toEqual([offer, { ...answer, state: "request-mic", hasMic: true }, micAlone]);
    }
    const oneWay = { acceptor: { requireMic: true }, initiator: { flags: { mutual: false } } };
    expect((await established(oneWay)).sent).toEqual([
      offer,
      { ...answer, state: "request-mic", token: undefined, hasMic: true },
      micAlone,
    ]);
  });

  it("SN2: where the initiator wants MICs, one without is refused", async () => {
    const { initiator, acceptor } = createEnds({ initiator: { requireMic: true } });
    const failure = await failureOf(exchange(initiator, acceptor));
    expect(failure.code).toBe("SPNEGO_BAD_MIC");
    expect(failure.message).toContain("the acceptor sent no MIC of the mechanism list");
  });

  it("begins with what the server says, where the server speaks first", async () => {
    const { initiator, acceptor } = createEnds();
    const hints = await acceptor.step();
    expect(describeToken(there(hints))).toMatchObject({
      kind: "spnego-init",
      mechanisms: [MS_KERBEROS, KERBEROS],
      hintName: "not_defined_in_RFC4178@please_ignore",
    });
    const token = await initiator.step(hints);
    expect(await initiator.step(await acceptor.step(token))).toBeUndefined();
    expect([initiator.isEstablished, acceptor.isEstablished]).toEqual([true, true]);
    expect(initiator.peer).toEqual(HOST);
  });

  it("is one of krb5 itself where the initiator sends that", async () => {
    const { bareInitiator, acceptor } = createEnds();
    const initiator = bareInitiator();
    const reply = await acceptor.step(await initiator.step());
    expect(describeToken(there(reply))).toEqual(AP_REP);
    await initiator.step(reply);
    expect(acceptor.framing).toBe("raw");
    expect(acceptor.isEstablished).toBe(true);
    expect(acceptor.unwrap(initiator.wrap(pattern(3)))).toEqual(pattern(3));
  });

  it("SN1: shows nothing of the mechanism's context before the list is protected", async () => {
    const { initiator, acceptor } = createEnds({ acceptor: { requireMic: true, takeDelegation: true } });
    const reply = await acceptor.step(await initiator.step());
    expect(acceptor).toMatchObject({
      isEstablished: false,
      peer: undefined,
      self: undefined,
      expires: undefined,
      etype: undefined,
      delegated: undefined,
      hasAcceptorSubkey: false,
    });
    expect(Object.values(acceptor.flags)).not.toContain(true);
    for (const use of [
      () => acceptor.wrap(pattern(1)),
      () => acceptor.unwrap(pattern(60)),
      () => acceptor.getMic(pattern(1)),
      () => acceptor.verifyMic(pattern(1), pattern(28)),
      () => acceptor.wrapInto(new Uint8Array(99), 0, pattern(1)),
      () => acceptor.wrapSizeLimit(99),
      () => acceptor.wrapOverhead,
    ]) {
      expect(codeOf(use)).toBe("GSS_NO_CONTEXT");
    }
    await acceptor.step(await initiator.step(reply));
    expect(acceptor.isEstablished).toBe(true);
    expect(acceptor.peer).toEqual(ALICE);
  });

  it("tells what the krb5 mechanism says of a refusal, at both ends", async () => {
    const { initiator, acceptor } = createEnds({ acceptor: { now: () => 1 } });
    const refusal = await failureOf(acceptor.step(await initiator.step()));
    expect(refusal.code).toBe("CLOCK_SKEW");
    const { token } = refusal as { readonly token?: Uint8Array };
    expect(describeToken(there(token))).toEqual({
      ...answer,
      state: "reject",
      token: { kind: "krb5", message: "KRB-ERROR" },
    });
    const told = await failureOf(initiator.step(token));
    expect(told.code).toBe("SERVER_CLOCK_SKEW");
    // The first error again, at both ends.
    expect(await failureOf(acceptor.step(token))).toBe(refusal);
    expect(await failureOf(initiator.step(token))).toBe(told);
    expect(() => initiator.wrap(pattern(1))).toThrow(told);
  });

  it("SN1: forgets the keys of the mechanism's context when it fails, and with dispose()", async () => {
    const fails = (): Promise<never> => Promise.reject(new RangeError("no"));
    const negotiation = {
      step: fails,
      isComplete: false,
      framing: undefined,
      negotiated: undefined,
      wasReselected: false,
    };
    for (const end of [
      (context: NegotiatedContext) => expect(context.step()).rejects.toThrow("no"),
      (context: NegotiatedContext) => context.dispose(),
    ]) {
      const inner = new FakeContext(false);
      await end(new NegotiatedContext(inner, negotiation, true));
      expect(inner.isDisposed).toBe(true);
    }
  });

  it("ends with dispose(), and with a token after its end", async () => {
    const { initiator, acceptor } = createEnds();
    const [, reply] = await exchange(initiator, acceptor);
    expect((await failureOf(initiator.step(reply))).code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(initiator.isEstablished).toBe(false);
    acceptor.dispose();
    acceptor.dispose();
    expect(acceptor.isEstablished).toBe(false);
    expect(acceptor.peer).toBeUndefined();
    expect(codeOf(() => acceptor.wrap(pattern(1)))).toBe("GSS_NO_CONTEXT");
    const { acceptor: unused } = createEnds();
    unused.dispose();
    expect((await failureOf(unused.step(reply))).code).toBe("GSS_NO_CONTEXT");
  });

  it("options of a step are checked, and a mistake costs nothing", async () => {
    const { initiator } = createEnds();
    await expect(initiator.step(undefined, { signal: 1 as never })).rejects.toThrow(/signal/);
    await expect(initiator.step(undefined, { signals: 1 } as never)).rejects.toThrow(TypeError);
    expect(await initiator.step()).toBeInstanceOf(Uint8Array);
  });

  it("two steps at once are the caller's mistake and cost nothing", async () => {
    const { initiator, acceptor } = createEnds();
    const first = initiator.step();
    await expect(initiator.step()).rejects.toBeInstanceOf(TypeError);
    expect(await initiator.step(await acceptor.step(await first))).toBeUndefined();
    await expect(initiator.step("token" as never)).rejects.toBeInstanceOf(TypeError);
    expect(initiator.isEstablished).toBe(true);
  });
});

describe("an initiator that offers both identifiers of krb5", () => {
  /** An acceptor to which they are two mechanisms, as old ones are: it has the second alone. */
  async function other(choices: { readonly mutual: boolean }) {
    const { initiator, bareAcceptor } = createEnds({ initiator: { microsoftOidFirst: true, flags: choices } });
    await initiator.step();
    const second = there(await initiator.step(encodeResponse({ state: 3, mechanism: KRB5 })));
    const acceptor = bareAcceptor();
    const { token, mic, mechanism } = decodeResponse(second);
    const reply = await acceptor.step(token);
    expect(mechanism).toBeUndefined();
    // The SEQUENCE of both.
    const list = decodeHex("301606092a864882f71201020206092a864886f712010202");
    return { initiator, acceptor, list, mic, reply };
  }

  it("sends its token again, and then there are MICs", async () => {
    const { initiator, acceptor, list, mic, reply } = await other({ mutual: true });
    expect(mic).toBeUndefined();
    const last = await initiator.step(encodeResponse({ state: 1, token: reply, mic: acceptor.getMic(list) }));
    const { state, mic: own } = decodeResponse(there(last));
    expect(state).toBe(0);
    acceptor.verifyMic(list, there(own));
    expect(initiator.isEstablished).toBe(true);
    expect(initiator.wasReselected).toBe(true);
    expect(initiator.negotiated).toBe(KRB5_TEXT);
  });

  it("sends its MIC with the token where that is the last one", async () => {
    const { initiator, acceptor, list, mic, reply } = await other({ mutual: false });
    expect(reply).toBeUndefined();
    acceptor.verifyMic(list, there(mic));
    expect(await initiator.step(encodeResponse({ state: 0, mic: acceptor.getMic(list) }))).toBeUndefined();
    expect(initiator.isEstablished).toBe(true);
  });

  it("takes either name in the answer, and none, as that of the mechanism whose token was answered", async () => {
    for (const mechanism of [KRB5, MICROSOFT, undefined]) {
      for (const microsoftOidFirst of [false, true]) {
        const { initiator, bareAcceptor } = createEnds({ initiator: { microsoftOidFirst } });
        const { token } = decodeInit(there(await initiator.step()));
        const reply = await bareAcceptor().step(token);
        expect(await initiator.step(encodeResponse({ state: 0, mechanism, token: reply }))).toBeUndefined();
        expect(initiator.isEstablished).toBe(true);
        expect(initiator.wasReselected).toBe(false);
      }
    }
  });
});
