import type { ByteStream } from "./runtime.ts";

/** Two ends of a byte stream with no socket between them, with the back-pressure of web streams. */
export function createStreamPair(): readonly [ByteStream, ByteStream] {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}
