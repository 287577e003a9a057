// An initiator with acceptors that are made by hand, and what it refuses.

import { describe, expect, it } from "vitest";
import { concat, decodeHex } from "../../../src/bytes/index.ts";
import type { KerberosError, SecurityContext } from "../../../src/entry/gssapi.ts";
import type { SpnegoContext, SpnegoInitiatorOptions } from "../../../src/entry/spnego.ts";
import { decodeInit, encodeResponse, type NegTokenResp } from "../../../src/spnego/tokens.ts";
import { failureOf, HOST } from "../gssapi/exchange.ts";
import { flip, pattern } from "../gssapi/pair.ts";
import { createEnds, KRB5, NTLM, offerOf, there } from "./negotiation.ts";

const LIST = decodeHex("300b06092a864886f712010202");

/** An initiator that has offered, the mechanism's context of an acceptor, and that one's token. */
async function offered(options: Partial<SpnegoInitiatorOptions> = {}): Promise<{
  readonly initiator: SpnegoContext;
  readonly acceptor: SecurityContext;
  readonly token: Uint8Array | undefined;
}> {
  const { initiator, bareAcceptor } = createEnds({ initiator: options });
  const offer = decodeInit(there(await initiator.step()));
  expect(offer.list).toEqual(options.microsoftOidFirst ? expect.anything() : LIST);
  const acceptor = bareAcceptor();
  return { initiator, acceptor, token: await acceptor.step(offer.token) };
}

async function refusal(initiator: SpnegoContext, octets: Uint8Array): Promise<KerberosError> {
  const error = await failureOf(initiator.step(octets));
  expect(initiator.isEstablished).toBe(false);
  expect(await failureOf(initiator.step(octets))).toBe(error);
  return error;
}

