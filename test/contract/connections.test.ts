// What every Connection must do, whatever makes it.

import net from "node:net";
import { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { type ByteStream, type Connection, connectionOf } from "../../src/host/index.ts";
import { nodeRuntime } from "../../src/runtime/index.ts";
import { NodeConnection } from "../../src/runtime/node-connection.ts";
import { sleep, until } from "../support/fake-kdc.ts";
import { createConnectionPair } from "../support/memory-connection.ts";

type Pair = readonly [here: Connection, there: Connection];

/** Both ends of a TCP connection on loopback. */
async function sockets(connect: (port: number) => Promise<Connection>): Promise<Pair> {
  const server = net.createServer({ noDelay: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = new Promise<NodeConnection>((resolve) => {
    server.once("connection", (socket) => resolve(new NodeConnection(socket)));
  });
  const pair = [await connect((server.address() as net.AddressInfo).port), await accepted] as const;
  server.close();
  return pair;
}

function webStreams(): Pair {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    connectionOf({ readable: back.readable, writable: there.writable }),
    connectionOf({ readable: there.readable, writable: back.writable }),
  ];
}

function nodeSocketAsWebStreams(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", reject);
    socket.on("connect", () => resolve(connectionOf(Duplex.toWeb(socket) as ByteStream)));
  });
}

function memory(): Pair {
  const { client, server } = createConnectionPair();
  return [client, server];
}

/** The pair in memory takes every write at once, and says so: it holds a writer back only where a test asks for it. */
const makers: readonly (readonly [name: string, make: () => Promise<Pair>, holdsBack: boolean])[] = [
  [
    "the node adapter",
    () => sockets((port) => nodeRuntime().connectTcp?.("127.0.0.1", port, {}) as Promise<Connection>),
    true,
  ],
  ["connectionOf over web streams", async () => webStreams(), true],
  ["connectionOf over a Node socket's web streams", () => sockets(nodeSocketAsWebStreams), true],
  ["the pair in memory that other tests use", async () => memory(), false],
];

async function readAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = await connection.read();
    if (chunk === undefined) return new Uint8Array(Buffer.concat(chunks));
    expect(chunk.length).toBeGreaterThan(0);
    chunks.push(chunk);
  }
}

const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255);
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "resolved",
    (error) => error,
  );

