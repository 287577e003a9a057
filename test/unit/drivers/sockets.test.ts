// The streams that drivers are given, over sockets of this host: what goes first, and how a login that fails ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ldapSocket, mysql2Gssapi, nodemailerGssapi } from "../../../src/entry/drivers.ts";
import { createAcceptor } from "../../../src/entry/gssapi.ts";
import { createClient, type RemctlClient } from "../../../src/entry/index.ts";
import { gssStream, postgresSocket } from "../../../src/entry/postgres.ts";
import { createTestRealm, type TestRealm } from "../../../src/entry/testing.ts";

let realm: TestRealm;
let credential: RemctlClient;
const servers: Server[] = [];

beforeAll(async () => {
  const services = { "mariadb/localhost": {}, "postgres/localhost": {} };
  realm = await createTestRealm({ realm: "TEST.EXAMPLE", principals: { alice: { password: "secret" }, ...services } });
  credential = createClient({
    credentials: { principal: "alice@TEST.EXAMPLE", password: "secret" },
    kdc: realm.kdc,
    dial: realm.dial,
    config: false,
  });
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers the first octets of each client, and what it hears. */
async function serve(answer: (socket: Socket, first: Buffer) => void) {
  const first: Buffer[] = [];
  const ended: Promise<unknown>[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    ended.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.once("data", (octets) => {
      first.push(octets);
      answer(socket, octets);
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, first, ended };
}

/** A port that nobody listens on any more. */
async function closedPort(): Promise<number> {
  const { port } = await serve(() => {});
  const server = servers.pop() as Server;
  server.close();
  await once(server, "close");
  return port;
}

type DriverStream = Duplex & { connect(port: number, host: string): DriverStream };
const GSSENC = "0000000804d21630";
const LETS_IN = "R\0\0\0\x08\0\0\0\0";

const errorOf = async (stream: Duplex): Promise<Error & { code?: string }> => (await once(stream, "error"))[0];

describe("gssStream", () => {
  it("asks for encryption first; a server without it ends the stream, and has the connection closed", async () => {
    const { port, first, ended } = await serve((socket) => socket.write("N"));
    const stream = gssStream<DriverStream>({ credential })().connect(port, "127.0.0.1");
    const error = await errorOf(stream);
    expect(error).toMatchObject({ code: "GSS", cause: { name: "GssError" } });
    expect(error.message).toContain("has no GSSAPI encryption");
    expect(first.map((octets) => octets.toString("hex"))).toEqual([GSSENC]);
    await ended[0];
  });

  it("gives what is not ours as it is: nobody listens there", async () => {
    const error = await errorOf(gssStream<DriverStream>({ credential })().connect(await closedPort(), "127.0.0.1"));
    expect(error.message).toMatch(/ECONNREFUSED|refused|connect/);
  });
});

describe("postgresSocket", () => {
  const settings = () => ({ credential, encryption: "disable" as const });

  it.each(["port and host", "lists of them"])(
    "connects to the first of %s, as Postgres.js gives them",
    async (what) => {
      const { port, first } = await serve((socket) => socket.write(LETS_IN));
      const place =
        what === "lists of them" ? { port: [port, 1], host: ["127.0.0.1", "h"] } : { port, host: "127.0.0.1" };
      const stream = await postgresSocket<Duplex>(settings())(place);
      stream.write("startup.");
      // PG4: who lets in without a proof may be anybody.
      expect((await errorOf(stream)).message).toContain("lets us in without GSSAPI");
      expect(first[0]?.toString()).toBe("startup.");
    },
  );

  /** A server that lets in; `accepted` takes who came. */
  const serveAccepting = (accepted: (readonly string[])[]) =>
    serve((socket) => {
      socket.write("G");
      socket.once("data", async (octets) => {
        const acceptor = createAcceptor({ keytab: realm.keytab("postgres/localhost") });
        const token = (await acceptor.step(octets.subarray(4))) as Uint8Array;
        accepted.push((acceptor.peer as { components: readonly string[] }).components);
        const length = Buffer.alloc(4);
        length.writeUInt32BE(token.length);
        socket.write(Buffer.concat([length, token]));
      });
    });

  it.each([
    ["seconds", 0.3],
    ["a function that gives them", () => 0.3],
  ])("ends a login that takes longer than connect_timeout of Postgres.js: %s", async (_, timeout) => {
    const silent = await serve(() => {});
    const begun = performance.now();
    const place = { host: ["127.0.0.1"], port: [silent.port], connect_timeout: timeout };
    await expect(postgresSocket({ credential })(place)).rejects.toMatchObject({
      code: "CONNECT_TIMEOUT",
      message: expect.stringContaining(`127.0.0.1:${silent.port} and its login took longer than 0.3 s`),
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
    await Promise.all(silent.ended);
    expect(silent.first.map((octets) => octets.toString("hex"))).toEqual([GSSENC]);
  });

  it("ends no login where connect_timeout is 0, and none that is through", async () => {
    const here = await serveAccepting([]);
    const connect = postgresSocket<Duplex>({ credential });
    const place = { host: "localhost", port: here.port };
    const slow = await serve((socket) => setTimeout(() => socket.write("N"), 700));
    await expect(connect({ host: "127.0.0.1", port: slow.port, connect_timeout: 0 })).rejects.toThrow("no GSSAPI");
    const stream = await connect({ ...place, connect_timeout: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  });

  it.runIf(process.platform === "linux")("gives each of several hosts its connect_timeout", async () => {
    // It listens and never accepts: what comes after its queue is full is not answered.
    const program =
      'const net = require("node:net"); const server = net.createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {' +
      'require("node:fs").writeSync(1, String(server.address().port)); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });';
    const deaf = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const waiting: Socket[] = [];
    try {
      const port = Number(String((await once(deaf.stdout, "data"))[0]));
      for (let i = 0; i < 4; i++) waiting.push(createConnection({ port, host: "127.0.0.1" }).on("error", () => {}));
      await Promise.all(waiting.slice(0, 2).map((socket) => once(socket, "connect")));
      const accepted: (readonly string[])[] = [];
      const here = await serveAccepting(accepted);
      const place = { host: ["127.0.0.1", "localhost"], port: [port, here.port], connect_timeout: 1 };
      (await postgresSocket<Duplex>({ credential })(place)).destroy();
      expect(accepted).toEqual([["alice"]]);
      const both = { host: ["127.0.0.1", "127.0.0.1"], port: [port, port], connect_timeout: 0.3 };
      await expect(postgresSocket({ credential })(both)).rejects.toMatchObject({ code: "CONNECT_TIMEOUT" });
    } finally {
      for (const socket of waiting) socket.destroy();
      deaf.kill("SIGKILL");
    }
  });

  it("takes the next of several hosts where one cannot be connected to, and asks for that one's ticket", async () => {
    const accepted: (readonly string[])[] = [];
    const here = await serveAccepting(accepted);
    const place = { host: ["127.0.0.1", "localhost"], port: [await closedPort(), here.port] };
    const stream = await postgresSocket<Duplex>({ credential })(place);
    expect(accepted).toEqual([["alice"]]);
    stream.destroy();
  });

  it("does not go on after a host that refuses the login, and says of each why none could be connected to", async () => {
    const refusing = await serve((socket) => socket.write("N"));
    const other = await serve(() => {});
    const connect = postgresSocket({ credential });
    const two = { host: ["127.0.0.1", "127.0.0.1"], port: [refusing.port, other.port] };
    await expect(connect(two)).rejects.toThrow("has no GSSAPI encryption");
    expect(other.first).toEqual([]);
    const closed = [await closedPort(), await closedPort()];
    const none = connect({ host: ["127.0.0.1", "127.0.0.1"], port: closed });
    await expect(none).rejects.toMatchObject({ code: "ECONNREFUSED" });
    for (const port of closed) await expect(none).rejects.toThrow(String(port));
  });

  it("rejects where the server has no encryption, and where nobody listens", async () => {
    const { port } = await serve((socket) => socket.write("N"));
    const connect = postgresSocket({ credential });
    await expect(connect({ port, host: "127.0.0.1" })).rejects.toThrow("has no GSSAPI encryption");
    await expect(connect({ port: await closedPort(), host: "127.0.0.1" })).rejects.toThrow();
  });

  it("connects to localhost where no host is named", async () => {
    const port = await closedPort();
    await expect(postgresSocket(settings())({ port })).rejects.toThrow(/localhost|127\.0\.0\.1|::1|ECONNREFUSED/);
  });
});

describe("ldapSocket", () => {
  const BIND = 0x30;
  const CLIENT_HELLO = 0x16;

  it.each([
    ["no options", undefined, BIND],
    ["null", null, BIND],
    ["true, which are no options", true, BIND],
    ["options of tls.connect", { rejectUnauthorized: true }, CLIENT_HELLO],
  ])("speaks TLS first with options of TLS alone: %s", async (_, tlsOptions, first) => {
    const here = await serve((socket) => socket.end());
    const options = { credential: ldapCredential(), host: "localhost" };
    const stream = ldapSocket<Duplex>(options)(here.port, "127.0.0.1", tlsOptions);
    await errorOf(stream);
    expect(here.first[0]?.[0]).toBe(first);
  });

  it("says of a refusal within no TLS what to do there, in an error of its own", async () => {
    const refusal = Buffer.from("300c02010161070a010804000400", "hex");
    const { port } = await serve((socket) => socket.write(refusal));
    const connect = ldapSocket<Duplex>({ credential: ldapCredential(), host: "localhost", layer: "none" });
    const error = await errorOf(connect(port, "127.0.0.1"));
    expect(error.message).toContain("leave out the option layer");
    expect(error).toMatchObject({ code: "GSS", cause: { name: "GssError" } });
  });

  it.each([
    [{}, /credential/],
    [{ layer: "tls" }, /layer/],
    [{ layer: 5 }, /layer/],
  ])("is a mistake with %j", (options, message) => {
    const all = "layer" in options ? { credential, ...options } : options;
    expect(() => ldapSocket(all as never)).toThrow(message);
  });

  /** A realm's own service: tickets of `ldap/localhost` come from the same KDC. */
  function ldapCredential() {
    return { getTicket: () => credential.getTicket("postgres/localhost") };
  }
});

describe("mysql2Gssapi", () => {
  const stepWith = (config: object) => mysql2Gssapi({ credential })({ connection: { config } })("");

  it("gives a ticket for this host over a local socket, which needs no TLS, and over no other text or thing", async () => {
    const acceptor = createAcceptor({ keytab: realm.keytab("mariadb/localhost") });
    await acceptor.step((await stepWith({ socketPath: "/run/mysqld/mysqld.sock" })) as Uint8Array);
    expect(acceptor.peer?.components).toEqual(["alice"]);
    for (const socketPath of ["", undefined, null, 5, {}]) {
      await expect(stepWith({ socketPath })).rejects.toThrow("verifyIdentity: true");
    }
  });

  it.each([null, true, "Amazon RDS", { verifyIdentity: 1 }, { rejectUnauthorized: true }])(
    "MY1: takes ssl of %j for no proof",
    async (ssl) => {
      await expect(stepWith({ host: "localhost", ssl })).rejects.toThrow("verifyIdentity: true");
    },
  );
});

it("nodemailerGssapi gives an error that is not of this package as it is", async () => {
  const own = new Error("the connection is gone");
  const login = nodemailerGssapi({ credential, host: "localhost" });
  await expect(login({ sendCommand: () => Promise.reject(own) })).rejects.toBe(own);
});
