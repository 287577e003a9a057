// The edges of an exchange and of its layer: each row is noticed by a user or an attacker.

import { describe, expect, it } from "vitest";
import { concat, encodeText } from "../../../src/bytes/index.ts";
import { createInitiator, type SecurityContext } from "../../../src/entry/gssapi.ts";
import { createSaslClient, createSaslServer, saslDuplex } from "../../../src/entry/sasl.ts";
import { createSpnegoAcceptor, createSpnegoInitiator } from "../../../src/entry/spnego.ts";
import { createReplayCache } from "../../../src/krb5/index.ts";
import { encodeGs2Header, withoutFraming } from "../../../src/sasl/gs2-header.ts";
import { createWorld, NOW } from "../gssapi/exchange.ts";
import { encTypes } from "../gssapi/pair.ts";
import { createSaslEnds, negotiate, serverOfHostile, sizeMessage } from "./ends.ts";

const now = () => NOW;
const EMPTY = new Uint8Array(0);

async function failureOf(work: Promise<unknown>): Promise<{ readonly code?: string; readonly message: string }> {
  return work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error) => error,
  );
}

async function layers() {
  const ends = createSaslEnds();
  await negotiate(ends);
  const [client, server] = [ends.client.layer, ends.server.layer];
  if (client === undefined || server === undefined) throw new Error("no layer");
  return { client, server, context: ends.server.context as SecurityContext };
}

describe("a client", () => {
  it("that is dead says why in finish too, with data and without", async () => {
    for (const data of [undefined, EMPTY, Uint8Array.of(1)]) {
      const credential = { getTicket: () => Promise.reject(new Error("away")) };
      const client = createSaslClient({ service: "host", host: "h", credential });
      const first = await failureOf(client.step());
      expect(await failureOf(client.finish(data))).toBe(first);
      expect(client.isComplete).toBe(false);
    }
  });

  it("gives its signal to the credential", async () => {
    const { signal } = new AbortController();
    const seen: unknown[] = [];
    const credential = {
      getTicket: (_: unknown, options?: { readonly signal?: AbortSignal }) => {
        seen.push(options?.signal);
        return Promise.reject(new Error("away"));
      },
    };
    for (const options of [{ mechanism: "GSSAPI" }, { mechanism: "GS2-KRB5", tls: true }] as const) {
      await failureOf(
        createSaslClient({ service: "host", host: "h", credential, ...options }).step(undefined, { signal }),
      );
    }
    expect(seen).toEqual([signal, signal]);
  });

  it("of GS2-KRB5 refuses a challenge after the end", async () => {
    const ends = createSaslEnds({
      client: { mechanism: "GS2-KRB5", tls: true },
      server: { mechanism: "GS2-KRB5", tls: true },
    });
    const proof = await ends.server.step(await ends.client.step());
    await ends.client.step(proof);
    expect(ends.client.isComplete).toBe(true);
    expect((await failureOf(ends.client.step(proof))).code).toBe("SASL_PROTOCOL");
    expect(ends.client.isComplete).toBe(false);
  });
});

