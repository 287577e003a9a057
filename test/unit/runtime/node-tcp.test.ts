import { type ChildProcess, spawn } from "node:child_process";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection, ConnectOptions } from "../../../src/host/index.ts";
import { detectRuntime } from "../../../src/runtime/index.ts";
import {
  closedPort,
  expectNothingMoreThan,
  resources,
  resourcesAtRest,
  sleep,
  tcpKdc,
  until,
} from "../../support/fake-kdc.ts";

const connectTcp = (host: string, port: number, options: ConnectOptions = {}): Promise<Connection> => {
  const connect = detectRuntime().connectTcp;
  if (connect === undefined) throw new Error("no TCP here");
  return connect(host, port, options);
};

describe("connectTcp on Node", () => {
  it.each(["127.0.0.1", "localhost"])("connects to %s without delay of small segments", async (host) => {
    const sockets: net.Socket[] = [];
    const server = await tcpKdc(
      () => {},
      (socket) => sockets.push(socket),
    );
    const connection = await connectTcp(host, server.port);
    await until(() => sockets.length === 1, "accepted");
    connection.abort();
  });

  it("binds the local address, and tries only addresses of its family", async () => {
    const sockets: net.Socket[] = [];
    const server = await tcpKdc(
      () => {},
      (socket) => sockets.push(socket),
    );
    const connection = await connectTcp("localhost", server.port, { localAddress: "127.0.0.2" });
    await until(() => sockets.length === 1, "accepted");
    expect(sockets[0]?.remoteAddress).toBe("127.0.0.2");
    connection.abort();
  });

  it("rejects with the host's code, and with words, also for a name of several addresses", async () => {
    const port = await closedPort();
    for (const host of ["127.0.0.1", "localhost"]) {
      const error = (await connectTcp(host, port).catch((caught: unknown) => caught)) as Error;
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code: "ECONNREFUSED" });
      expect(error.message).toContain("ECONNREFUSED");
    }
    for (const localAddress of ["", "nonsense"]) {
      await expect(connectTcp("127.0.0.1", 1, { localAddress })).rejects.toMatchObject({
        code: "ERR_INVALID_IP_ADDRESS",
      });
    }
    await expect(connectTcp("127.0.0.1", 1, { localAddress: "192.0.2.1" })).rejects.toMatchObject({
      code: "EADDRNOTAVAIL",
    });
  });

  it("does not start under an aborted signal", async () => {
    const server = await tcpKdc(() => {});
    await expect(connectTcp("127.0.0.1", server.port, { signal: AbortSignal.abort("why") })).rejects.toBe("why");
    await sleep(30);
    expect(server.accepted).toBe(0);
  });

  it("is not ended by its signal once it is connected", async () => {
    const controller = new AbortController();
    const server = await tcpKdc(
      () => {},
      (socket) => void socket.write("x"),
    );
    const connection = await connectTcp("127.0.0.1", server.port, { signal: controller.signal });
    controller.abort();
    expect(await connection.read()).toEqual(Uint8Array.of(0x78));
    connection.abort();
  });

  describe("to a host that does not answer", () => {
    // A listener that never accepts, with a queue that is full: the kernel drops what else wants to connect.
    let child: ChildProcess;
    let port: number;
    const fillers: net.Socket[] = [];

    beforeAll(async () => {
      const script = `const s = require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
        require("fs").writeSync(1, s.address().port + "\\n");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60000);
      });`;
      child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
      port = await new Promise<number>((resolve) => child.stdout?.once("data", (line) => resolve(Number(line))));
      for (let i = 0; i < 4; i++) {
        const socket = net.connect(port, "127.0.0.1");
        socket.on("error", () => {});
        fillers.push(socket);
      }
      await sleep(100);
    });

    afterAll(() => {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
    });

    it("ends at once when its signal aborts, with the signal's reason, and leaves nothing", async () => {
      const before = await resourcesAtRest();
      const controller = new AbortController();
      const reason = new Error("enough");
      const connecting = connectTcp("127.0.0.1", port, { signal: controller.signal });
      const early = await Promise.race([connecting, sleep(100)]);
      expect(early).toBeUndefined();
      controller.abort(reason);
      await expect(connecting).rejects.toBe(reason);
      await expectNothingMoreThan(before);
    });
  });

  it("keeps little of what nobody reads, and reads it all later", async () => {
    const totalBytes = 40 * 2 ** 20;
    let sent = 0;
    const server = await tcpKdc(
      () => {},
      (socket) =>
        void (async () => {
          const chunk = Buffer.alloc(65_536);
          for (; sent < totalBytes; sent += chunk.length) {
            if (!socket.write(chunk)) await new Promise((resolve) => void socket.once("drain", resolve));
          }
          socket.end();
        })(),
    );
    const connection = await connectTcp("127.0.0.1", server.port);
    const before = process.memoryUsage().arrayBuffers;
    await sleep(400);
    const held = process.memoryUsage().arrayBuffers - before;
    expect(sent).toBeLessThan(totalBytes);
    // Both ends are in this process: 256 KB here, and what the server's side of the test waits with.
    expect(held).toBeLessThan(2 ** 20);
    let received = 0;
    for (;;) {
      const octets = await connection.read();
      if (octets === undefined) break;
      expect(Object.getPrototypeOf(octets)).toBe(Uint8Array.prototype);
      received += octets.length;
    }
    expect(received).toBe(totalBytes);
    await connection.close();
  });

  it("gives what came before a reset, then the reset", async () => {
    const server = await tcpKdc(
      () => {},
      (socket) => {
        socket.write("abc");
        setTimeout(() => socket.resetAndDestroy(), 50);
      },
    );
    const connection = await connectTcp("127.0.0.1", server.port);
    await sleep(150);
    expect(await connection.read()).toEqual(Uint8Array.from([0x61, 0x62, 0x63]));
    await expect(connection.read()).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(connection.write(Uint8Array.of(1))).rejects.toMatchObject({ code: "ECONNRESET" });
    await connection.close();
  });

  it("refuses a second read beside a pending one", async () => {
    const server = await tcpKdc(() => {});
    const connection = await connectTcp("127.0.0.1", server.port);
    const first = connection.read().catch(() => "ended");
    await expect(connection.read()).rejects.toBeInstanceOf(TypeError);
    connection.abort();
    expect(await first).toBe("ended");
  });

  it("leaves no socket and no timer after a close that the peer answers, nor after one that it does not", async () => {
    const answering = await tcpKdc(() => {});
    const before = await resourcesAtRest();
    const one = await connectTcp("127.0.0.1", answering.port);
    await one.close();
    await until(() => answering.open.size === 0, "both sides are closed");
    // A peer that keeps its side open, and that sends on.
    const server = net.createServer({ allowHalfOpen: true });
    const peers: net.Socket[] = [];
    server.on("connection", (socket) => {
      peers.push(socket);
      socket.on("error", () => {});
      socket.resume();
      socket.write("more");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const two = await connectTcp("127.0.0.1", (server.address() as net.AddressInfo).port);
    await until(() => peers.length === 1, "accepted");
    await two.close();
    await until(() => peers[0]?.readableEnded === true, "the peer saw the end");
    peers[0]?.write("still more");
    await sleep(1100);
    peers[0]?.destroy();
    await new Promise((resolve) => server.close(resolve));
    await expectNothingMoreThan(before);
  });

  it("keeps the process alive while it is open, and lets it end after close", async () => {
    const server = await tcpKdc(() => {});
    const before = await resourcesAtRest();
    const connection = await connectTcp("127.0.0.1", server.port);
    await until(() => server.open.size === 1, "accepted");
    expect(resources().TCPSocketWrap ?? 0).toBe((before.TCPSocketWrap ?? 0) + 2);
    await connection.close();
    await expectNothingMoreThan(before);
  });
});
