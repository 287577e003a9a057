// A link as a real one is: the client's side is a network namespace of its own, and each packet between it and the servers waits half
// a round trip. TCP's handshakes, Nagle's algorithm and delayed acknowledgements cost there what they cost on a network, which the
// proxy of ./delay-link.mjs hides. It takes Linux, root and /dev/net/tun.

import { spawn } from "node:child_process";
import dgram from "node:dgram";
import fs from "node:fs";
import process from "node:process";
import readline from "node:readline";

/** Of the addresses for benchmarks (RFC 2544 appendix C.2.2): nobody else's. */
const HERE = "198.18.77.1";
const THERE = "198.18.77.2";

/**
 * @typedef {object} FarLink
 * @property {string} host the address of this side, where servers listen
 * @property {(program: string, args: readonly string[]) => [string, string[]]} enter a program and its arguments as they run on the
 *   client's side
 * @property {(port: number) => Promise<number>} kdc a UDP port at `host` that leads to one of 127.0.0.1
 * @property {() => Promise<void>} close
 */

/**
 * Starts a link.
 * @param {string | undefined} program peers/far.c, compiled
 * @param {number} roundTripMs
 * @returns {Promise<FarLink>} throws where the machine does not let it
 */
export async function startFarLink(program, roundTripMs) {
  if (program === undefined) throw new Error("its program was not compiled");
  if (process.getuid?.() !== 0) throw new Error("a network namespace takes root");
  if (!fs.existsSync("/dev/net/tun")) throw new Error("the machine has no /dev/net/tun");
  const child = spawn(program, [String(roundTripMs / 2), HERE, THERE], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.on("error", () => {});
  const { value: line = "it ended" } = await readline
    .createInterface({ input: child.stdout })
    [Symbol.asyncIterator]()
    .next();
  const pid = /^ready (\d+)$/.exec(line)?.[1];
  /** @type {dgram.Socket[]} */
  const sockets = [];
  const close = async () => {
    for (const socket of sockets) socket.close();
    child.stdin.end();
    await ended;
  };
  if (pid === undefined) {
    await close();
    throw new Error(line);
  }
  return {
    host: HERE,
    enter: (file, args) => ["nsenter", [`--net=/proc/${pid}/ns/net`, file, ...args]],
    async kdc(port) {
      const socket = dgram.createSocket("udp4");
      sockets.push(socket);
      await new Promise((resolve, reject) => {
        socket.on("error", reject);
        socket.bind(0, HERE, () => resolve(undefined));
      });
      socket.on("message", (request, from) => {
        const server = dgram.createSocket("udp4");
        const timer = setTimeout(() => server.close(), 5000);
        server.on("error", () => {});
        server.on("message", (reply) => {
          clearTimeout(timer);
          server.close();
          socket.send(reply, from.port, from.address, () => {});
        });
        server.send(request, port, "127.0.0.1");
      });
      return socket.address().port;
    },
    close,
  };
}
