// An acceptor with initiators that are made by hand: each row of RFC 4178 section 5 and MS-SPNG, and what is refused.

import { describe, expect, it } from "vitest";
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import type { KerberosError, SecurityContext } from "../../../src/entry/gssapi.ts";
import { describeToken, type SpnegoContext } from "../../../src/entry/spnego.ts";
import { decodeResponse, encodeInit, encodeResponse } from "../../../src/spnego/tokens.ts";
import { failureOf } from "../gssapi/exchange.ts";
import { flip, pattern } from "../gssapi/pair.ts";
import { createEnds, KRB5, MICROSOFT, NEGOEX, NTLM, offerOf, there } from "./negotiation.ts";

const NTLM_NEGOTIATE = decodeHex("4e544c4d5353500001000000b78208e2");

/** An initiator that has offered NTLM first, up to the acceptor's request for a token of krb5. */
async function reselected(choices: { readonly mutual?: boolean; readonly changed?: boolean } = {}) {
  const { acceptor, bareInitiator } = createEnds({ acceptor: { service: undefined } });
  const { octets, list } = offerOf([NTLM, MICROSOFT, KRB5], NTLM_NEGOTIATE);
  const reply = decodeResponse(there(await acceptor.step(octets)));
  const initiator = bareInitiator({ mutual: choices.mutual ?? true });
  const token = there(await initiator.step());
  return { acceptor, initiator, list, reply, token };
}

async function refusedBy(acceptor: SpnegoContext, token: Uint8Array): Promise<KerberosError> {
  const error = await failureOf(acceptor.step(token));
  expect(acceptor.isEstablished).toBe(false);
  expect(acceptor.peer).toBeUndefined();
  return error;
}

function toldOf(error: KerberosError) {
  const { token } = error as { readonly token?: Uint8Array };
  return token && describeToken(token);
}

