// Packets and messages of a PostgreSQL server at their least and at their most, and what the options come to.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { checkEncryption, securePostgres } from "../../../src/drivers/index.ts";
import { OctetReader } from "../../../src/drivers/octet-reader.ts";
import { AuthenticatedConnection } from "../../../src/drivers/postgres-authentication.ts";
import { encrypt, requestEncryption, requestTls } from "../../../src/drivers/postgres-encryption.ts";
import { createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { gssStream } from "../../../src/entry/postgres.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { createAcceptor, type SecurityContext } from "../../../src/gssapi/index.ts";
import type { Connection } from "../../../src/host/index.ts";
import { createConnectionPair, type MemoryConnection } from "../../support/memory-connection.ts";

let realm: TestRealm;
let credential: RemctlClient;

beforeAll(async () => {
  const services = { "postgres/localhost": {}, "db/db.test": {} };
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" }, ...services } });
  credential = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
  });
});

const uint32 = (value: number) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
};
const packet = (octets: Uint8Array) => Buffer.concat([uint32(octets.length), octets]);
const message = (type: string, body: Uint8Array) => Buffer.concat([Buffer.from(type), uint32(4 + body.length), body]);
let refusals = 0;
const onRefused = async () => {
  refusals += 1;
};
const noTls = () => Promise.reject(new Error("TLS was not asked for"));

beforeEach(() => {
  refusals = 0;
});

/** A context that is established after so many steps, and seals with one octet in front. */
function contextOf(steps: number, tokens: readonly (Uint8Array | undefined)[] = []) {
  const given: (Uint8Array | undefined)[] = [];
  let isDisposed = false;
  const context = {
    get isEstablished() {
      return given.length >= steps;
    },
    async step(token?: Uint8Array) {
      given.push(token);
      return tokens[given.length - 1];
    },
    wrapOverhead: 1,
    wrapSizeLimit: (octets: number) => octets - 1,
    wrapInto(out: Uint8Array, at: number, octets: Uint8Array) {
      out[at] = 0xee;
      out.set(octets, at + 1);
      return octets.length + 1;
    },
    unwrap: (octets: Uint8Array) => octets.subarray(1),
    dispose() {
      isDisposed = true;
    },
  } as unknown as SecurityContext;
  return { context, given, isDisposed: () => isDisposed };
}

describe("octets of a connection", () => {
  const readerOf = (...chunks: (Uint8Array | undefined)[]) =>
    new OctetReader({ read: async () => chunks.shift() } as unknown as Connection);
  const of = (...octets: number[]) => Uint8Array.from(octets);

  it("are given as many as are asked for, and what came beyond them is kept", async () => {
    const reader = readerOf(of(1), of(2, 3, 4), of(5));
    expect(reader.buffered).toBe(0);
    expect(await reader.exactly(2)).toEqual(of(1, 2));
    expect(reader.buffered).toBe(2);
    expect(await reader.exactly(0)).toEqual(of());
    expect(await reader.exactly(1)).toEqual(of(3));
    expect(await reader.some()).toEqual(of(4));
    expect(await reader.some()).toEqual(of(5));
    expect(await reader.some()).toBeUndefined();
    expect(await reader.exactly(1)).toBeUndefined();
  });

  it("that end in the middle are no end", async () => {
    await expect(readerOf(of(1), of(2)).exactly(3)).rejects.toThrow("in the middle of a message");
    const reader = readerOf(of(1, 2));
    await reader.exactly(1);
    await expect(reader.exactly(2)).rejects.toThrow("in the middle of a message");
  });
});

