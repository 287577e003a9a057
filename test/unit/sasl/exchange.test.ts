import { describe, expect, it } from "vitest";
import { createAcceptor, createInitiator, tlsServerEndPoint } from "../../../src/entry/gssapi.ts";
import type { Layer, SaslClient, SaslServer, SecurityLayer } from "../../../src/entry/sasl.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../../../src/entry/spnego.ts";
import { formatPrincipal, principal } from "../../../src/krb5/index.ts";
import { ALICE, failureOf } from "../gssapi/exchange.ts";
import { ETYPES, pattern } from "../gssapi/pair.ts";
import { createSaslEnds, negotiate, type SaslChoices } from "./ends.ts";

const EMPTY = new Uint8Array(0);
const bindings = tlsServerEndPoint(pattern(32));
const others = tlsServerEndPoint(pattern(31));

/** Octets of both directions, of lengths about the size of a frame. */
function expectMessages(client: SaslClient, server: SaslServer): void {
  const ends = [client.layer, server.layer] as [SecurityLayer, SecurityLayer];
  expect(ends[0].kind).toBe(ends[1].kind);
  for (const [from, to] of [ends, [...ends].reverse() as typeof ends]) {
    const deframer = to.createDeframer();
    for (const length of [0, 1, from.maxMessageBytes, from.maxMessageBytes + 1]) {
      const octets = pattern(length);
      expect(Buffer.concat(deframer.push(from.frame(octets))).equals(octets)).toBe(true);
      expect(deframer.isWithinFrame).toBe(false);
    }
  }
}

describe("the layer of an exchange", () => {
  it.each<[string, Layer | undefined, SaslChoices]>([
    ["encryption, unless said otherwise", "confidentiality", {}],
    ["nothing within TLS", undefined, { client: { tls: true }, server: { tls: true } }],
    [
      "nothing where channel bindings say that TLS is there",
      undefined,
      { client: { channelBindings: bindings }, server: { channelBindings: bindings } },
    ],
    [
      "the client's first that the server offers",
      "integrity",
      {
        client: { layers: ["integrity", "confidentiality", "none"] },
        server: { layers: ["none", "confidentiality", "integrity"] },
      },
    ],
    [
      "the client's second where the server has no first",
      "integrity",
      { client: { layers: ["confidentiality", "integrity"] }, server: { layers: ["none", "integrity"] } },
    ],
    ["nothing where both name it", undefined, { client: { layers: ["none"] }, server: { layers: ["none"] } }],
  ])("is %s", async (_, layer, choices) => {
    const ends = createSaslEnds(choices);
    expect(await negotiate(ends)).toBe(6);
    expect(ends.client.isComplete).toBe(true);
    expect(ends.client.layer?.kind).toBe(layer);
    expect(ends.server.layer?.kind).toBe(layer);
    if (layer !== undefined) expectMessages(ends.client, ends.server);
  });

  it.each(ETYPES.flatMap((etype) => [[etype, "integrity"] as const, [etype, "confidentiality"] as const]))(
    "carries octets of any length under enctype %i with %s",
    async (etype, layer) => {
      const ends = createSaslEnds({ etype, client: { layers: [layer] }, server: { layers: [layer] } });
      await negotiate(ends);
      expectMessages(ends.client, ends.server);
    },
  );

  it("has frames of the sizes that each side asked for", async () => {
    const ends = createSaslEnds({ client: { maxReceiveBytes: 1024 }, server: { maxReceiveBytes: 5000 } });
    await negotiate(ends);
    expect(ends.client.layer?.maxMessageBytes).toBe(5000 - 60);
    expect(ends.server.layer?.maxMessageBytes).toBe(1024 - 60);
    expectMessages(ends.client, ends.server);
  });

  it("SS1: is never nothing for a client that did not name it", async () => {
    const ends = createSaslEnds({ server: { layers: ["none"] } });
    const error = await failureOf(negotiate(ends));
    expect(error.code).toBe("SASL_LAYER");
    expect(error.message).toContain(
      "the server offers none and confidentiality is wanted: name an offered one in layers",
    );
  });

  it("SS1: is never nothing for a server that did not name it", async () => {
    const ends = createSaslEnds({ client: { layers: ["none"] } });
    const error = await failureOf(negotiate(ends));
    expect(error.code).toBe("SASL_LAYER");
    expect(error.message).toBe("the client's context has no flag for confidentiality");
  });
});

