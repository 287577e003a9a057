// Servers that are not what a PostgreSQL server with GSSAPI is: each is refused, and nothing secret is sent.

import { beforeAll, describe, expect, it } from "vitest";
import { securePostgres } from "../../../src/drivers/index.ts";
import { createClient } from "../../../src/entry/index.ts";
import { gssStream, postgresSocket } from "../../../src/entry/postgres.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";
import { createAcceptor, type SecurityContext } from "../../../src/gssapi/index.ts";
import type { Connection } from "../../../src/host/index.ts";
import { createConnectionPair, type MemoryConnection } from "../../support/memory-connection.ts";
import { rejectedWith } from "../../support/rejected.ts";

const STARTUP = Buffer.from("000000210003000075736572006d6500646174616261736500646200 00".replace(" ", ""), "hex");
let realm: TestRealm;

beforeAll(async () => {
  const principals = { alice: { password: "secret" }, "postgres/localhost": {} };
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals });
});

const credential = () =>
  createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
  });

const request = (code: number, octets: Uint8Array = new Uint8Array()) => {
  const head = Buffer.from("R000000000");
  head.writeUInt32BE(8 + octets.length, 1);
  head.writeUInt32BE(code, 5);
  return Buffer.concat([head.subarray(0, 9), octets]);
};
const packet = (octets: Uint8Array) => {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(octets.length);
  return Buffer.concat([head, octets]);
};

type Server = (raw: MemoryConnection, acceptor: SecurityContext) => Promise<void>;

const plain = () => ({ credential: credential(), encryption: "disable" as const });
const noTls = () => Promise.reject(new Error("TLS was not asked for"));

/** Opens a connection to a server of the test, and writes a startup message. */
async function open(server: Server, encryption: "disable" | "prefer" | "require"): Promise<Connection> {
  const { client: near, server: far } = createConnectionPair();
  const acceptor = createAcceptor({ keytab: realm.keytab("postgres/localhost"), service: "postgres/localhost" });
  void server(far, acceptor).catch(() => far.abort());
  const connection = await securePostgres(near, "localhost", { credential: credential(), encryption }, noTls);
  await connection.write(STARTUP);
  return connection;
}

/** Accepts the context within encryption. */
async function accept(raw: MemoryConnection, acceptor: SecurityContext): Promise<void> {
  await raw.read();
  await raw.write(Buffer.from("G"));
  const token = (await raw.read()) as Uint8Array;
  await raw.write(packet((await acceptor.step(token.slice(4))) as Uint8Array));
}

/** Accepts the context within messages of an authentication. */
async function authenticate(raw: MemoryConnection, acceptor: SecurityContext): Promise<void> {
  await raw.read();
  await raw.write(request(7));
  const message = (await raw.read()) as Uint8Array;
  expect(message[0]).toBe(0x70);
  await raw.write(request(8, (await acceptor.step(message.slice(5))) as Uint8Array));
}

const failure = rejectedWith(Error);

describe("encryption", () => {
  it("carries every octet in sealed packets, and the server's Ok", async () => {
    let startup: Uint8Array | undefined;
    const connection = await open(async (raw, acceptor) => {
      await accept(raw, acceptor);
      const sealed = (await raw.read()) as Uint8Array;
      startup = acceptor.unwrap(sealed.slice(4), { requireConf: true }).slice();
      await raw.write(packet(acceptor.wrap(request(0))));
      await raw.write(packet(acceptor.wrap(Buffer.from("more"))));
    }, "require");
    expect(Buffer.from((await connection.read()) as Uint8Array)).toEqual(request(0));
    expect(Buffer.from((await connection.read()) as Uint8Array).toString()).toBe("more");
    expect(Buffer.from(startup as Uint8Array)).toEqual(STARTUP);
    const large = new Uint8Array(40_000).fill(7);
    await connection.write(large);
    await connection.close();
  });

  it("PG1: refuses what comes with the answer in the clear", async () => {
    const error = await failure(
      open(async (raw) => {
        await raw.read();
        await raw.write(Buffer.concat([Buffer.from("G"), request(0)]));
      }, "require"),
    );
    expect(error.message).toContain("not the one octet G or N");
    const old = await failure(
      open(async (raw) => {
        await raw.read();
        await raw.write(Buffer.from("E\0\0\0\x20evil text\0"));
      }, "require"),
    );
    expect(old.message).not.toContain("evil");
  });

  it("PG2: waits for no packet that is longer than any", async () => {
    const error = await failure(
      open(async (raw) => {
        await raw.read();
        await raw.write(Buffer.from("G"));
        await raw.read();
        await raw.write(Buffer.from("7fffffff", "hex"));
      }, "require"),
    );
    expect(error.message).toContain("a packet of the PostgreSQL server has 2147483647 octets");
  });

  it("PG3: refuses a message that is signed and not encrypted", async () => {
    const connection = await open(async (raw, acceptor) => {
      await accept(raw, acceptor);
      await raw.read();
      await raw.write(packet(acceptor.wrap(request(0), { conf: false })));
    }, "require");
    expect(await failure(connection.read())).toMatchObject({ name: "GssError" });
  });

  it("PG6: is required unless something else is said", async () => {
    const without: Server = async (raw) => {
      await raw.read();
      await raw.write(Buffer.from("N"));
    };
    expect((await failure(open(without, "require"))).message).toContain("has no GSSAPI encryption");
    const connection = await open(async (raw, acceptor) => {
      await without(raw, acceptor);
      await authenticate(raw, acceptor);
      await raw.write(request(0));
    }, "prefer");
    expect(Buffer.from((await connection.read()) as Uint8Array)).toEqual(request(0));
  });
});