describe("a request before everything else", () => {
  const ask = async (request: typeof requestTls, answer: string | undefined) => {
    const { client, server } = createConnectionPair();
    const asked = request(client);
    asked.catch(() => {});
    await server.read();
    if (answer === undefined) await server.close();
    else await server.write(Buffer.from(answer));
    return await asked;
  };

  it.each([
    ["GSSAPI encryption", requestEncryption, "G", "S"],
    ["TLS", requestTls, "S", "G"],
  ] as const)("for %s is granted, or not, by one octet of its own", async (name, request, granted, other) => {
    expect(await ask(request, granted)).toBe(true);
    expect(await ask(request, "N")).toBe(false);
    for (const answer of [other, `${granted}${granted}`, "NN", "E"]) {
      await expect(ask(request, answer)).rejects.toThrow(
        `not the one octet ${granted} or N when it was asked for ${name}`,
      );
    }
    await expect(ask(request, undefined)).rejects.toThrow(`ended the connection when it was asked for ${name}`);
  });
});

describe("packets of GSSAPI encryption", () => {
  const established = async () => {
    const { client, server } = createConnectionPair();
    const { context, isDisposed } = contextOf(1, [Uint8Array.of(1)]);
    const encrypting = encrypt(client, context, true, onRefused);
    await granted(server);
    const connection = (await encrypting) as Connection;
    expect(Buffer.from((await server.read()) as Uint8Array)).toEqual(packet(Uint8Array.of(1)));
    return { connection, client, server, isDisposed };
  };
  const granted = async (server: MemoryConnection) => {
    await server.read();
    await server.write(Buffer.from("G"));
  };

  it.each([
    [0, false],
    [1, true],
    [16_380, true],
    [16_381, false],
    [0xffff_ffff, false],
  ])("PG2: have from 1 to 16,380 octets: %i", async (length, isFit) => {
    const { connection, server } = await established();
    await server.write(uint32(length));
    const reading = connection.read();
    if (isFit) {
      await server.write(new Uint8Array(length - 1).fill(7));
      if (length > 1) await server.write(Uint8Array.of(7));
      else await server.write(Buffer.concat([Uint8Array.of(7), packet(Uint8Array.of(0, 5))]));
      expect((await reading)?.length).toBe(length === 1 ? 1 : length - 1);
    } else await expect(reading).rejects.toThrow(`has ${length} octets: from 1 to 16380 are allowed`);
  });

  it("that are cut are no end, and an empty message says nothing", async () => {
    const first = await established();
    await first.server.write(uint32(5));
    await first.server.close();
    await expect(first.connection.read()).rejects.toThrow("in the middle of a message");
    const second = await established();
    await second.server.write(Buffer.concat([packet(Uint8Array.of(0)), packet(Uint8Array.of(0, 9))]));
    expect([...((await second.connection.read()) as Uint8Array)]).toEqual([9]);
    await second.server.close();
    expect(await second.connection.read()).toBeUndefined();
  });

  it.each([0, 1, 16_378, 16_379, 16_380, 40_000])("carry %i octets in as few as they can", async (length) => {
    const { connection, client } = await established();
    const octets = Uint8Array.from({ length }, (_, at) => at % 251);
    await connection.write(octets);
    const sent = Buffer.concat(client.writes.slice(2));
    expect(client.writes.length - 2).toBe(length === 0 ? 0 : 1);
    const found: number[] = [];
    let packets = 0;
    for (let at = 0; at < sent.length; packets++) {
      const size = sent.readUInt32BE(at);
      expect(size).toBeLessThanOrEqual(16_380);
      found.push(...sent.subarray(at + 5, at + 4 + size));
      at += 4 + size;
    }
    expect(packets).toBe(Math.ceil(length / 16_379));
    expect(Buffer.compare(Buffer.from(found), octets)).toBe(0);
  });

  it("end with the context's keys forgotten", async () => {
    const first = await established();
    await first.connection.close();
    expect([first.client.isClosed, first.isDisposed()]).toEqual([true, true]);
    const second = await established();
    second.connection.abort();
    expect([second.client.isAborted, second.isDisposed()]).toEqual([true, true]);
  });

  it("of a context go to and fro until it is established, and an empty token is not sent", async () => {
    const { client, server } = createConnectionPair();
    const tokens = [Uint8Array.of(1), new Uint8Array(0), undefined];
    const { context, given } = contextOf(3, tokens);
    const encrypting = encrypt(client, context, true, onRefused);
    await granted(server);
    await server.read();
    await server.write(Buffer.concat([packet(Uint8Array.of(8)), packet(Uint8Array.of(9))]));
    await encrypting;
    expect(given.map((one) => one && [...one])).toEqual([undefined, [8], [9]]);
    expect(client.writes.slice(1).map((write) => [...write])).toEqual([[0, 0, 0, 1, 1]]);
  });

  it("that do not come say where the reason stands", async () => {
    const { client, server } = createConnectionPair();
    const { context, isDisposed } = contextOf(2, [Uint8Array.of(1)]);
    const encrypting = encrypt(client, context, true, onRefused);
    await granted(server);
    await server.close();
    await expect(encrypting).rejects.toThrow("ended the connection instead of accepting the ticket: look at its log");
    expect([isDisposed(), refusals]).toEqual([true, 1]);
  });

  it.each([
    ["while the server answers where it is required", true, 1],
    ["when the server has granted it where it is not", false, 0],
  ] as const)("begin with a token that is made %s", async (_, isRequired, before) => {
    const { client, server } = createConnectionPair();
    const { context, given } = contextOf(1, [Uint8Array.of(1)]);
    const encrypting = encrypt(client, context, isRequired, onRefused);
    await server.read();
    expect(given.length).toBe(before);
    await server.write(Buffer.from("G"));
    expect(await encrypting).toBeDefined();
    expect(given.length).toBe(1);
  });

  it.each([
    ["a server without them gives no connection", "N", undefined],
    ["what is no answer", "GG", "not the one octet G or N"],
    ["no ticket", "G", "no ticket"],
  ])("end with the context's keys forgotten: %s", async (_, answer, message) => {
    const { client, server } = createConnectionPair();
    const { context, isDisposed } = contextOf(1);
    context.step = () => Promise.reject(new Error("no ticket"));
    const encrypting = encrypt(client, context, true, onRefused);
    await server.read();
    await server.write(Buffer.from(answer));
    if (message === undefined) expect(await encrypting).toBeUndefined();
    else await expect(encrypting).rejects.toThrow(message);
    expect([isDisposed(), refusals]).toEqual([true, 0]);
  });

  it("refuse the ticket with an answer that the context does not take", async () => {
    const { client, server } = createConnectionPair();
    const { context, given } = contextOf(2, [Uint8Array.of(1)]);
    const step = context.step.bind(context);
    context.step = (token) => (given.length === 0 ? step(token) : Promise.reject(new Error("no AP-REP")));
    const encrypting = encrypt(client, context, true, onRefused);
    await granted(server);
    await server.write(packet(Uint8Array.of(9)));
    await expect(encrypting).rejects.toThrow("no AP-REP");
    expect(refusals).toBe(1);
  });
});