describe("who speaks first", () => {
  it.each([undefined, EMPTY])("the server asks a client without an initial response: %s", async (nothing) => {
    const { client, server } = createSaslEnds();
    const challenge = await server.step(nothing);
    expect(challenge).toEqual(EMPTY);
    const first = await client.step(challenge);
    await client.step(await server.step(first));
    await server.step(await client.step(await server.step(EMPTY)));
    expect([client.isComplete, server.isComplete]).toEqual([true, true]);
  });

  it("a server asks only once", async () => {
    const { server } = createSaslEnds();
    await server.step();
    expect((await failureOf(server.step())).code).toBe("GSS_DEFECTIVE_TOKEN");
  });
});

describe("who the client is", () => {
  it("is known once the exchange is complete", async () => {
    const ends = createSaslEnds();
    await ends.server.step(await ends.client.step());
    expect(ends.server.client).toBeUndefined();
    expect(ends.server.context).toBeUndefined();
    const whole = createSaslEnds();
    await negotiate(whole);
    expect(whole.server.client).toEqual(ALICE);
    expect(whole.server.authorizationId).toBeUndefined();
    expect(whole.server.context?.flags.mutual).toBe(true);
  });

  it("SS7: may act as itself by its whole name", async () => {
    const ends = createSaslEnds({ client: { authorizationId: formatPrincipal(ALICE) } });
    await negotiate(ends);
    expect(ends.server.authorizationId).toBe("alice@EXAMPLE.TEST");
  });

  it.each(["alice", "bob@EXAMPLE.TEST"])("SS7: may not act as %s unless the server says so", async (name) => {
    const ends = createSaslEnds({ client: { authorizationId: name } });
    const error = await failureOf(negotiate(ends));
    expect(error.code).toBe("SASL_NOT_AUTHORIZED");
    expect(error.message).toBe("alice@EXAMPLE.TEST may not act as another: the option authorize says who may");
    expect(ends.server.isComplete).toBe(false);
  });

  it("SS7: an anonymous client may not act as itself", async () => {
    const as = principal("EXAMPLE.TEST", ["WELLKNOWN", "ANONYMOUS"]);
    const ends = createSaslEnds({ as });
    expect((await failureOf(negotiate(ends))).code).toBe("SASL_NOT_AUTHORIZED");
    const asked = createSaslEnds({ as, server: { authorize: (client) => client.components[1] === "ANONYMOUS" } });
    await negotiate(asked);
    expect(asked.server.client).toMatchObject({ components: ["WELLKNOWN", "ANONYMOUS"] });
  });

  it("SS4: a layer has no keys any more once its exchange is disposed of, or failed", async () => {
    for (const end of [
      async ({ client }: ReturnType<typeof createSaslEnds>) => client.dispose(),
      async ({ client }: ReturnType<typeof createSaslEnds>) => void (await failureOf(client.step(new Uint8Array(4)))),
    ]) {
      const ends = createSaslEnds();
      await negotiate(ends);
      const { layer } = ends.client;
      const frame = ends.server.layer?.frame(new Uint8Array(8)) as Uint8Array;
      const deframer = layer?.createDeframer();
      await end(ends);
      expect(() => layer?.frame(new Uint8Array(8))).toThrow();
      expect(() => deframer?.push(frame)).toThrow();
      expect(ends.client.layer).toBeUndefined();
    }
  });

  it.each([undefined, null, 1, "yes", {}])("SS7: authorize must say true: %o lets nobody in", async (said) => {
    const ends = createSaslEnds({ server: { authorize: () => said as never } });
    expect((await failureOf(negotiate(ends))).code).toBe("SASL_NOT_AUTHORIZED");
    expect(ends.server.client).toBeUndefined();
  });

  it("the server decides who acts as whom", async () => {
    const asked: unknown[] = [];
    const authorize = async (client: unknown, authorizationId: string | undefined) => {
      asked.push([client, authorizationId]);
      return authorizationId === "dn:cn=bob, o==x";
    };
    const ends = createSaslEnds({ client: { authorizationId: "dn:cn=bob, o==x" }, server: { authorize } });
    await negotiate(ends);
    expect(ends.server.authorizationId).toBe("dn:cn=bob, o==x");
    const refused = createSaslEnds({ server: { authorize } });
    expect((await failureOf(negotiate(refused))).message).toContain("may not use this service");
    expect(asked).toEqual([
      [ALICE, "dn:cn=bob, o==x"],
      [ALICE, undefined],
    ]);
  });
});

