// What the options of both ends are held to, and what the octets of GS2 may be.

import { describe, expect, it, vi } from "vitest";
import { concat, encodeText } from "../../../src/bytes/index.ts";
import { createSaslClient, createSaslServer, type SaslMechanism } from "../../../src/entry/sasl.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../../../src/entry/spnego.ts";
import { decodeGs2Request } from "../../../src/sasl/gs2-request.ts";
import { failureOf } from "../gssapi/exchange.ts";
import { clientOfHostile, createSaslEnds, negotiate, serverOfHostile, sizeMessage } from "./ends.ts";

const BINDINGS = encodeText("tls-server-end-point:data");
const client = (options: object) => () => createSaslEnds({ client: options });
const server = (options: object) => () => createSaslEnds({ server: options });

describe.each([
  ["client", client],
  ["server", server],
])("a %s", (_, make) => {
  it.each<[string, object, RegExp]>([
    ["GSS-SPNEGO without spnego", { mechanism: "GSS-SPNEGO" }, /^spnego is undefined: GSS-SPNEGO needs the function/],
    [
      "GS2-KRB5-PLUS without bindings",
      { mechanism: "GS2-KRB5-PLUS", tls: true },
      /^channelBindings is undefined: GS2-KRB5-PLUS needs the bindings/,
    ],
    ["GS2 that is not said to be within TLS", { mechanism: "GS2-KRB5" }, /^tls is not true: GS2-KRB5 has no/],
    [
      "GS2 with a layer",
      { mechanism: "GS2-KRB5", layers: ["integrity"] },
      /^layers has no "none": GS2-KRB5 has no security layers$/,
    ],
    ...[":data", "tls-server-end-point", "a b:data", `${"x".repeat(65)}:data`].map((text): [string, object, RegExp] => [
      `bindings ${text.slice(0, 30)}`,
      { mechanism: "GS2-KRB5-PLUS", channelBindings: encodeText(text) },
      /^channelBindings has no type: give its name, a colon and the data/,
    ]),
  ])("refuses %s", (_, options, message) => {
    expect(make(options)).toThrow(TypeError);
    expect(make(options)).toThrow(message);
  });

  it.each<[string, object]>([
    ["GSSAPI with a layer", { layers: ["integrity"] }],
    ["GS2 within TLS", { mechanism: "GS2-KRB5", tls: true }],
    ["GS2 by a layer that is none", { mechanism: "GS2-KRB5", layers: ["none"] }],
    ["bindings of 64 characters", { mechanism: "GS2-KRB5-PLUS", channelBindings: encodeText(`${"x".repeat(64)}:`) }],
  ])("takes %s", (_, options) => {
    expect(make(options)).not.toThrow();
  });
});

it("GSS-SPNEGO takes a layer where spnego is given", () => {
  const layers = ["integrity"] as const;
  expect(client({ mechanism: "GSS-SPNEGO", layers, spnego: createSpnegoInitiator })).not.toThrow();
  expect(server({ mechanism: "GSS-SPNEGO", layers, spnego: createSpnegoAcceptor })).not.toThrow();
});

it("spnego is for GSS-SPNEGO alone", async () => {
  for (const mechanism of ["GSSAPI", "GS2-KRB5"] as const) {
    const initiator = vi.fn(createSpnegoInitiator);
    const acceptor = vi.fn(createSpnegoAcceptor);
    const common = { mechanism, layers: ["none"] } as const;
    await negotiate(
      createSaslEnds({ client: { ...common, spnego: initiator }, server: { ...common, spnego: acceptor } }),
    );
    expect(initiator).not.toHaveBeenCalled();
    expect(acceptor).not.toHaveBeenCalled();
  }
});

it("a service is named, by target or by service and host", () => {
  const credential = { getTicket: async () => Promise.reject(new Error("not asked")) };
  const make = (options: object) => () => createSaslClient({ credential, ...options });
  expect(make({})).toThrow(/service/);
  expect(make({ service: "host" })).toThrow(/host/);
  expect(make({ host: "server.example.org" })).toThrow(/service/);
  expect(make({ target: "host/server.example.org@EXAMPLE.ORG" })).not.toThrow();
  expect(make({ service: "host", host: "server.example.org" })).not.toThrow();
});

it("the signal of a step goes to the credential", async () => {
  for (const mechanism of ["GSSAPI", "GS2-KRB5"] as const satisfies SaslMechanism[]) {
    const getTicket = vi.fn(async () => Promise.reject(new Error("stop")));
    const options = { mechanism, layers: ["none"], service: "host", host: "server.example.org" } as const;
    const sasl = createSaslClient({ ...options, credential: { getTicket } });
    const { signal } = new AbortController();
    await expect(sasl.step(undefined, { signal })).rejects.toThrow("stop");
    expect(getTicket).toHaveBeenCalledWith(expect.anything(), expect.objectContaining({ signal }));
  }
});

