import type { ByteStream } from "../../src/host/index.ts";

/** A message as it was seen between two parties. */
export interface Sighting {
  readonly direction: "out" | "in";
  readonly octets: Uint8Array;
}

/** Cuts a stream of octets into messages, by the length that stands `lengthAt` octets into each. */
class Cutter {
  #rest: Uint8Array = new Uint8Array(0);
  readonly #lengthAt: number;

  constructor(lengthAt: number) {
    this.#lengthAt = lengthAt;
  }

  take(octets: Uint8Array): Uint8Array[] {
    const all = new Uint8Array(this.#rest.length + octets.length);
    all.set(this.#rest);
    all.set(octets, this.#rest.length);
    const messages: Uint8Array[] = [];
    const head = this.#lengthAt + 4;
    let at = 0;
    while (all.length - at >= head) {
      const length = new DataView(all.buffer, at + this.#lengthAt, 4).getUint32(0);
      if (all.length - at < head + length) break;
      messages.push(all.slice(at, at + head + length));
      at += head + length;
    }
    this.#rest = all.slice(at);
    return messages;
  }

  /** What is left where a stream ends within a message. */
  end(): Uint8Array[] {
    const rest = this.#rest;
    this.#rest = new Uint8Array(0);
    return rest.length === 0 ? [] : [rest];
  }
}

/**
 * The same stream, and every message that goes through it is told. `lengthAt`: 0 where a message begins with its length
 * (RFC 4120 section 7.2.2), 1 where an octet of flags stands before it (remctl).
 */
export function watched(stream: ByteStream, lengthAt: 0 | 1, seen: (sighting: Sighting) => void): ByteStream {
  const tap = (direction: "out" | "in"): TransformStream<Uint8Array, Uint8Array> => {
    const cutter = new Cutter(lengthAt);
    const tell = (messages: readonly Uint8Array[]): void => {
      for (const octets of messages) seen({ direction, octets });
    };
    return new TransformStream({
      transform(chunk, controller) {
        tell(cutter.take(chunk));
        // A copy: the sender may write over its buffer.
        controller.enqueue(chunk.slice());
      },
      flush: () => tell(cutter.end()),
    });
  };
  const out = tap("out");
  const incoming = tap("in");
  // Failures reach the ends of the streams; nobody waits for these.
  out.readable.pipeTo(stream.writable).catch(() => {});
  stream.readable.pipeTo(incoming.writable).catch(() => {});
  return { readable: incoming.readable, writable: out.writable };
}
