// What a server does with a client that breaks the rules.

import { describe, expect, it } from "vitest";
import { concat, encodeText } from "../../../src/bytes/index.ts";
import { failureOf } from "../gssapi/exchange.ts";
import { pattern } from "../gssapi/pair.ts";
import { createSaslEnds, serverOfHostile, sizeMessage } from "./ends.ts";

const EMPTY = new Uint8Array(0);

describe("an answer that is refused", () => {
  it.each<[string, string, Uint8Array]>([
    ["SS9: nothing", "SASL_PROTOCOL", EMPTY],
    ["SS9: three octets", "SASL_PROTOCOL", pattern(3)],
    ["SS9: an authorization identity that is not UTF-8", "SASL_PROTOCOL", sizeMessage(4, 65_536, Uint8Array.of(0xff))],
    ["SS9: an authorization identity with a NUL", "SASL_PROTOCOL", sizeMessage(4, 65_536, encodeText("alice\0x"))],
    ["SS2: no layer", "SASL_LAYER", sizeMessage(0, 65_536)],
    ["SS2: two layers", "SASL_LAYER", sizeMessage(6, 65_536)],
    ["SS2: a layer that was not offered", "SASL_LAYER", sizeMessage(1, 0)],
    ["SS2: a layer, and a bit that nobody knows", "SASL_LAYER", sizeMessage(0x84, 65_536)],
    ["SS2: a layer with no room for it", "SASL_LAYER", sizeMessage(4, 0)],
  ])("%s", async (_, code, answer) => {
    const { server, client, offer } = await serverOfHostile({ layers: ["integrity", "confidentiality"] });
    expect(offer).toEqual(sizeMessage(6, 65_536));
    const error = await failureOf(server.step(client.wrap(answer, { conf: false })));
    expect(error.code).toBe(code);
    expect(server.isComplete).toBe(false);
    expect(server.client).toBeUndefined();
    expect(await failureOf(server.step(EMPTY))).toBe(error);
  });
});

describe("a client that goes on", () => {
  it("SS4: a token after the context is established", async () => {
    const { client, server } = createSaslEnds();
    await server.step(await client.step());
    expect((await failureOf(server.step(pattern(5)))).code).toBe("SASL_PROTOCOL");
  });

  it("SS4: a response after the end", async () => {
    const { server, client } = await serverOfHostile();
    expect(await server.step(client.wrap(sizeMessage(4, 65_536), { conf: false }))).toBeUndefined();
    expect(server.isComplete).toBe(true);
    expect((await failureOf(server.step(EMPTY))).message).toContain("after the end");
    expect(server.isComplete).toBe(false);
  });

  it("an exchange that is disposed of", async () => {
    const { server } = await serverOfHostile();
    server.dispose();
    expect((await failureOf(server.step(EMPTY))).code).toBe("GSS_NO_CONTEXT");
  });
});

describe("a first message of GS2 that is refused", () => {
  const gs2 = { mechanism: "GS2-KRB5", tls: true } as const;
  const tokenOf = async (): Promise<{ token: Uint8Array; ends: ReturnType<typeof createSaslEnds> }> => {
    const ends = createSaslEnds({ client: gs2, server: gs2 });
    return { token: (await ends.client.step()).subarray("n,,".length), ends };
  };

  it.each([
    "n",
    "n,",
    ",,",
    "x,,",
    "F,",
    "F,F,n,,",
    "N,,",
    "p=,,",
    "p=a b,,",
    `p=${"x".repeat(65)},,`,
    "n,b=x,",
    "n,a=,",
    "n,a=x=,",
    "n,a=x=2c,",
    "n,a=\0,",
  ])("SS9: the header %j", async (header) => {
    const { token, ends } = await tokenOf();
    const error = await failureOf(ends.server.step(concat(encodeText(header), header.length < 3 ? EMPTY : token)));
    expect(["SASL_PROTOCOL", "GSS_DEFECTIVE_TOKEN"]).toContain(error.code);
  });

  it("SS9: the header of 5,000 octets", async () => {
    const authorizationId = "x".repeat(5000);
    const ends = createSaslEnds({ client: { ...gs2, authorizationId }, server: { ...gs2, authorize: () => true } });
    expect((await failureOf(ends.server.step(await ends.client.step()))).code).toBe("SASL_PROTOCOL");
  });

  it("SS8: a header that was changed on the way: it is part of the bindings", async () => {
    const { token, ends } = await tokenOf();
    const changed = concat(encodeText("n,a=alice@EXAMPLE.TEST,"), token);
    expect((await failureOf(ends.server.step(changed))).code).toBe("GSS_BAD_BINDINGS");
  });

  it("SS4: a response after the end", async () => {
    const ends = createSaslEnds({ client: gs2, server: gs2 });
    await ends.server.step(await ends.client.step());
    expect((await failureOf(ends.server.step(EMPTY))).message).toContain("after the end");
  });
});