describe("an initiator refuses", () => {
  it.each<[string, (token: Uint8Array) => NegTokenResp, string]>([
    ["a mechanism that it did not offer", (token) => ({ state: 0, mechanism: NTLM, token }), "was not offered"],
    ["no token where one has to be", () => ({ state: 0, mechanism: KRB5 }), "did not answer the token"],
    ["a request to send its token again", () => ({ state: 3, mechanism: KRB5 }), "did not answer the token"],
    ["a token that is not the mechanism's", () => ({ state: 0, token: pattern(9) }), "[APPLICATION 0] expected"],
    ["SPNEGO within SPNEGO", (token) => ({ token: encodeResponse({ token }) }), "[APPLICATION 0] expected"],
  ])("SN3: %s", async (_, make, words) => {
    const { initiator, token } = await offered();
    const error = await refusal(initiator, encodeResponse(make(there(token))));
    expect(error.code).toBe("GSS_DEFECTIVE_TOKEN");
    expect(error.message).toContain(words);
  });

  it.each<[string, (token: Uint8Array) => Uint8Array]>([
    ["a token of krb5 itself", (token) => token],
    ["an offer", (token) => offerOf([KRB5], token).octets],
    ["two answers", (token) => concat(...[1, 2].map(() => encodeResponse({ state: 0, token })))],
    ["an answer that is cut off", (token) => encodeResponse({ state: 0, token }).subarray(0, -1)],
    ["nothing", () => new Uint8Array(0)],
  ])("SN3: %s in place of an answer", async (_, make) => {
    const { initiator, token } = await offered();
    expect((await refusal(initiator, make(there(token)))).code).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("SN3: a token after the mechanism's last, but an empty one, as old servers send it", async () => {
    for (const token of [pattern(5), new Uint8Array(0)]) {
      const { initiator } = await offered({ flags: { mutual: false } });
      const reply = encodeResponse({ state: 0, mechanism: KRB5, token });
      if (token.length > 0) {
        expect((await refusal(initiator, reply)).message).toContain("a mechanism that has all it needs");
      } else {
        expect(await initiator.step(reply)).toBeUndefined();
        expect(initiator.isEstablished).toBe(true);
      }
    }
  });

  it("SN2: a MIC that is wrong, over another list, or missing where it was requested", async () => {
    for (const make of [
      (acceptor: SecurityContext) => flip(acceptor.getMic(LIST), 20, 1),
      (acceptor: SecurityContext) => acceptor.getMic(offerOf([NTLM, KRB5]).list),
      () => pattern(28),
      () => undefined,
    ]) {
      const { initiator, acceptor, token } = await offered();
      const error = await refusal(initiator, encodeResponse({ state: 3, mechanism: KRB5, token, mic: make(acceptor) }));
      expect(error.code).toBe("SPNEGO_BAD_MIC");
      expect(error.major).toBe("GSS_S_BAD_MIC");
    }
  });

  it("SN3: another mechanism, and a request for a MIC, after the first answer", async () => {
    for (const [change, words] of [
      [{ mechanism: decodeHex("2a864882f712010202") }, "changed the mechanism"],
      [{ state: 3 }, "requests a MIC after its first answer"],
    ] as const) {
      const { initiator, acceptor, token } = await offered({ microsoftOidFirst: true });
      await initiator.step(encodeResponse({ state: 3, mechanism: KRB5 }));
      const { list } = offerOf([decodeHex("2a864882f712010202"), KRB5]);
      const reply = { state: 1, token, mic: acceptor.getMic(list), ...change };
      expect((await refusal(initiator, encodeResponse(reply))).message).toContain(words);
    }
  });

  it("SN2: no MIC where its token had to be sent again", async () => {
    const { initiator, token } = await offered({ microsoftOidFirst: true });
    await initiator.step(encodeResponse({ state: 1, mechanism: KRB5 }));
    expect((await refusal(initiator, encodeResponse({ state: 0, token }))).code).toBe("SPNEGO_BAD_MIC");
  });

  it("an acceptor that goes on for ever", async () => {
    const { initiator } = await offered({ microsoftOidFirst: true });
    const again = encodeResponse({ state: 1, mechanism: KRB5 });
    expect(await initiator.step(again)).toBeInstanceOf(Uint8Array);
    expect((await refusal(initiator, again)).message).toContain("did not answer the token");
  });

  it("SN6: what the acceptor rejects, whatever comes with it", async () => {
    for (const what of ["nothing", "an empty token", "its own token"]) {
      const { initiator, token } = await offered();
      const own = what === "nothing" ? undefined : what === "its own token" ? token : new Uint8Array(0);
      const error = await refusal(initiator, encodeResponse({ state: 2, token: own }));
      expect(error.code).toBe("SPNEGO_REJECTED");
      expect(error.message).toContain("the acceptor rejects the negotiation and does not say why");
    }
    const { initiator } = await offered({ flags: { mutual: false } });
    expect((await refusal(initiator, encodeResponse({ state: 2, token: pattern(4) }))).code).toBe("SPNEGO_REJECTED");
  });

  it("a server that speaks first with what is not an offer", async () => {
    for (const octets of [pattern(20), encodeResponse({ state: 0 })]) {
      const { initiator } = createEnds();
      expect((await refusal(initiator, octets)).code).toBe("GSS_DEFECTIVE_TOKEN");
    }
  });
});

it("SN5: what a server says of its name and mechanisms, before there is a key, changes nothing", async () => {
  let asked = "";
  const { ticket } = createEnds();
  const { initiator } = createEnds({
    initiator: {
      credential: {
        getTicket: async (service) => {
          asked = service.components.join("/");
          return ticket;
        },
      },
    },
  });
  // NTLM alone, and a hint with a name: a token for that name would go to whoever sent it.
  const hints = decodeHex(
    "602d06062b0601050502a0233021a00e300c060a2b06010401823702020aa30f300da00b1b096576696c406c6f6c7a",
  );
  const token = await initiator.step(hints);
  expect(asked).toBe("host/server.example.org");
  expect(decodeInit(there(token)).mechanisms).toEqual([KRB5]);
  expect(initiator.peer).toEqual(HOST);
});
