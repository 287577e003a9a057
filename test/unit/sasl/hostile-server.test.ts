// What a client does with a server that breaks the rules.

import { describe, expect, it } from "vitest";
import { createInitiator, type SecurityContext } from "../../../src/entry/gssapi.ts";
import { failureOf } from "../gssapi/exchange.ts";
import { pattern } from "../gssapi/pair.ts";
import { clientOfHostile, createSaslEnds, sizeMessage } from "./ends.ts";

const EMPTY = new Uint8Array(0);

describe("an offer that is refused", () => {
  it.each<[string, string, Uint8Array]>([
    ["SS9: nothing", "SASL_PROTOCOL", EMPTY],
    ["SS9: three octets", "SASL_PROTOCOL", pattern(3)],
    ["SS9: five octets", "SASL_PROTOCOL", sizeMessage(7, 65_536, Uint8Array.of(0x78))],
    ["SS9: a megabyte", "SASL_PROTOCOL", pattern(1_000_000)],
    ["SS2: no layers", "SASL_LAYER", sizeMessage(0, 65_536)],
    ["SS2: layers that nobody knows", "SASL_LAYER", sizeMessage(0xf8, 65_536)],
    ["SS2: other layers", "SASL_LAYER", sizeMessage(3, 65_536)],
    ["SS2: a layer with no room for it", "SASL_LAYER", sizeMessage(4, 0)],
    ["SS2: a layer with room for no octet", "SASL_LAYER", sizeMessage(4, 60)],
  ])("%s", async (_, code, offer) => {
    const { client, server } = await clientOfHostile();
    const error = await failureOf(client.step(server.wrap(offer, { conf: false })));
    expect(error.code).toBe(code);
    expect(client.isComplete).toBe(false);
    // The exchange is dead, and goes on saying why.
    expect(await failureOf(client.step(EMPTY))).toBe(error);
    expect(await failureOf(client.finish())).toBe(error);
  });

  it("that is the least with room for an octet is taken", async () => {
    const { client, server } = await clientOfHostile();
    await client.step(server.wrap(sizeMessage(4, 61), { conf: false }));
    expect(client.layer?.maxMessageBytes).toBe(1);
    expect(client.layer?.frame(pattern(3)).length).toBe(3 * (4 + 61));
  });

  it("that is changed on the way", async () => {
    const { client, server } = await clientOfHostile({ layers: ["none", "confidentiality"] });
    const offer = server.wrap(sizeMessage(4, 65_536), { conf: false }).slice();
    offer[16] = 1;
    expect((await failureOf(client.step(offer))).code).toBe("GSS_BAD_MIC");
  });
});

describe("a server that goes on", () => {
  it("SS4: a challenge after the end", async () => {
    const { client, server } = await clientOfHostile();
    await client.step(server.wrap(sizeMessage(4, 65_536), { conf: false }));
    expect(client.isComplete).toBe(true);
    const error = await failureOf(client.step(server.wrap(sizeMessage(4, 65_536), { conf: false })));
    expect(error.message).toContain("after the end");
    expect(client.isComplete).toBe(false);
    expect(client.layer).toBeUndefined();
  });

  it("SS4: octets that come with the success", async () => {
    const { client, server } = await clientOfHostile();
    await client.step(server.wrap(sizeMessage(4, 65_536), { conf: false }));
    expect((await failureOf(client.finish(pattern(3)))).code).toBe("SASL_PROTOCOL");
  });

  it("SS4: challenges for ever", async () => {
    let asked = 0;
    const endless = { isEstablished: false, dispose() {}, step: async () => pattern(++asked) };
    const { client } = createSaslEnds({
      client: { mechanism: "GSS-SPNEGO", spnego: () => endless as unknown as SecurityContext },
    });
    const error = await failureOf(
      (async () => {
        for (let count = 0; count < 30; count++) await client.step(pattern(10));
      })(),
    );
    expect(error.message).toBe("the peer asked for more than 16 steps; check that both sides mean the same mechanism");
    expect(asked).toBe(16);
  });
});

it("SS4: a mechanism that failed is not asked again", async () => {
  let asked = 0;
  const step = async () => {
    asked++;
    throw new Error("no ticket");
  };
  const spnego = () => ({ isEstablished: false, dispose() {}, step }) as unknown as SecurityContext;
  const { client } = createSaslEnds({ client: { mechanism: "GSS-SPNEGO", spnego } });
  await expect(client.step()).rejects.toThrow("no ticket");
  await expect(client.step()).rejects.toThrow("no ticket");
  expect(asked).toBe(1);
});

describe("SS3: success before the server has proved who it is", () => {
  it("at once", async () => {
    const { client } = createSaslEnds();
    await client.step();
    const error = await failureOf(client.finish());
    expect(error.code).toBe("SASL_PROTOCOL");
    expect(error.message).toContain("it has not proved who it is");
    expect(await failureOf(client.step(EMPTY))).toBe(error);
  });

  it("before a layer is agreed", async () => {
    const { client } = await clientOfHostile();
    expect((await failureOf(client.finish())).code).toBe("SASL_PROTOCOL");
  });

  it("with the offer, to which an answer is due", async () => {
    const { client, server } = await clientOfHostile();
    const offer = server.wrap(sizeMessage(4, 65_536), { conf: false });
    expect((await failureOf(client.finish(offer))).code).toBe("SASL_PROTOCOL");
  });

  it("in GS2, with a proof that is not one", async () => {
    const { client } = createSaslEnds({ client: { mechanism: "GS2-KRB5", tls: true } });
    await client.step();
    expect((await failureOf(client.finish(pattern(40)))).code).toBe("GSS_DEFECTIVE_TOKEN");
  });
});

describe("SS4: the life of an exchange", () => {
  it("one step at a time", async () => {
    const { client } = createSaslEnds();
    const first = client.step();
    await expect(client.step()).rejects.toThrow(TypeError);
    await first;
  });

  it("ends with dispose(), in the middle of a step too", async () => {
    const { client } = createSaslEnds();
    const step = client.step();
    client.dispose();
    expect((await failureOf(step)).code).toBe("GSS_NO_CONTEXT");
    expect((await failureOf(client.step())).message).toContain("was disposed of");
  });

  it("a ticket that cannot be had is the error of every later step", async () => {
    const failure = new Error("no ticket");
    const { client } = createSaslEnds({
      client: { credential: { getTicket: () => Promise.reject(failure) }, spnego: createInitiator },
    });
    const error = await failureOf(client.step());
    expect(error.cause).toBe(failure);
    expect(await failureOf(client.step(EMPTY))).toBe(error);
  });
});
