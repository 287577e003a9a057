// The BER of a bind, each length of it, and the connection under a security layer (RFC 4511, RFC 4513, RFC 4752).

import { describe, expect, it, vi } from "vitest";
import { bindLdap } from "../../../src/drivers/index.ts";
import type { Connection } from "../../../src/host/index.ts";
import type { SaslClient, SecurityLayer } from "../../../src/sasl/index.ts";
import { createConnectionPair, type MemoryConnection } from "../../support/memory-connection.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** One element in DER, by Node's own numbers. */
function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts);
  const digits = contents.length.toString(16);
  const length = hex(digits.length % 2 === 0 ? digits : `0${digits}`);
  const head = contents.length < 128 ? [contents.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from([tag, ...head]), contents]);
}

const integer = (value: number) => tlv(2, Buffer.of(value));
const answer = (code: number, ...more: readonly Uint8Array[]) =>
  tlv(0x30, integer(1), tlv(0x61, tlv(0x0a, Buffer.of(code)), tlv(4), tlv(4), ...more));

/** A client whose tokens a test gives, and which keeps what it was given. */
function saslOf(tokens: readonly Uint8Array[], layer?: SecurityLayer) {
  const given: (number[] | undefined)[] = [];
  const finished: (number[] | undefined)[] = [];
  const left = [...tokens];
  const dispose = vi.fn();
  const sasl = {
    dispose,
    mechanism: "GSSAPI",
    async step(challenge?: Uint8Array) {
      given.push(challenge && [...challenge]);
      return left.shift() ?? new Uint8Array(0);
    },
    async finish(value?: Uint8Array) {
      finished.push(value && [...value]);
      return layer;
    },
  } as unknown as SaslClient;
  return { sasl, given, finished, dispose };
}

/** Binds to a server that gives its answers in turn. */
async function bind(sasl: SaslClient, ...answers: readonly Uint8Array[]) {
  const { client, server } = createConnectionPair();
  const serve = async () => {
    for (const one of answers) {
      await server.read();
      await server.write(one);
    }
  };
  void serve();
  const bound = await bindLdap(client, sasl);
  return { bound, client, server };
}

