import { type ByteStream, type Connection, checkStream, connectionOf } from "../host/index.ts";
import type { Deframer } from "./deframer.ts";
import { protocolError } from "./failure.ts";
import type { SecurityLayer } from "./security-layer.ts";

/** As many octets of a large chunk as are framed at once. */
const BATCH_BYTES = 65_536;

/**
 * Puts a security layer onto a byte stream, once both sides have said that the exchange succeeded. A socket of Node
 * becomes such a stream by `Duplex.toWeb`, and the result a socket by `Duplex.fromWeb`.
 *
 * @param stream the stream beneath, of which nothing is read elsewhere any more
 * @param layer the layer, as `finish` of a client gives it; undefined: without one, and the stream is given back
 * @returns the stream of unprotected octets. Reading errors with GssError if the peer's frames are not those of the
 *   layer, or the stream ends within one; the stream beneath is then closed
 * @throws TypeError for what is not a stream: the caller's mistake
 * @example
 * ```ts
 * import { saslDuplex } from "krb5-remctl/sasl";
 *
 * const { readable, writable } = saslDuplex(stream, await sasl.finish());
 * ```
 */
export function saslDuplex(stream: ByteStream, layer: SecurityLayer | undefined): ByteStream {
  checkStream("stream", stream);
  if (layer === undefined) return stream;
  const connection = connectionOf(stream);
  const close = (): Promise<void> => connection.close();
  return {
    readable: readableOf(connection, layer.createDeframer()),
    writable: writableOf(connection, layer),
    ...(stream.closed === undefined ? {} : { closed: stream.closed }),
    close,
  };
}

function readableOf(connection: Connection, deframer: Deframer): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const octets = await connection.read();
            if (octets === undefined) {
              if (deframer.isWithinFrame) throw protocolError("the stream ended within a frame of the security layer");
              controller.close();
              return;
            }
            const messages = deframer.push(octets);
            for (const message of messages) controller.enqueue(message);
            if (messages.length > 0) return;
          }
        } catch (error) {
          connection.abort();
          controller.error(error);
        }
      },
      cancel: () => connection.close(),
    },
    { highWaterMark: 0 },
  );
}

function writableOf(connection: Connection, layer: SecurityLayer): WritableStream<Uint8Array> {
  const most = layer.maxMessageBytes;
  // Whole frames, so that a large chunk makes no short ones.
  const batch = Math.max(1, Math.floor(BATCH_BYTES / most)) * most;
  return new WritableStream<Uint8Array>({
    async write(chunk) {
      for (let at = 0; at < chunk.length; at += batch) {
        await connection.write(layer.frame(chunk.subarray(at, at + batch)));
      }
    },
    close: () => connection.close(),
    abort: () => connection.abort(),
  });
}