describe("messages of an authentication", () => {
  const driver = (context: SecurityContext, isTrusted = false) => {
    const { client, server } = createConnectionPair();
    return { connection: new AuthenticatedConnection(client, () => context, isTrusted, onRefused), client, server };
  };
  const notice = (octets: number) => Buffer.concat([Buffer.from("M"), Buffer.alloc(octets - 3, 0x78), Buffer.of(0, 0)]);
  const ok = message("R", uint32(0));
  const asked = message("R", uint32(7));
  const goOn = (...octets: number[]) => message("R", Buffer.concat([uint32(8), Buffer.from(octets)]));

  it.each([
    ["a notice of 65,532 octets", message("N", notice(65_532)), true],
    ["a notice of 65,533 octets", message("N", notice(65_533)), false],
    ["an error without fields", message("E", Buffer.of(0)), true],
    ["an error with octets behind its end", message("E", Buffer.from("M\0\0x")), false],
    ["an error whose field has no text", message("E", Buffer.from("M\0\0")), true],
    ["an error whose field has no end", message("E", Buffer.from("Mx")), false],
    ["an error of two fields", message("E", Buffer.from("SERROR\0Mno\0\0")), true],
    ["an error of two fields without an end", message("E", Buffer.from("SERROR\0Mno\0")), false],
    ["the version that the server has", message("v", uint32(0)), true],
    ["a version of no octets", message("v", Buffer.of()), true],
    ["a length of three", Buffer.from("N\0\0\0\x03"), false],
    ["a parameter before the login", message("S", Buffer.from("a\0b\0")), false],
  ])("%s passes: %j", async (_, octets, passes) => {
    const { connection, server } = driver(contextOf(1).context);
    await server.write(octets);
    if (passes) expect(Buffer.compare((await connection.read()) as Uint8Array, octets)).toBe(0);
    else await expect(connection.read()).rejects.toMatchObject({ name: "GssError" });
  });

  it("that are cut are no end; before the first octet it is one", async () => {
    const ended = driver(contextOf(1).context);
    await ended.server.close();
    expect(await ended.connection.read()).toBeUndefined();
    const cut = driver(contextOf(1).context);
    await cut.server.write(Buffer.from("N\0\0\0\x09"));
    await cut.server.close();
    await expect(cut.connection.read()).rejects.toThrow("in the middle of a message");
  });

  it("are answered with tokens, which may be none at the end, and SSPI is GSSAPI by another number", async () => {
    for (const first of [asked, message("R", uint32(9))]) {
      const { context, given } = contextOf(3, [Uint8Array.of(1), Uint8Array.of(2), undefined]);
      const { connection, client, server } = driver(context);
      await server.write(Buffer.concat([first, goOn(5), goOn(6), ok, Buffer.from("rest")]));
      expect(Buffer.from((await connection.read()) as Uint8Array)).toEqual(ok);
      expect(Buffer.from((await connection.read()) as Uint8Array).toString()).toBe("rest");
      expect(given.map((one) => one && [...one])).toEqual([undefined, [5], [6]]);
      expect(client.writes.map((write) => [...write])).toEqual([
        [0x70, 0, 0, 0, 5, 1],
        [0x70, 0, 0, 0, 5, 2],
      ]);
    }
  });

  const fatal = message("E", Buffer.from("SFATAL\0\0"));
  it.each([
    ["an error after the ticket", 2, [asked, fatal], 1],
    ["the end after the ticket", 2, [asked], 1],
    ["an error before the ticket", 2, [fatal], 0],
    ["an error once the server has proved that it took it: it is of another cause", 1, [asked, fatal], 0],
  ])("refuse the ticket, or not: %s", async (_, steps, messages, count) => {
    const { connection, server } = driver(contextOf(steps, [Uint8Array.of(1)]).context);
    for (const one of messages) await server.write(one);
    await server.close();
    await connection.read();
    expect(refusals).toBe(count);
  });

  it.each([
    ["twice", [asked, asked]],
    ["by two numbers", [asked, message("R", uint32(9))]],
    ["in the middle of what has not begun", [goOn(1)]],
  ])("that ask for tokens %s are out of turn", async (_, messages) => {
    const { connection, server } = driver(contextOf(9, [Uint8Array.of(1)]).context);
    await server.write(Buffer.concat(messages));
    await expect(connection.read()).rejects.toThrow("out of turn");
  });

  it("PG4: an empty token is no proof, and encryption beneath is one", async () => {
    const { connection, server } = driver(contextOf(2, [new Uint8Array(0)]).context);
    await server.write(Buffer.concat([asked, ok]));
    await expect(connection.read()).rejects.toThrow("lets us in without GSSAPI");
    const trusted = driver(contextOf(1).context, true);
    await trusted.server.write(ok);
    expect(Buffer.from((await trusted.connection.read()) as Uint8Array)).toEqual(ok);
  });

  it("only the driver's first octets can ask for TLS or a cancellation", async () => {
    const { connection, client, server } = driver(contextOf(1).context);
    for (const text of ["04d2162f", "0000000004d2162f", "0000000804d2162e"]) {
      await connection.write(Buffer.from(text, "hex"));
    }
    expect(client.writes).toHaveLength(3);
    // No cancellation: what the server says is still looked at.
    await server.write(Buffer.from("x"));
    await server.close();
    await expect(connection.read()).rejects.toThrow("in the middle of a message");
    const other = driver(contextOf(1).context);
    await expect(other.connection.write(Buffer.from("0000000804d2162f", "hex"))).rejects.toThrow(TypeError);
    expect(other.client.writes).toEqual([]);
  });

  it("end with the context's keys forgotten, where there is one", async () => {
    for (const end of ["close", "abort"] as const) {
      const { context, isDisposed } = contextOf(2, [Uint8Array.of(1)]);
      const { connection, client, server } = driver(context);
      await server.write(Buffer.concat([asked, message("v", uint32(0))]));
      await connection.read();
      await connection[end]();
      expect([isDisposed(), client.isClosed || client.isAborted]).toEqual([true, true]);
    }
    const none = driver(contextOf(1).context);
    await none.connection.close();
    expect(none.client.isClosed).toBe(true);
  });
});