describe("GS2", () => {
  const within = { mechanism: "GS2-KRB5", tls: true } as const;
  const plus = { mechanism: "GS2-KRB5-PLUS", channelBindings: bindings } as const;

  it.each<[string, SaslChoices]>([
    ["GS2-KRB5 without bindings", { client: within, server: within }],
    ["GS2-KRB5 named to have no layers", { client: { ...within, layers: ["none"], tls: false }, server: within }],
    [
      "GS2-KRB5 of a client that could and a server that cannot",
      { client: { ...within, channelBindings: bindings }, server: within },
    ],
    ["GS2-KRB5-PLUS", { client: plus, server: plus }],
    [
      "an authorization identity that needs escapes",
      { client: { ...plus, authorizationId: "=a,b=2C" }, server: { ...plus, authorize: (_, id) => id === "=a,b=2C" } },
    ],
  ])("%s", async (_, choices) => {
    const ends = createSaslEnds(choices);
    expect(await negotiate(ends)).toBe(2);
    expect(ends.client.layer).toBeUndefined();
    expect(ends.server.client).toEqual(ALICE);
    expect(ends.server.authorizationId).toBe(choices.client?.authorizationId);
  });

  it("the reply may come as a challenge, which is answered with nothing", async () => {
    const { client, server } = createSaslEnds({ client: within, server: within });
    expect(await server.step()).toEqual(EMPTY);
    const reply = await server.step(await client.step(EMPTY));
    expect(await client.step(reply)).toEqual(EMPTY);
    expect(await client.finish()).toBeUndefined();
  });

  it.each<[string, string, SaslChoices]>([
    ["other bindings", "GSS_BAD_BINDINGS", { client: { ...plus, channelBindings: others }, server: plus }],
    [
      "SS8: a list that was changed on the way",
      "SASL_PROTOCOL",
      {
        client: { ...within, channelBindings: bindings },
        server: { ...within, channelBindings: bindings },
      },
    ],
    ["SS8: a mechanism with bindings and none in it", "SASL_PROTOCOL", { client: within, server: plus }],
    [
      "SS8: a mechanism without bindings and some in it",
      "SASL_PROTOCOL",
      { client: plus, server: { ...within, channelBindings: bindings } },
    ],
    [
      "SS8: bindings of another type",
      "SASL_PROTOCOL",
      {
        client: { ...plus, channelBindings: new TextEncoder().encode("tls-exporter:x") },
        server: plus,
      },
    ],
    [
      "SS7: an authorization identity of another",
      "SASL_NOT_AUTHORIZED",
      {
        client: { ...plus, authorizationId: "bob" },
        server: plus,
      },
    ],
  ])("%s is refused", async (_, code, choices) => {
    expect((await failureOf(negotiate(createSaslEnds(choices)))).code).toBe(code);
  });
});

describe.each([
  ["SPNEGO", createSpnegoInitiator, createSpnegoAcceptor],
  ["krb5 in its place", createInitiator, createAcceptor],
])("GSS-SPNEGO with tokens of %s", (_, initiate, accept) => {
  const flags = { mechanism: "GSS-SPNEGO" } as const;
  const client = { ...flags, spnego: initiate };
  const server = { ...flags, spnego: accept };

  it("SS7: an anonymous client, and one that authorize does not take, are refused", async () => {
    const layers = ["integrity"] as const;
    const choices = { client: { ...client, layers }, server: { ...server, layers } };
    const ends = [
      createSaslEnds({ ...choices, as: principal("EXAMPLE.TEST", ["WELLKNOWN", "ANONYMOUS"]) }),
      createSaslEnds({ ...choices, server: { ...choices.server, authorize: () => false } }),
    ];
    for (const one of ends) {
      expect((await failureOf(negotiate(one))).code).toBe("SASL_NOT_AUTHORIZED");
      expect([one.server.isComplete, one.server.client, one.server.layer]).toEqual([false, undefined, undefined]);
    }
  });

  it.each<[Layer | undefined, readonly Layer[]]>([
    ["confidentiality", ["confidentiality"]],
    ["integrity", ["integrity"]],
    [undefined, ["none"]],
  ])("has the layer %s of the context's flags", async (layer, layers) => {
    const ends = createSaslEnds({ client: { ...client, layers }, server: { ...server, layers } });
    expect(await negotiate(ends)).toBe(2);
    expect(ends.client.layer?.kind).toBe(layer);
    if (layer !== undefined) expectMessages(ends.client, ends.server);
  });

  it("SS1: a server refuses a client that wants less", async () => {
    const ends = createSaslEnds({ client: { ...client, layers: ["integrity"] }, server });
    expect((await failureOf(negotiate(ends))).message).toContain("gives integrity and confidentiality is wanted");
  });
});

it("GSS-SPNEGO goes on with the offer of a server that makes one", async () => {
  const client = { mechanism: "GSS-SPNEGO", spnego: createInitiator, maxReceiveBytes: 65_536 } as const;
  const ends = createSaslEnds({ client });
  expect(await negotiate(ends)).toBe(6);
  expectMessages(ends.client, ends.server);
});
