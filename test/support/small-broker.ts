// What of a Kafka broker a driver needs to log in and to ask who is in the cluster: ApiVersions, SaslHandshake,
// SaslAuthenticate and Metadata (https://kafka.apache.org/protocol). Kafka itself cannot be had here; the SASL end behind it is
// the caller's, for example Cyrus's.

import net, { type AddressInfo } from "node:net";

/** The server's side of one SASL exchange. It rejects what it refuses. */
export interface SaslEnd {
  step(response: Buffer): Promise<{ readonly challenge: Uint8Array; readonly isDone: boolean }>;
  close?(): Promise<void>;
}

const METADATA = 3;
const HANDSHAKE = 17;
const API_VERSIONS = 18;
const AUTHENTICATE = 36;
/** The highest version of each request that it knows. */
const HIGHEST: readonly [api: number, version: number][] = [
  [METADATA, 9],
  [HANDSHAKE, 1],
  [API_VERSIONS, 3],
  [AUTHENTICATE, 2],
];
/** From which version on lengths are "compact" and tagged fields follow. */
const FLEXIBLE: Readonly<Record<number, number>> = {
  [METADATA]: 9,
  [HANDSHAKE]: 99,
  [API_VERSIONS]: 3,
  [AUTHENTICATE]: 2,
};
const UNSUPPORTED_MECHANISM = 33;
const AUTHENTICATION_FAILED = 58;
const NO_TAGS = Buffer.of(0);

const int = (octets: 1 | 2 | 4, value: number) => {
  const out = Buffer.alloc(octets);
  out.writeIntBE(value, 0, octets);
  return out;
};
const int64 = (value: number) => Buffer.concat([int(4, 0), int(4, value)]);
/** One octet is enough for the lengths here, but for those of tokens. */
const unsigned = (value: number): Buffer =>
  value < 0x80 ? Buffer.of(value) : Buffer.concat([Buffer.of((value & 0x7f) | 0x80), unsigned(value >> 7)]);

class Writer {
  readonly #isFlexible: boolean;
  constructor(isFlexible: boolean) {
    this.#isFlexible = isFlexible;
  }
  text(value: string): Buffer {
    const octets = Buffer.from(value);
    return Buffer.concat([this.#isFlexible ? unsigned(octets.length + 1) : int(2, octets.length), octets]);
  }
  noText(): Buffer {
    return this.#isFlexible ? Buffer.of(0) : int(2, -1);
  }
  bytes(octets: Uint8Array): Buffer {
    return Buffer.concat([this.#isFlexible ? unsigned(octets.length + 1) : int(4, octets.length), octets]);
  }
  list(items: readonly Buffer[]): Buffer {
    return Buffer.concat([this.#isFlexible ? unsigned(items.length + 1) : int(4, items.length), ...items]);
  }
  tags(): Buffer {
    return this.#isFlexible ? NO_TAGS : Buffer.alloc(0);
  }
}

/** The octets of SaslAuthenticate's request. */
function authBytes(body: Buffer, isFlexible: boolean): Buffer {
  if (!isFlexible) return body.subarray(4, 4 + body.readInt32BE(0));
  let length = 0;
  let at = 0;
  for (let shift = 0; ; shift += 7) {
    const octet = body[at++] ?? 0;
    length += (octet & 0x7f) << shift;
    if (octet < 0x80) break;
  }
  return body.subarray(at, at + length - 1);
}

interface BrokerOptions {
  /** The mechanism that it has. Default GSSAPI. */
  readonly mechanism?: string;
  /** How long a login serves (`connections.max.reauth.ms`, KIP-368): who asks for more later is cut off. Default: as long as the connection. */
  readonly lifetimeMs?: number;
}

/** Starts it; `makeEnd` makes the SASL end of each login. `failures` are those of the ends, `connections` are all that came. */
export async function startSmallBroker(
  makeEnd: () => Promise<SaslEnd>,
  { mechanism = "GSSAPI", lifetimeMs = 0 }: BrokerOptions = {},
) {
  const failures: unknown[] = [];
  let connections = 0;
  const ends: SaslEnd[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    connections++;
    let received = Buffer.alloc(0);
    let end: Promise<SaslEnd> | undefined;
    let isLoggedIn = false;
    let until = Number.POSITIVE_INFINITY;
    const authenticate = async (body: Buffer, version: number): Promise<Buffer> => {
      const writer = new Writer(version >= 2);
      const lifetime = version >= 1 ? int64(lifetimeMs) : Buffer.alloc(0);
      const answer = (code: number, words: Buffer, octets: Uint8Array) =>
        Buffer.concat([int(2, code), words, writer.bytes(octets), lifetime, writer.tags()]);
      try {
        end ??= makeEnd();
        const made = await end;
        if (!ends.includes(made)) ends.push(made);
        const { challenge, isDone } = await made.step(authBytes(body, version >= 2));
        isLoggedIn = isDone;
        if (isDone && lifetimeMs > 0) until = performance.now() + lifetimeMs;
        return answer(0, writer.noText(), challenge);
      } catch (error) {
        failures.push(error);
        return answer(AUTHENTICATION_FAILED, writer.text("Authentication failed"), new Uint8Array(0));
      }
    };
    const answerTo = async (api: number, version: number, body: Buffer): Promise<Buffer | undefined> => {
      const writer = new Writer(version >= (FLEXIBLE[api] ?? 99));
      if (api === HANDSHAKE) {
        end = undefined;
        const code = body.toString("latin1", 2) === mechanism ? 0 : UNSUPPORTED_MECHANISM;
        return Buffer.concat([int(2, code), writer.list([writer.text(mechanism)])]);
      }
      if (api === AUTHENTICATE) return await authenticate(body, version);
      if (api === API_VERSIONS) {
        const rows = HIGHEST.map(([key, most]) => Buffer.concat([int(2, key), int(2, 0), int(2, most), writer.tags()]));
        const throttle = version >= 1 ? int(4, 0) : Buffer.alloc(0);
        return Buffer.concat([int(2, 0), writer.list(rows), throttle, writer.tags()]);
      }
      // A broker closes a connection that asks before it has logged in, or after its login has ended.
      if (!isLoggedIn || performance.now() > until) return undefined;
      const { port } = server.address() as AddressInfo;
      const broker = [int(4, 1), writer.text("localhost"), int(4, port), writer.noText(), writer.tags()];
      const operations = version >= 8 ? int(4, -2_147_483_648) : Buffer.alloc(0);
      const rest = [writer.text("small"), int(4, 1), writer.list([]), operations, writer.tags()];
      return Buffer.concat([int(4, 0), writer.list([Buffer.concat(broker)]), ...rest]);
    };
    let queue = Promise.resolve();
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const message = received.subarray(4, 4 + received.readInt32BE(0));
        received = received.subarray(4 + message.length);
        queue = queue.then(async () => {
          const [api, version] = [message.readInt16BE(0), message.readInt16BE(2)];
          const isFlexible = version >= (FLEXIBLE[api] ?? 99);
          const bodyAt = 10 + Math.max(0, message.readInt16BE(8)) + (isFlexible ? 1 : 0);
          const body = await answerTo(api, version, message.subarray(bodyAt));
          if (body === undefined) {
            socket.destroy();
            return;
          }
          const tags = isFlexible && api !== API_VERSIONS ? NO_TAGS : Buffer.alloc(0);
          const answer = Buffer.concat([message.subarray(4, 8), tags, body]);
          socket.write(Buffer.concat([int(4, answer.length), answer]));
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    failures,
    connections: () => connections,
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(ends.map((end) => end.close?.()));
    },
  };
}
