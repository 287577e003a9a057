// Small servers on loopback that answer as a test says, and a count of what a test leaves behind.

import dgram from "node:dgram";
import net from "node:net";
import { onTestFinished } from "vitest";
import { freePort } from "../../tools/beds/ports.mjs";

/** An AS-REQ, as far as the transport looks: its tag, a length, and as many octets. */
export function asReq(contents = 10): Uint8Array {
  return der(0x6a, new Uint8Array(contents).fill(1));
}

/** An AS-REP, likewise. */
export function asRep(contents = 20): Uint8Array {
  return der(0x6b, new Uint8Array(contents).fill(2));
}

/** A KRB-ERROR with the fields that RFC 4120 section 5.9.1 has before and after error-code. */
export function krbError(code: number): Uint8Array {
  return der(
    0x7e,
    der(
      0x30,
      der(0xa0, der(2, Uint8Array.of(5))),
      der(0xa1, der(2, Uint8Array.of(30))),
      der(0xa4, der(0x18, new TextEncoder().encode("20260101000000Z"))),
      der(0xa5, der(2, Uint8Array.of(0))),
      der(0xa6, der(2, Uint8Array.of(code))),
      der(0xa9, der(0x1b, new TextEncoder().encode("EXAMPLE.ORG"))),
    ),
  );
}

/** One DER value. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  const prefix =
    length < 0x80
      ? [length]
      : length < 0x100
        ? [0x81, length]
        : [0x83, length >> 16, (length >> 8) & 255, length & 255];
  return new Uint8Array(Buffer.concat([Uint8Array.of(tag, ...prefix), ...contents]));
}

/** Four octets of a length. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** A message with its length before it. */
export function framed(message: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([uint32(message.length), message]));
}

export interface TcpKdc {
  readonly port: number;
  /** Framed messages received. */
  readonly requests: readonly Uint8Array[];
  /** Connections open now. */
  readonly open: ReadonlySet<net.Socket>;
  readonly accepted: number;
}

/** A TCP server on 127.0.0.1 that hands each request to `answer`. It ends with the test. */
export async function tcpKdc(
  answer: (socket: net.Socket, request: Uint8Array) => void,
  onConnection: (socket: net.Socket) => void = () => {},
): Promise<TcpKdc> {
  const requests: Uint8Array[] = [];
  const open = new Set<net.Socket>();
  let accepted = 0;
  const server = net.createServer({ noDelay: true }, (socket) => {
    accepted += 1;
    open.add(socket);
    onConnection(socket);
    let received = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE()) {
        const length = received.readUInt32BE();
        const request = new Uint8Array(received.subarray(4, 4 + length));
        received = received.subarray(4 + length);
        requests.push(request);
        answer(socket, request);
      }
    });
  });
  // Not any port: some tests put a UDP server beside it.
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port,
    requests,
    open,
    get accepted() {
      return accepted;
    },
  };
}

export interface UdpKdc {
  readonly port: number;
  readonly requests: readonly { readonly atMs: number; readonly octets: Uint8Array }[];
}

/** A UDP server on 127.0.0.1. It ends with the test. */
export async function udpKdc(
  answer: (reply: (octets: Uint8Array) => void, request: Uint8Array, from: dgram.RemoteInfo, count: number) => void,
  port = 0,
): Promise<UdpKdc> {
  const requests: { atMs: number; octets: Uint8Array }[] = [];
  const socket = dgram.createSocket("udp4");
  socket.on("message", (octets, from) => {
    requests.push({ atMs: performance.now(), octets: new Uint8Array(octets) });
    answer((reply) => socket.send(reply, from.port, from.address), new Uint8Array(octets), from, requests.length);
  });
  await new Promise<void>((resolve) => socket.bind(port, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => void socket.close(() => resolve())));
  return { port: socket.address().port, requests };
}

/** A port of 127.0.0.1 on which nothing listens, by TCP or UDP, as long as the tests run. */
export const closedPort = freePort;

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

type Resources = Readonly<Record<string, number>>;

/** Sockets, look-ups and timers that keep the process alive now, by kind. */
export function resources(): Resources {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (/TCP|UDP|Timeout|GetAddrInfo/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** {@link resources} once what earlier tests had open is gone: when they have not changed for a while. */
export async function resourcesAtRest(): Promise<Resources> {
  for (let before = resources(); ; ) {
    await sleep(30);
    const after = resources();
    if (JSON.stringify(after) === JSON.stringify(before)) return after;
    before = after;
  }
}

/** Waits until no more is there of any kind than there was; throws, naming it, if more stays. */
export async function expectNothingMoreThan(before: Resources): Promise<void> {
  const more = (): string[] =>
    Object.entries(resources()).flatMap(([name, count]) => (count > (before[name] ?? 0) ? [name] : []));
  await until(
    () => more().length === 0,
    () => `nothing is left, but there is ${more().join(", ")}`,
  );
}

/** Waits until `condition` holds; throws after ten seconds: a busy machine takes some. */
export async function until(condition: () => boolean, what: string | (() => string)): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within 10 s: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}