describe("a bind request", () => {
  it.each([0, 1, 90, 127, 128, 255, 256, 65_400, 65_535, 65_536, 200_000])(
    "has its lengths right with a token of %i octets",
    async (length) => {
      const token = new Uint8Array(length).fill(7);
      const { client } = await bind(saslOf([token]).sasl, answer(0));
      const sasl = tlv(0xa3, tlv(4, Buffer.from("GSSAPI")), tlv(4, token));
      const wanted = tlv(0x30, integer(1), tlv(0x60, integer(3), tlv(4), sasl));
      // BER lets a length of 128 to 255 be written in two octets: the parts are compared by what they say.
      expect(contentsOf(client.writes[0] as Uint8Array)).toEqual(contentsOf(wanted));
    },
  );

  it("is numbered, and takes the server's credentials, or none, to the next one", async () => {
    const { sasl, given, finished } = saslOf([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
    const challenge = tlv(0x87, Buffer.of(9, 8));
    const { bound, client } = await bind(sasl, answer(14, challenge), answer(14), answer(0, tlv(0x87, Buffer.of(5))));
    expect(client.writes.map((write) => write[4])).toEqual([1, 2, 3]);
    expect(given).toEqual([undefined, [9, 8], []]);
    expect(finished).toEqual([[5]]);
    expect(bound).toBe(client);
  });

  it("has its answer beside what other elements say", async () => {
    const { sasl, finished } = saslOf([]);
    // A referral (RFC 4511 section 4.1.10), then the credentials.
    await bind(sasl, answer(0, tlv(0xa3, tlv(4, Buffer.from("ldap://x"))), tlv(0x87)));
    await bind(sasl, answer(0, tlv(0xa3)));
    expect(finished).toEqual([[], undefined]);
  });
});

/** The elements of constructed ones, down to the octets. */
function contentsOf(octets: Uint8Array): unknown[] {
  const found: unknown[] = [];
  for (let at = 0; at < octets.length; ) {
    const tag = octets[at] as number;
    const first = octets[at + 1] as number;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const length = size === 0 ? first : Buffer.from(octets).readUIntBE(at + 2, size);
    const contents = octets.subarray(at + 2 + size, at + 2 + size + length);
    expect(contents.length).toBe(length);
    found.push([tag, (tag & 0x20) === 0 ? Buffer.from(contents).toString("hex") : contentsOf(contents)]);
    at += 2 + size + length;
  }
  return found;
}

describe("an answer", () => {
  const body = answer(0).subarray(2);
  const bytes = body.length.toString(16).padStart(2, "0");

  it.each([
    ["one octet", `3081${bytes}`],
    ["two octets", `308200${bytes}`],
    ["four octets, as Active Directory writes it", `3084000000${bytes}`],
  ])("may have its length in %s", async (_, head) => {
    const { sasl, finished } = saslOf([]);
    await bind(sasl, Buffer.concat([hex(head), body]));
    expect(finished).toEqual([undefined]);
  });

  it("may have lengths within it of any form", async () => {
    const { sasl, finished } = saslOf([]);
    const inner = hex("0a8101 00 04820000 0400 8784 00000002 0506");
    await bind(sasl, tlv(0x30, integer(1), hex(`61840000 00${inner.length.toString(16)}`), inner));
    expect(finished).toEqual([[5, 6]]);
  });

  it("LD1: may have 262,144 octets, and no more", async () => {
    const text = (octets: number) => answer(0, tlv(0x87, new Uint8Array(octets)));
    // Beside the credentials: what is within the sequence, whose own head has five octets.
    const others = text(200_000).length - 5 - 200_000;
    await bind(saslOf([]).sasl, text(262_144 - others));
    await expect(bind(saslOf([]).sasl, text(262_144 - others + 1))).rejects.toThrow("longer than any");
  });

  it.each([
    ["is cut within its length", "3084 00", "in the middle of a message"],
    ["ends before its length", "3084", "another message"],
    ["ends before its contents", "3005", "another message"],
    ["is cut within its contents", "3005 0201", "in the middle of a message"],
    ["has no message in it", "3003 020101", "another message"],
    [
      "is an extended response, as a notice of disconnection is",
      "300c 020100 7807 0a0134 0400 0400",
      "another message",
    ],
    ["has a result without a text", "300a 020101 6105 0a0100 0400", "another message"],
    ["has a failure's code in two octets", "300d 020101 6108 0a020031 0400 0400", "result 49"],
    ["has a code whose last octet is that of success", "300d 020101 6108 0a020100 0400 0400", "result 256"],
    ["has a result code of no octets", "300b 020101 6106 0a00 0400 0400", "result -1"],
    ["has an element that says one octet too many", "300c 020101 6107 0a0100 0400 0401", "what is not LDAP"],
  ])("that %s is refused", async (_, octets, text) => {
    const { client, server } = createConnectionPair();
    const bound = bindLdap(client, saslOf([]).sasl);
    await server.read();
    await server.write(hex(octets));
    await server.close();
    await expect(bound).rejects.toThrow(text);
  });

  it("says that a server lacks the mechanism (result 7)", async () => {
    await expect(bind(saslOf([]).sasl, answer(7))).rejects.toThrow("it has no SASL GSSAPI: install that mechanism");
    await expect(bind(saslOf([]).sasl, answer(49))).rejects.toThrow("its log says why");
  });
});

describe("the keys of a login", () => {
  it("end with one that the server refuses", async () => {
    const { sasl, dispose } = saslOf([]);
    await expect(bind(sasl, answer(49))).rejects.toThrow("result 49");
    expect(dispose).toHaveBeenCalledTimes(1);
  });

  it("end with one that leaves no layer", async () => {
    const { sasl, dispose } = saslOf([]);
    await bind(sasl, answer(0));
    expect(dispose).toHaveBeenCalledTimes(1);
  });

  it("live with the layer until the connection is given up, for what the server still sends after a close", async () => {
    const layer = { createDeframer: () => ({}) } as unknown as SecurityLayer;
    const { sasl, dispose } = saslOf([], layer);
    const { bound } = await bind(sasl, answer(0));
    await bound.close();
    expect(dispose).not.toHaveBeenCalled();
    bound.abort();
    expect(dispose).toHaveBeenCalledTimes(1);
  });
});

describe("under a security layer", () => {
  const framed: number[][] = [];
  let isWithinFrame = false;
  const layer = {
    frame: (octets: Uint8Array) => {
      framed.push([...octets]);
      return Buffer.concat([Buffer.of(0xee), octets]);
    },
    createDeframer: () => ({
      get isWithinFrame() {
        return isWithinFrame;
      },
      // 0: nothing is whole yet; else each octet is a message.
      push: (octets: Uint8Array) => (octets[0] === 0 ? [] : [...octets].map((octet) => Uint8Array.of(octet))),
    }),
  } as unknown as SecurityLayer;
  const layered = async (): Promise<{ bound: Connection; client: MemoryConnection; server: MemoryConnection }> => {
    isWithinFrame = false;
    framed.length = 0;
    return await bind(saslOf([], layer).sasl, answer(0));
  };

  it("a read gives whole messages alone, all that came, and the end", async () => {
    const { bound, server } = await layered();
    await server.write(Uint8Array.of(0));
    await server.write(Uint8Array.of(1, 2));
    expect(await bound.read()).toEqual(Uint8Array.of(1, 2));
    await server.close();
    expect(await bound.read()).toBeUndefined();
  });

  it("a write is one frame, and nothing where there is nothing to write", async () => {
    const { bound, client } = await layered();
    await bound.write(new Uint8Array(0));
    await bound.write(Uint8Array.of(3));
    expect(framed).toEqual([[3]]);
    expect(client.writes.slice(1).map((write) => [...write])).toEqual([[0xee, 3]]);
  });

  it("ends as the connection beneath does", async () => {
    const first = await layered();
    await first.bound.close();
    expect(first.client.isClosed).toBe(true);
    const second = await layered();
    second.bound.abort();
    expect(second.client.isAborted).toBe(true);
  });
});
