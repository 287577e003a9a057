// A KCM daemon for tests: Heimdal's protocol over a Unix socket, as octets in and out. `without` leaves operations out, so
// that a daemon that knows less can be met.

import fs from "node:fs";
import net from "node:net";

const NO_FILE = -1765328189;
const END = -1765328242;
const INTERNAL = -1765328188;

interface Cache {
  principal: Buffer | undefined;
  offset: number;
  readonly id: number;
  credentials: { id: number; octets: Buffer }[];
}

export interface FakeKcm {
  readonly path: string;
  /** Operation numbers, in the order in which they came. */
  readonly seen: number[];
  /** If set, what every request is answered with. */
  answer: Buffer | undefined;
  /** Operations that are answered with a status and these octets, whatever the caches hold. */
  readonly answers: Map<number, readonly [status: number, payload: Buffer]>;
  close(): Promise<void>;
}

export async function startFakeKcm(path: string, options: { without?: number[] } = {}): Promise<FakeKcm> {
  const caches = new Map<string, Cache>();
  const seen: number[] = [];
  let next = 1;
  let primary = "0";
  const uuid = (id: number) => {
    const octets = Buffer.alloc(16);
    octets.writeUInt32BE(id, 12);
    return octets;
  };
  const cacheOf = (name: string) => {
    const cache = caches.get(name) ?? { principal: undefined, offset: 0, id: next++, credentials: [] };
    caches.set(name, cache);
    return cache;
  };
  /** The octets of a principal at the start of `from`. */
  const principalLength = (from: Buffer) => {
    let at = 8;
    for (let i = 0; i <= from.readUInt32BE(4); i++) at += 4 + from.readUInt32BE(at);
    return at;
  };
  const list = (cache: Cache) => {
    const parts = cache.credentials.flatMap(({ octets }) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(octets.length);
      return [length, octets];
    });
    const count = Buffer.alloc(4);
    count.writeUInt32BE(cache.credentials.length);
    return Buffer.concat([count, ...parts]);
  };
  const operate = (operation: number, body: Buffer): [number, Buffer] => {
    const none = Buffer.alloc(0);
    if (options.without?.includes(operation)) return [INTERNAL, none];
    const nul = body.indexOf(0);
    const name = body.toString("latin1", 0, Math.max(nul, 0));
    const rest = body.subarray(nul + 1);
    const cache = caches.get(name);
    switch (operation) {
      case 3: {
        const fresh = `0:${next}`;
        cacheOf(fresh);
        return [0, Buffer.from(`${fresh}\0`)];
      }
      case 4:
        Object.assign(cacheOf(name), { principal: Buffer.from(rest), offset: 0, credentials: [] });
        return [0, none];
      case 5:
        return [caches.delete(name) ? 0 : NO_FILE, none];
      case 6:
        cacheOf(name).credentials.push({ id: next++, octets: Buffer.from(rest) });
        return [0, none];
      case 8:
        return cache?.principal === undefined
          ? [NO_FILE, none]
          : [0, Buffer.concat([cache.principal, Buffer.alloc(1)])];
      case 9:
        return [0, Buffer.concat((cache?.credentials ?? []).map(({ id }) => uuid(id)))];
      case 10: {
        const found = cache?.credentials.find(({ id }) => id === rest.readUInt32BE(12));
        return found === undefined ? [END, none] : [0, found.octets];
      }
      case 18:
        // Heimdal's has no list where it has no cache.
        if (caches.size === 0) return [NO_FILE, none];
        return [0, Buffer.concat([...caches.values()].map(({ id }) => uuid(id)))];
      case 19: {
        const found = [...caches].find(([, { id }]) => id === body.readUInt32BE(12));
        return found === undefined ? [END, none] : [0, Buffer.from(`${found[0]}\0`)];
      }
      case 20:
        return [0, Buffer.from(`${primary}\0`)];
      case 21:
        primary = name;
        return [0, none];
      case 22: {
        const offset = Buffer.alloc(4);
        offset.writeInt32BE(cache?.offset ?? 0);
        return [0, offset];
      }
      case 23:
        cacheOf(name).offset = rest.readInt32BE();
        return [0, none];
      case 13001:
        return cache === undefined ? [NO_FILE, none] : [0, list(cache)];
      case 13002: {
        const length = principalLength(rest.subarray(4));
        const credentials: Cache["credentials"] = [];
        let at = 4 + length + 4;
        while (at < rest.length) {
          const size = rest.readUInt32BE(at);
          credentials.push({ id: next++, octets: Buffer.from(rest.subarray(at + 4, at + 4 + size)) });
          at += 4 + size;
        }
        const principal = Buffer.from(rest.subarray(4, 4 + length));
        Object.assign(cacheOf(name), { principal, offset: rest.readInt32BE(), credentials });
        return [0, none];
      }
      default:
        return [INTERNAL, none];
    }
  };
  const kcm: FakeKcm = {
    path,
    seen,
    answer: undefined,
    answers: new Map(),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let input = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      input = Buffer.concat([input, chunk]);
      while (input.length >= 4 && input.length >= 4 + input.readUInt32BE()) {
        const length = input.readUInt32BE();
        const request = input.subarray(4, 4 + length);
        input = input.subarray(4 + length);
        const operation = request.readUInt16BE(2);
        seen.push(operation);
        const [status, payload] = kcm.answers.get(operation) ?? operate(operation, request.subarray(4));
        const head = Buffer.alloc(12);
        head.writeUInt32BE(payload.length + 4);
        head.writeInt32BE(status, 8);
        socket.write(kcm.answer ?? Buffer.concat([head, payload]));
      }
    });
  });
  fs.rmSync(path, { force: true });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return kcm;
}