describe.each(makers)("Connection: %s", (_, make, holdsBack) => {
  const itIfHeldBack = (name: string, body: () => Promise<void>): void => {
    if (holdsBack) it(name, body);
  };
  const connect = async (): Promise<Pair> => {
    const pair = await make();
    onTestFinished(() => {
      for (const connection of pair) connection.abort();
    });
    return pair;
  };

  it("brings octets both ways, whole and in order", async () => {
    const [here, there] = await connect();
    const sizes = [1, 2, 4096, 65_536, 100_000];
    const all = Buffer.concat(sizes.map(pattern));
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      const writing = (async () => {
        for (const size of sizes) await from.write(pattern(size));
        await from.close();
      })();
      expect(Buffer.compare(await readAll(to), all)).toBe(0);
      await writing;
      if (from === here) break;
    }
  });

  it("answers on the same connection, many times", async () => {
    const [here, there] = await connect();
    for (let i = 0; i < 50; i++) {
      const [, received] = await Promise.all([here.write(Uint8Array.of(i, 1, 2)), there.read()]);
      expect(received?.[0]).toBe(i);
      const [, reply] = await Promise.all([there.write(Uint8Array.of(i, 3)), here.read()]);
      expect(reply).toHaveLength(2);
    }
  });

  it("resolves a read that was waiting", async () => {
    const [here, there] = await connect();
    const read = here.read();
    await sleep(20);
    await there.write(Uint8Array.of(5));
    expect(await read).toEqual(Uint8Array.of(5));
  });

  it("never gives empty octets, also where empty ones are written", async () => {
    const [here, there] = await connect();
    const writing = (async () => {
      await here.write(new Uint8Array());
      await here.write(Uint8Array.of(1));
      await here.close();
    })();
    expect(await readAll(there)).toEqual(Uint8Array.of(1));
    await writing;
  });

  it("gives undefined at the end, again and again", async () => {
    const [here, there] = await connect();
    const closing = here.close();
    expect(await there.read()).toBeUndefined();
    expect(await there.read()).toBeUndefined();
    await closing;
  });

  it("delivers on close what was written", async () => {
    const [here, there] = await connect();
    const octets = pattern(3_000_000);
    const writing = here.write(octets).then(() => here.close());
    await sleep(50);
    expect(Buffer.compare(await readAll(there), octets)).toBe(0);
    await writing;
  });

  it("after a close here: ends a pending read and every other, and rejects a write", async () => {
    const [here, there] = await connect();
    const read = here.read();
    await sleep(10);
    const closing = here.close();
    expect(await read).toBeUndefined();
    expect(await there.read()).toBeUndefined();
    await closing;
    expect(await here.read()).toBeUndefined();
    expect(await rejection(here.write(Uint8Array.of(1)))).toBeInstanceOf(Error);
  });

  it("lets a close and an abort follow each other in any order", async () => {
    const [here, there] = await connect();
    const closing = [here.close(), here.close()];
    await there.read();
    await Promise.all(closing);
    here.abort();
    there.abort();
    there.abort();
    await there.close();
  });

  it("rejects a pending read on abort, and every read and write after it", async () => {
    const [here] = await connect();
    const read = rejection(here.read());
    await sleep(10);
    here.abort();
    expect(await read).toBeInstanceOf(Error);
    expect(await rejection(here.read())).toBeInstanceOf(Error);
    expect(await rejection(here.write(Uint8Array.of(1)))).toBeInstanceOf(Error);
  });

  it("rejects a read after an abort also where the peer had ended, and where this side had", async () => {
    const [here, there] = await connect();
    const closing = there.close();
    expect(await here.read()).toBeUndefined();
    here.abort();
    expect(await rejection(here.read())).toBeInstanceOf(Error);
    await closing;
    there.abort();
    expect(await rejection(there.read())).toBeInstanceOf(Error);
  });

  it("ends the peer's read when this side aborts", async () => {
    const [here, there] = await connect();
    const read = rejection(there.read().then((octets) => expect(octets).toBeUndefined()));
    await sleep(10);
    here.abort();
    await read;
  });

  itIfHeldBack("holds a writer back while nobody reads, and loses nothing", async () => {
    const [here, there] = await connect();
    const chunk = pattern(65_536);
    const chunks = 512;
    let written = 0;
    const writing = (async () => {
      for (; written < chunks; written++) await here.write(chunk);
      await here.close();
    })();
    await sleep(300);
    const writtenUnread = written;
    let received = 0;
    for (;;) {
      const octets = await there.read();
      if (octets === undefined) break;
      received += octets.length;
    }
    await writing;
    expect(received).toBe(chunks * chunk.length);
    expect(writtenUnread).toBeLessThan(chunks);
  });

  itIfHeldBack("rejects a pending write on abort", async () => {
    const [here] = await connect();
    const chunk = new Uint8Array(65_536);
    let last: unknown = "none";
    const writing = (async () => {
      for (;;) await here.write(chunk);
    })().catch((error: unknown) => {
      last = error;
    });
    await sleep(100);
    here.abort();
    await writing;
    expect(last).toBeInstanceOf(Error);
  });

  it("settles a close that the peer holds up, when this side aborts", async () => {
    const [here] = await connect();
    const writing = rejection(here.write(new Uint8Array(30_000_000)));
    await sleep(20);
    const closing = here.close();
    await sleep(50);
    here.abort();
    await closing;
    await writing;
  });

  it("can tell, where it says so, that octets wait unread", async () => {
    const [here, there] = await connect();
    if (here.hasUnread === undefined) return;
    expect(here.hasUnread()).toBe(false);
    await there.write(Uint8Array.of(1));
    await until(() => here.hasUnread?.() === true, "octets have arrived");
    await here.read();
    expect(here.hasUnread()).toBe(false);
  });
});