it.each(["GSSAPI", "GS2-KRB5"] as const)(
  "a signal ends a server's wait for a replay cache, and a decision: %s",
  async (mechanism) => {
    const common = { mechanism, layers: ["none"] } as const;
    const silent = { remember: () => new Promise<never>(() => {}) };
    const ends = createSaslEnds({ client: common, server: { ...common, replayCache: silent } });
    const step = ends.server.step(await ends.client.step(), { signal: AbortSignal.timeout(20) });
    await expect(step).rejects.toMatchObject({ code: "ABORTED" });
    await expect(ends.server.step()).rejects.toMatchObject({ code: "ABORTED" });
    const undecided = createSaslEnds({
      client: common,
      server: { ...common, authorize: () => new Promise<never>(() => {}) },
    });
    const signal = AbortSignal.timeout(500);
    const waiting = (async () => {
      for (let challenge: Uint8Array | undefined; ; ) {
        challenge = await undecided.server.step(await undecided.client.step(challenge), { signal });
        challenge ??= new Uint8Array(0);
      }
    })();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    expect(undecided.server.isComplete).toBe(false);
  },
);

it("no size is said without a layer", async () => {
  const { client, server } = await clientOfHostile({ layers: ["none"] });
  const reply = await client.step(server.wrap(sizeMessage(7, 65_536), { conf: false }));
  expect(server.unwrap(reply)).toEqual(sizeMessage(1, 0));
  const { offer } = await serverOfHostile({ layers: ["none"] });
  expect(offer).toEqual(sizeMessage(1, 0));
});

it("a context of fewer flags than a layer of GSS-SPNEGO wants is refused", async () => {
  const server = { mechanism: "GSS-SPNEGO", layers: ["none"], spnego: createSpnegoAcceptor } as const;
  const ends = createSaslEnds({
    client: {
      mechanism: "GSS-SPNEGO",
      layers: ["confidentiality"],
      spnego: (options) => createSpnegoInitiator({ ...options, flags: { integrity: false, confidentiality: false } }),
    },
    server,
  });
  const reply = await ends.server.step(await ends.client.step());
  const error = await failureOf(ends.client.step(reply));
  expect(error).toMatchObject({ code: "SASL_LAYER", message: "the context gives none and confidentiality is wanted" });
});

it("a client that was disposed of says so to finish()", async () => {
  const { client } = createSaslEnds();
  await client.step();
  client.dispose();
  expect((await failureOf(client.finish())).code).toBe("GSS_NO_CONTEXT");
});

it("finish() takes empty data as none", async () => {
  const ends = createSaslEnds();
  await negotiate(ends);
  expect((await ends.client.finish(new Uint8Array(0)))?.kind).toBe("confidentiality");
});

it("a message of the peer is octets", async () => {
  const { server } = createSaslEnds();
  await expect(server.step("octets" as never)).rejects.toThrow(/^the message of the peer/);
});

describe("the first message of GS2 (RFC 5801 section 4)", () => {
  const token = encodeText("TOKEN");
  const request = (header: string) => decodeGs2Request(concat(encodeText(header), token));

  it.each<[string, object]>([
    ["n,,", { flag: "n", authorizationId: "", isStandard: true, header: encodeText("n,,"), token }],
    ["y,,", { flag: "y", isStandard: true }],
    ["F,n,,", { flag: "n", isStandard: false, header: encodeText("n,,"), token }],
    ["n,a=bob,", { authorizationId: "bob" }],
    ["n,a=x=2Cy=3Dz,", { authorizationId: "x,y=z" }],
    ["p=tls-exporter,,", { flag: { type: "tls-exporter" } }],
    [`p=${"x".repeat(64)},,`, { flag: { type: "x".repeat(64) } }],
  ])("%s", (header, expected) => {
    expect(request(header)).toMatchObject(expected);
  });

  it.each([`n,a=${"x".repeat(4092)},`])("a header of 4,096 octets before its last comma", (header) => {
    expect(request(header).authorizationId.length).toBe(4092);
    expect(() => request(header.replace("a=", "a=x"))).toThrow(/header of RFC 5801/);
  });

  it.each(["", ",", "Fn,,", "F", "q=tls-exporter,,", "p:tls-exporter,,", "p=a_b,,", "p,,", "F.n,,", "G,n,,", ",n,,"])(
    "%j is none",
    (header) => {
      expect(() => decodeGs2Request(encodeText(header))).toThrow(/header of RFC 5801 section 4/);
    },
  );

  it("a server asks once, and says what is wrong with the second nothing", async () => {
    const { server } = createSaslEnds({ server: { mechanism: "GS2-KRB5", tls: true } });
    expect(await server.step()).toEqual(new Uint8Array(0));
    expect((await failureOf(server.step(new Uint8Array(0)))).code).toBe("SASL_PROTOCOL");
  });

  it("a client that could bind, and was not shown it, is let in by a server that cannot", async () => {
    const common = { mechanism: "GS2-KRB5", tls: true } as const;
    const bound = { ...common, channelBindings: BINDINGS };
    await negotiate(createSaslEnds({ client: bound, server: common }));
    await negotiate(createSaslEnds({ client: common, server: bound }));
    const error = await failureOf(negotiate(createSaslEnds({ client: bound, server: bound })));
    expect(error).toMatchObject({ code: "SASL_PROTOCOL", message: expect.stringContaining("changed the list") });
  });
});

it("a server of one mechanism makes a context of krb5 for it", () => {
  expect(() => createSaslServer({ keytab: new Uint8Array(3) })).toThrow(/keytab/);
});