describe("options", () => {
  it.each([
    [{}, true],
    [{ encryption: "require" }, true],
    [{ tls: true }, true],
    [{ tls: false, encryption: "require" }, true],
    [{ tls: true, encryption: "disable" }, true],
    [{ tls: {}, encryption: "disable" }, true],
    [{ tls: true, encryption: "require" }, false],
    [{ tls: {}, encryption: "prefer" }, false],
  ] as const)("%j go together: %s", (options, isFit) => {
    const check = () => checkEncryption({ credential, ...options });
    if (isFit) check();
    else expect(check).toThrow("GSSAPI encryption and TLS exclude each other");
  });

  it.each([
    ["tls", ["yes", null, 1], [true, false, {}, { ca: "x" }]],
    ["delegation", ["always", null, 1], [true, false, "policy"]],
    ["encryption", ["on", true], ["disable", "prefer", "require"]],
  ] as const)("%s has its values, and no others", (name, wrong, right) => {
    for (const value of wrong) expect(() => gssStream({ credential, [name]: value } as never)).toThrow(name);
    for (const value of right) expect(gssStream({ credential, [name]: value } as never)).toBeTypeOf("function");
  });

  /** Logs in at a server that grants nothing but the login, and gives who it was for. */
  async function target(more: object, service: string): Promise<unknown> {
    const { client, server } = createConnectionPair();
    const connection = await securePostgres(client, "localhost", { credential, encryption: "disable", ...more }, noTls);
    const acceptor = createAcceptor({ keytab: realm.keytab(service) });
    await server.write(message("R", uint32(7)));
    void connection.read().catch(() => {});
    const token = (await server.read()) as Uint8Array;
    await acceptor.step(token.slice(5));
    return acceptor.peer?.components;
  }

  it("say whose ticket it is: postgres and the host, or others", async () => {
    expect(await target({}, "postgres/localhost")).toEqual(["alice"]);
    expect(await target({ service: "db", host: "db.test" }, "db/db.test")).toEqual(["alice"]);
  });

  it.each([
    [{ tls: true }, {}],
    [{ tls: { ca: "x" } }, { ca: "x" }],
  ])("of TLS go to TLS, and the login within it proves the server: %j", async (options, settings) => {
    const { client, server } = createConnectionPair();
    const within: { raw?: MemoryConnection; host?: string; settings?: object } = {};
    const started = securePostgres(client, "localhost", { credential, ...options }, async (raw, host, given) => {
      Object.assign(within, { raw, host, settings: given });
      return raw;
    });
    await server.read();
    await server.write(Buffer.from("S"));
    const connection = await started;
    expect(within).toEqual({ raw: client, host: "localhost", settings });
    await server.write(message("R", uint32(0)));
    await expect(connection.read()).rejects.toThrow("lets us in without GSSAPI");
  });
});
