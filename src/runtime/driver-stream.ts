import type { Connection } from "../host/index.ts";
import { needBuiltin } from "./node-builtins.ts";

/** Opens the connection behind a driver's stream. */
export type OpenConnection = (host: string, port: number, signal: AbortSignal) => Promise<Connection>;

/** A `Duplex` of Node that connects as `net.Socket` does, and has the methods of one that drivers call. */
export interface DriverStream extends EventEmitterLike {
  /** Connects; `connect` is emitted when the connection can be used. */
  connect(port: number, host?: string): this;
  /** Ends it, and the connection beneath. */
  destroy(error: Error): void;
}

interface EventEmitterLike {
  once(name: string, listener: (...values: never[]) => void): unknown;
  off(name: string, listener: (...values: never[]) => void): unknown;
  emit(name: string): unknown;
}

type Done = (error?: Error | null) => void;

/** Makes a stream for a driver that is to be connected by it. */
export function driverStream(open: OpenConnection): DriverStream {
  const { Duplex } = needBuiltin<typeof import("node:stream")>("node:stream");
  const controller = new AbortController();
  let connection: Connection | undefined;
  let isReading = false;
  const stream = new Duplex({
    // A server that ends has nothing more to take.
    allowHalfOpen: false,
    read: () => void pump(),
    write: (chunk: Uint8Array, _encoding: string, done: Done) => send(chunk, done),
    writev: (chunks: readonly { readonly chunk: Uint8Array }[], done: Done) =>
      send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done),
    final: (done: Done) => {
      if (connection === undefined) done();
      else connection.close().then(() => done(), done);
    },
    destroy: (error: Error | null, done: Done) => {
      controller.abort(error ?? new Error("the stream was destroyed"));
      connection?.abort();
      done(error);
    },
  });

  const send = (octets: Uint8Array, done: Done): void => {
    if (connection === undefined) done(new Error("the stream is not connected yet: wait for its event connect"));
    else connection.write(octets).then(() => done(), done);
  };

  const pump = async (): Promise<void> => {
    if (isReading || connection === undefined) return;
    isReading = true;
    try {
      for (;;) {
        const octets = await connection.read();
        if (octets === undefined) {
          stream.push(null);
          return;
        }
        if (!stream.push(octets)) break;
      }
    } catch (error) {
      if (!stream.destroyed) stream.destroy(error as Error);
    } finally {
      isReading = false;
    }
  };

  // As `net.Socket` says it: Postgres.js ends only what is open.
  const readyState = (): string => (stream.destroyed ? "closed" : connection === undefined ? "opening" : "open");
  Object.defineProperty(stream, "readyState", { get: readyState });
  const same = (): typeof stream => stream;
  return Object.assign(stream, {
    connect(port: number, host = "localhost") {
      const begin = (opened: Connection): void => {
        connection = opened;
        if (stream.destroyed) opened.abort();
        else {
          stream.emit("connect");
          void pump();
        }
      };
      // What a listener throws ends the stream too: nobody else would hear of it, but the whole process.
      open(host, port, controller.signal)
        .then(begin)
        .catch((error: Error) => stream.destroy(error));
      return stream;
    },
    // The connection beneath has no delay; the rest of a socket's settings have no effect.
    setNoDelay: same,
    setKeepAlive: same,
    setTimeout: same,
    ref: same,
    unref: same,
  }) as unknown as DriverStream;
}