describe("an acceptor of which krb5 is not the first choice", () => {
  it("asks for a token of krb5 and for MICs, and sends its own with its last token", async () => {
    const { acceptor, initiator, list, reply, token } = await reselected();
    expect(reply).toEqual({ state: 3, mechanism: MICROSOFT, token: undefined, mic: undefined });
    const second = decodeResponse(there(await acceptor.step(encodeResponse({ token }))));
    expect(second).toMatchObject({ state: 1, mechanism: undefined });
    await initiator.step(second.token);
    initiator.verifyMic(list, there(second.mic));
    expect(acceptor.isEstablished).toBe(false);
    expect(await acceptor.step(encodeResponse({ state: 0, mic: initiator.getMic(list) }))).toBeUndefined();
    expect(acceptor.isEstablished).toBe(true);
    expect(acceptor.wasReselected).toBe(true);
    expect(acceptor.negotiated).toBe("1.2.840.48018.1.2.2");
    expect(acceptor.unwrap(initiator.wrap(pattern(4)))).toEqual(pattern(4));
  });

  it("without mutual authentication takes the MIC with the token, and answers with its own", async () => {
    const { acceptor, initiator, list, token } = await reselected({ mutual: false });
    const last = await acceptor.step(encodeResponse({ state: 1, token, mic: initiator.getMic(list) }));
    const { state, mic, token: none } = decodeResponse(there(last));
    expect([state, none]).toEqual([0, undefined]);
    initiator.verifyMic(list, there(mic));
    expect(acceptor.isEstablished).toBe(true);
  });

  it("SN2: refuses a MIC over another list than the one that came, at each place", async () => {
    for (const mutual of [true, false]) {
      const { acceptor, initiator, token } = await reselected({ mutual });
      // What the initiator meant: somebody put NTLM before it.
      const { list } = offerOf([MICROSOFT, KRB5]);
      const first = mutual ? encodeResponse({ token }) : encodeResponse({ token, mic: initiator.getMic(list) });
      if (mutual) await initiator.step(decodeResponse(there(await acceptor.step(first))).token);
      const forged = mutual ? encodeResponse({ state: 0, mic: initiator.getMic(list) }) : first;
      const error = await refusedBy(acceptor, forged);
      expect(error.code).toBe("SPNEGO_BAD_MIC");
      expect(error.major).toBe("GSS_S_BAD_MIC");
      expect(error.message).toContain("the MIC of the mechanism list is wrong");
      expect(toldOf(error)).toMatchObject({ kind: "spnego-response", state: "reject" });
    }
  });

  it("SN2: refuses a MIC that is changed, and one that is missing", async () => {
    const { acceptor, initiator, list, token } = await reselected();
    await initiator.step(decodeResponse(there(await acceptor.step(encodeResponse({ token })))).token);
    const mic = flip(initiator.getMic(list), 20, 1);
    expect((await refusedBy(acceptor, encodeResponse({ state: 0, mic }))).code).toBe("SPNEGO_BAD_MIC");

    const other = await reselected();
    await other.acceptor.step(encodeResponse({ token: other.token }));
    const error = await refusedBy(other.acceptor, encodeResponse({ state: 0 }));
    expect(error.code).toBe("SPNEGO_BAD_MIC");
    expect(error.message).toContain("sent no MIC of the mechanism list");

    const oneWay = await reselected({ mutual: false });
    const missing = await refusedBy(oneWay.acceptor, encodeResponse({ token: oneWay.token }));
    expect(missing.code).toBe("SPNEGO_BAD_MIC");
  });

  it.each<[string, (token: Uint8Array) => Uint8Array, string]>([
    ["no token", () => encodeResponse({ state: 1 }), "sent no token of the mechanism"],
    ["another mechanism", (token) => encodeResponse({ mechanism: NTLM, token }), "names another mechanism"],
    ["a request for a MIC", (token) => encodeResponse({ state: 3, token }), "requests a MIC, which acceptors do"],
    ["a second offer", (token) => offerOf([KRB5], token).octets, "NegTokenResp: [1] expected"],
    ["a token of NTLM", () => encodeResponse({ token: NTLM_NEGOTIATE }), "[APPLICATION 0] expected"],
    ["the token twice", (token) => encodeResponse({ token: concat(token, token) }), "octets before what was received"],
    ["two answers", (token) => concat(...[1, 2].map(() => encodeResponse({ token }))), "octets after the message"],
    ["nothing", () => new Uint8Array(0), "nothing found"],
  ])("SN3: refuses %s in place of the token of krb5", async (_, make, words) => {
    const { acceptor, token } = await reselected();
    const error = await refusedBy(acceptor, make(token));
    expect(error.code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(error.message).toContain(words);
    expect(toldOf(error)).toMatchObject({ kind: "spnego-response", state: "reject" });
    expect(await failureOf(acceptor.step(encodeResponse({ token })))).toBe(error);
  });

  it("SN3: refuses a token after the mechanism's last, and takes an empty one for none", async () => {
    for (const extra of [pattern(5), new Uint8Array(0)]) {
      const { acceptor, initiator, list, token } = await reselected();
      await initiator.step(decodeResponse(there(await acceptor.step(encodeResponse({ token })))).token);
      const last = encodeResponse({ state: 0, token: extra, mic: initiator.getMic(list) });
      if (extra.length === 0) expect(await acceptor.step(last)).toBeUndefined();
      else expect((await refusedBy(acceptor, last)).message).toContain("a mechanism that has all it needs");
    }
  });

  it("SN6: says that the initiator rejected", async () => {
    const { acceptor, token } = await reselected();
    const error = await refusedBy(acceptor, encodeResponse({ state: 2, token }));
    expect(error.code).toBe("SPNEGO_REJECTED");
    expect(error.message).toContain("the initiator rejects the negotiation");
  });
});

describe("an acceptor whose first choice krb5 is", () => {
  it("asks for a token that was not sent with the offer, and needs no MIC", async () => {
    const { acceptor, bareInitiator } = createEnds();
    const first = decodeResponse(there(await acceptor.step(offerOf([KRB5, NTLM]).octets)));
    expect(first).toMatchObject({ state: 1, mechanism: KRB5, token: undefined, mic: undefined });
    const initiator = bareInitiator();
    const second = await acceptor.step(encodeResponse({ token: await initiator.step() }));
    const { state, mic, token } = decodeResponse(there(second));
    expect([state, mic]).toEqual([0, undefined]);
    await initiator.step(token);
    expect(acceptor.isEstablished).toBe(true);
    expect(acceptor.wasReselected).toBe(false);
  });

  it("needs no MIC either where the token that it asked for is the last, without mutual authentication", async () => {
    const { acceptor, bareInitiator } = createEnds();
    expect(decodeResponse(there(await acceptor.step(offerOf([KRB5]).octets)))).toMatchObject({ state: 1 });
    const token = await bareInitiator({ mutual: false }).step();
    const { state, token: reply, mic } = decodeResponse(there(await acceptor.step(encodeResponse({ token }))));
    expect({ state, reply, mic }).toEqual({ state: 0, reply: undefined, mic: undefined });
    expect(acceptor.isEstablished).toBe(true);
  });

  it("takes Windows's offer: Microsoft's identifier first, krb5's own in the token", async () => {
    const { acceptor, bareInitiator } = createEnds();
    const { octets } = offerOf([MICROSOFT, KRB5, NEGOEX, NTLM], await bareInitiator().step());
    const { state, mechanism, mic } = decodeResponse(there(await acceptor.step(octets)));
    expect({ state, mechanism, mic }).toEqual({ state: 0, mechanism: MICROSOFT, mic: undefined });
  });

  it("SN2: checks a MIC that comes with the offer, and sends its own", async () => {
    const initiate = async (list: Uint8Array, change: (mic: Uint8Array) => Uint8Array): Promise<Uint8Array> => {
      const initiator = ends.bareInitiator({ mutual: false });
      const token = there(await initiator.step());
      const offer = encodeInit({ list, token });
      return withMic(offer, change(initiator.getMic(list)));
    };
    const { list } = offerOf([KRB5]);
    let ends = createEnds();
    const good = decodeResponse(there(await ends.acceptor.step(await initiate(list, (mic) => mic))));
    expect(good.state).toBe(0);
    expect(good.mic).toHaveLength(28);
    ends = createEnds();
    const error = await refusedBy(ends.acceptor, await initiate(list, (mic) => flip(mic, 20, 1)));
    expect(error.code).toBe("SPNEGO_BAD_MIC");
  });

  it("SN2: refuses a MIC for which there cannot be a key yet", async () => {
    for (const mechanisms of [[KRB5], [NTLM, KRB5]]) {
      const { acceptor } = createEnds();
      const error = await refusedBy(acceptor, withMic(offerOf(mechanisms).octets, pattern(28)));
      expect(error.message).toContain("came before the mechanism's first token");
    }
  });

  it("goes on with no peer for ever", async () => {
    const { acceptor, bareInitiator } = createEnds({ acceptor: { requireMic: true } });
    await acceptor.step(offerOf([KRB5], await bareInitiator().step()).octets);
    const error = await refusedBy(acceptor, encodeResponse({ state: 1 }));
    for (let i = 0; i < 3; i++) expect(await failureOf(acceptor.step(encodeResponse({ state: 1 })))).toBe(error);
  });
});

describe("an offer that an acceptor refuses", () => {
  it.each([
    ["NTLM", [NTLM], "the client offered NTLM only"],
    ["NegoEx and NTLM", [NEGOEX, NTLM], "the client offered NegoEx and NTLM only"],
    ["mechanisms that nobody knows", [decodeHex("2a03"), decodeHex("2a04"), NTLM], "1.2.3, 1.2.4 and NTLM only"],
  ])("SN4: of %s, told with the service", async (_, mechanisms, words) => {
    const { acceptor } = createEnds({ acceptor: { service: "host/server.example.org@EXAMPLE.TEST" } });
    const error = await refusedBy(acceptor, offerOf(mechanisms, pattern(20)).octets);
    expect(error.code).toBe("SPNEGO_NO_COMMON_MECHANISM");
    expect(error.major).toBe("GSS_S_BAD_MECH");
    expect(error.message).toContain(words);
    expect(error.message).toContain("it got no ticket for host/server.example.org@EXAMPLE.TEST");
    expect(toldOf(error)).toMatchObject({ state: "reject", mechanism: undefined, token: undefined });
  });

  it("SN4: in a message of NTLM with no negotiation, which is not answered", async () => {
    const { acceptor } = createEnds();
    const error = await refusedBy(acceptor, NTLM_NEGOTIATE);
    expect(error.code).toBe("SPNEGO_NO_COMMON_MECHANISM");
    expect(error.message).toContain("the client offered NTLM only: it got no ticket for this service");
    expect(toldOf(error)).toBeUndefined();
  });

  it.each<[string, (raw: Uint8Array) => Uint8Array, string]>([
    ["an empty list", () => decodeHex("601006062b0601050502a0063004a0023000"), "a list of no mechanism"],
    ["no list", () => decodeHex("600c06062b0601050502a0023000"), "NegTokenInit.offer.mech-types: the field is missing"],
    ["a list of 300", () => offerOf(Array.from({ length: 300 }, () => NTLM)).octets, "more than 256 mechanisms"],
    ["a list of 10,000", () => offerOf(Array.from({ length: 10_000 }, () => NTLM)).octets, "more than 4096 elements"],
    ["octets after it", (raw) => concat(offerOf([KRB5], raw).octets, pattern(1)), "1 octets after the message"],
    ["the offer twice", (raw) => concat(...[1, 2].map(() => offerOf([KRB5], raw).octets)), "octets after the message"],
    ["SPNEGO within SPNEGO", (raw) => offerOf([KRB5], offerOf([KRB5], raw).octets).octets, "of another mechanism than"],
    ["an empty token", () => offerOf([KRB5], new Uint8Array(0)).octets, "the context token is empty"],
    ["an answer", (raw) => encodeResponse({ token: raw }), "an offer of SPNEGO was expected, this is an answer"],
    ["a message of NegoEx", () => decodeHex("4e45474f45585453"), "this is a message of NegoEx"],
    ["garbage", () => pattern(50), "neither a token of GSS-API nor of NTLM"],
  ])("SN3: with %s", async (_, make, words) => {
    const { acceptor, bareInitiator } = createEnds();
    const error = await refusedBy(acceptor, make(there(await bareInitiator().step())));
    expect(error.code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(error.message).toContain(words);
  });

  it("SN3: cut at any octet", async () => {
    const { bareInitiator } = createEnds();
    const { octets } = offerOf([KRB5], await bareInitiator().step());
    for (let length = 1; length < octets.length; length += 7) {
      const { acceptor } = createEnds();
      expect((await refusedBy(acceptor, octets.subarray(0, length))).code).toBe("GSS_DEFECTIVE_TOKEN");
    }
  });

  it("takes a list of 100, of which krb5 is one", async () => {
    const { acceptor } = createEnds();
    const many = Array.from({ length: 99 }, (_, index) => Uint8Array.of(0x2a, index));
    expect(decodeResponse(there(await acceptor.step(offerOf([...many, KRB5]).octets)))).toMatchObject({ state: 3 });
  });

  it("SN7: as a token of krb5 itself, where that is not wanted", async () => {
    const { acceptor, bareInitiator } = createEnds({ acceptor: { acceptRaw: false } });
    const error = await refusedBy(acceptor, there(await (bareInitiator() as SecurityContext).step()));
    expect(error.code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(error.message).toContain("acceptRaw is false");
  });

  it("as a second silence after its hints", async () => {
    const { acceptor } = createEnds();
    await acceptor.step();
    expect((await refusedBy(acceptor, new Uint8Array(0))).code).toBe("GSS_DEFECTIVE_TOKEN");
  });
});

/** An offer with the field mechListMIC, of less than 32 KB. */
function withMic(offer: Uint8Array, mic: Uint8Array): Uint8Array {
  // Everything after the two outer headers and the identifier, each with a length of its own form.
  const at = offer.indexOf(0x30, offer.indexOf(0xa0));
  const size = (offer[at + 1] as number) < 0x80 ? 2 : 2 + ((offer[at + 1] as number) & 0x7f);
  const field = element(0xa3, element(0x04, mic));
  const fields = element(0x30, concat(offer.subarray(at + size), field));
  return element(0x60, concat(decodeHex("06062b0601050502"), element(0xa0, fields)));
}

function element(tag: number, contents: Uint8Array): Uint8Array {
  const { length } = contents;
  const header =
    length < 0x80 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
  return concat(Uint8Array.from(header), contents);
}