describe("a server", () => {
  it("that is disposed of while it asks who may, completes nothing", async () => {
    let decide = (_: boolean): void => {};
    const authorize = () =>
      new Promise<boolean>((resolve) => {
        decide = resolve;
      });
    const ends = createSaslEnds({ server: { authorize } });
    const last = negotiate(ends);
    await new Promise((resolve) => setTimeout(resolve, 50));
    ends.server.dispose();
    decide(true);
    expect((await failureOf(last)).code).toBe("GSS_NO_CONTEXT");
    expect([ends.server.isComplete, ends.server.layer, ends.server.client]).toEqual([false, undefined, undefined]);
  });

  it("of GS2-KRB5 asks once for an initial response that is missing", async () => {
    for (const none of [undefined, EMPTY]) {
      const { server, client } = createSaslEnds({
        client: { mechanism: "GS2-KRB5", tls: true },
        server: { mechanism: "GS2-KRB5", tls: true },
      });
      expect(await server.step(none)).toEqual(EMPTY);
      await client.finish(await server.step(await client.step()));
      expect(server.isComplete).toBe(true);
      const again = createSaslEnds({ server: { mechanism: "GS2-KRB5", tls: true } }).server;
      await again.step(none);
      expect((await failureOf(again.step(none))).code).toBe("SASL_PROTOCOL");
    }
  });

  it.each<[string, Uint8Array | undefined]>([
    ["none", undefined],
    ["another's", encodeText("n,a=bob,")],
    ["a flag that was changed", encodeText("y,,")],
  ])("SS8: of GS2-KRB5 refuses a context that is not bound to the header: %s", async (_, channelBindings) => {
    const { ticket, keytab } = createWorld();
    const context = createInitiator({
      target: "host@server.example.org",
      credential: { getTicket: async () => ticket },
      enctypes: encTypes,
      now,
      channelBindings,
    });
    const header = encodeGs2Header({ flag: "n", authorizationId: "" });
    const message = concat(header, withoutFraming((await context.step()) as Uint8Array));
    const server = createSaslServer({
      keytab,
      enctypes: encTypes,
      now,
      replayCache: createReplayCache(),
      mechanism: "GS2-KRB5",
      tls: true,
    });
    expect((await failureOf(server.step(message))).code).toBe("GSS_BAD_BINDINGS");
    expect(server.isComplete).toBe(false);
  });

  it("SS: of GS2-KRB5 refuses a client that wants no proof of it", async () => {
    const { ticket, keytab } = createWorld();
    const header = encodeGs2Header({ flag: "n", authorizationId: "" });
    for (const mutual of [false, true]) {
      const context = createInitiator({
        target: "host@server.example.org",
        credential: { getTicket: async () => ticket },
        enctypes: encTypes,
        now,
        channelBindings: header,
        flags: { mutual },
      });
      const message = concat(header, withoutFraming((await context.step()) as Uint8Array));
      const server = createSaslServer({
        keytab,
        enctypes: encTypes,
        now,
        replayCache: createReplayCache(),
        mechanism: "GS2-KRB5",
        tls: true,
      });
      if (mutual) expect(await server.step(message)).toBeInstanceOf(Uint8Array);
      else expect((await failureOf(server.step(message))).message).toMatch(/does not ask the server to prove/);
      expect(server.isComplete).toBe(mutual);
    }
  });

  it("of GSS-SPNEGO takes as many tokens as the negotiation has", async () => {
    const ends = createSaslEnds({
      client: { mechanism: "GSS-SPNEGO", spnego: createSpnegoInitiator },
      server: { mechanism: "GSS-SPNEGO", spnego: (options) => createSpnegoAcceptor({ ...options, requireMic: true }) },
    });
    expect(await negotiate(ends)).toBe(4);
    expect([ends.client.layer?.kind, ends.server.layer?.kind]).toEqual(["confidentiality", "confidentiality"]);
  });

  it.each([0, 3, 6, 7, 8, 0x84, 255])(
    "SS2: refuses a choice of %i, which is not one layer of those offered",
    async (mask) => {
      const { server, client } = await serverOfHostile({ layers: ["confidentiality", "integrity", "none"] });
      const choice = client.wrap(sizeMessage(mask, 65_536), { conf: false });
      expect((await failureOf(server.step(choice))).code).toBe("SASL_LAYER");
    },
  );
});

describe("a layer", () => {
  it("frames octets and nothing else, and lives on after a caller's mistake", async () => {
    const { client, server } = await layers();
    for (const wrong of ["text", undefined, null, 5, [1, 2], new ArrayBuffer(4)]) {
      expect(() => client.frame(wrong as never), String(wrong)).toThrow(TypeError);
    }
    expect(server.createDeframer().push(client.frame(Uint8Array.of(7)))).toEqual([Uint8Array.of(7)]);
    expect(client.frame(EMPTY)).toEqual(EMPTY);
  });

  it("gives no empty message", async () => {
    const { client, context } = await layers();
    const token = new Uint8Array(context.wrapOverhead);
    expect(context.wrapInto(token, 0)).toBe(token.length);
    const frame = concat(Uint8Array.of(0, 0, 0, token.length), token);
    const deframer = client.createDeframer();
    expect(deframer.push(frame)).toEqual([]);
    expect(deframer.isWithinFrame).toBe(false);
  });

  it.each([
    [Uint8Array.of(0, 0, 0, 0), /a frame without a token/],
    [Uint8Array.of(0, 1, 0, 1), /a frame of 65537 octets where at most 65536 were agreed/],
    [Uint8Array.of(255, 255, 255, 255), /a frame of 4294967295 octets/],
  ])("says what is wrong with a length of %j", async (length, words) => {
    const { server } = await layers();
    const deframer = server.createDeframer();
    expect(() => deframer.push(length)).toThrow(words);
    // And again, whatever comes.
    expect(() => deframer.push(EMPTY)).toThrow(words);
  });

  it.each([-1, 0, 1])("has as many frames as it takes: the most that one carries and %i", async (more) => {
    const { client, server } = await layers();
    const most = client.maxMessageBytes;
    const messages = server.createDeframer().push(client.frame(new Uint8Array(most + more).fill(9)));
    expect(messages.map(({ length }) => length)).toEqual(more > 0 ? [most, more] : [most + more]);
  });

  it("a stream over it reads no further than is asked for, and writes nothing for nothing", async () => {
    const { client, server } = await layers();
    let reads = 0;
    const written: number[] = [];
    const readable = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          reads++;
          controller.enqueue(client.frame(Uint8Array.of(reads)));
        },
      },
      { highWaterMark: 0 },
    );
    const writable = new WritableStream<Uint8Array>({ write: (chunk) => void written.push(chunk.length) });
    const over = saslDuplex({ readable, writable }, server);
    const reader = over.readable.getReader();
    expect((await reader.read()).value).toEqual(Uint8Array.of(1));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(reads).toBeLessThanOrEqual(2);
    const writer = over.writable.getWriter();
    await writer.write(EMPTY);
    expect(written).toEqual([]);
    await writer.write(new Uint8Array(2 * server.maxMessageBytes));
    expect(written.length).toBeGreaterThan(0);
    expect(written).not.toContain(0);
  });
});