describe("authentication", () => {
  it("answers the requests itself, and passes all else on", async () => {
    const notice = Buffer.from("N\0\0\0\x0bMnote\0\0");
    const connection = await open(async (raw, acceptor) => {
      await authenticate(raw, acceptor);
      await raw.write(Buffer.concat([notice, request(0), Buffer.from("rest")]));
    }, "disable");
    expect(Buffer.from((await connection.read()) as Uint8Array)).toEqual(notice);
    expect(Buffer.from((await connection.read()) as Uint8Array)).toEqual(request(0));
    expect(Buffer.from((await connection.read()) as Uint8Array).toString()).toBe("rest");
  });

  it("PG4: does not believe a server that lets us in before it has proved itself", async () => {
    const early: Server = async (raw) => {
      await raw.read();
      await raw.write(request(0));
    };
    const connection = await open(early, "disable");
    expect((await failure(connection.read())).message).toContain("lets us in without GSSAPI");
    const half = await open(async (raw) => {
      await raw.read();
      await raw.write(request(7));
      await raw.read();
      await raw.write(request(0));
    }, "disable");
    expect((await failure(half.read())).message).toContain("lets us in without GSSAPI");
  });

  it.each([2, 3, 5, 6, 10, 11, 12, 4_000_000_000])(
    "PG5: answers no request for another authentication: %i",
    async (code) => {
      const connection = await open(async (raw) => {
        await raw.read();
        await raw.write(request(code));
        // Who is answered has what it wants.
        await raw.read();
        await raw.close();
      }, "disable");
      expect((await failure(connection.read())).message).toContain(`(request ${code})`);
    },
  );

  it.each([
    ["a token that nobody asked for", request(8, Uint8Array.of(1)), "out of turn"],
    ["a message of no authentication", Buffer.from("Z\0\0\0\x05I"), "not a message of an authentication"],
    ["a length that is none", Buffer.from("R\0\0\0\x01"), "not a message of an authentication"],
    ["a length that is too long", Buffer.from("E\x7f\xff\xff\xff"), "not a message of an authentication"],
    ["a notice without its end", Buffer.from("N\0\0\0\x04"), "without its end"],
    ["an error whose text has no end", Buffer.from("E\0\0\0\x08SERR"), "without its end"],
    ["a request without a code", Buffer.from("R\0\0\0\x04"), "(request -1)"],
  ])("refuses %s", async (_, octets, text) => {
    const connection = await open(async (raw) => {
      await raw.read();
      await raw.write(octets);
    }, "disable");
    expect((await failure(connection.read())).message).toContain(text);
  });

  it("passes a cancel request, which nobody answers, and refuses TLS above the stream", async () => {
    const { client: near, server: far } = createConnectionPair();
    const connection = await securePostgres(near, "localhost", plain(), noTls);
    const cancel = Buffer.from("0000001004d2162e0000000100000002", "hex");
    await connection.write(cancel);
    expect(Buffer.from((await far.read()) as Uint8Array)).toEqual(cancel);
    await far.close();
    expect(await connection.read()).toBeUndefined();
    const { client: other } = createConnectionPair();
    const second = await securePostgres(other, "localhost", plain(), noTls);
    await expect(second.write(Buffer.from("0000000804d2162f", "hex"))).rejects.toThrow(TypeError);
  });
});

describe("TLS beneath", () => {
  const within = async (answer: string, startTls: typeof noTls) => {
    const { client: near, server: far } = createConnectionPair();
    const connection = securePostgres(near, "localhost", { credential: credential(), tls: true }, startTls);
    connection.catch(() => {});
    expect(Buffer.from((await far.read()) as Uint8Array).toString("hex")).toBe("0000000804d2162f");
    await far.write(Buffer.from(answer));
    return await failure(connection);
  };

  it("PG7: sends nothing in the clear to a server without TLS", async () => {
    expect((await within("N", noTls)).message).toContain("has no TLS");
  });

  it("refuses what comes with the answer, and ends where TLS does not start", async () => {
    expect((await within("SX", noTls)).message).toContain("not the one octet S or N when it was asked for TLS");
    expect((await within("S", () => Promise.reject(new Error("bad certificate")))).message).toBe("bad certificate");
  });
});

it("is a mistake with options that cannot work", () => {
  for (const make of [gssStream, postgresSocket]) {
    const wrong = [{}, { credential: 5 }, { credential: credential(), encryption: "yes" }, { ...plain(), tls: "yes" }];
    for (const options of wrong) expect(() => make(options as never)).toThrow(TypeError);
    const both = { credential: credential(), encryption: "prefer" as const, tls: true };
    expect(() => make(both)).toThrow('encryption is "prefer" and tls is given');
  }
});
