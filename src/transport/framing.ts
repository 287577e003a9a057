import { GrowingOctets, getUint32, setUint32 } from "../bytes/index.ts";
import { DecodeError, TransportError } from "../errors.ts";

/** The longest reply that is taken: 1 MiB, like in other clients. It also refuses the reserved high bit. */
export const maxReplyBytes: number = 2 ** 20;

const prefixBytes = 4;

/** The message with its length in four octets before it (RFC 4120 section 7.2.2): one piece, for one write. */
export function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(prefixBytes + message.length);
  setUint32(framed, 0, message.length);
  framed.set(message, prefixBytes);
  return framed;
}

/**
 * Puts one framed message together from the pieces that a stream gives it. The length is checked before any memory is
 * taken for it, and memory grows with what has come, not with what was announced. Throws {@link DecodeError} for a
 * length that is 0 or above 1 MiB, for octets after the message, and for a stream that ends within it: the peer's
 * fault.
 */
export class FrameReader {
  readonly #prefix = new Uint8Array(prefixBytes);
  #received = 0;
  #length: number | undefined;
  #body: GrowingOctets | undefined;

  /** Takes the next octets; gives the message, without its length, once it is whole. It may be a view of `chunk`. */
  push(chunk: Uint8Array): Uint8Array | undefined {
    const rest = this.#takePrefix(chunk);
    const length = this.#length;
    if (length === undefined) return undefined;
    const bodyBytes = this.#received - prefixBytes;
    if (bodyBytes > length) throw new DecodeError("octets follow the message", prefixBytes + length, "KDC reply");
    if (this.#body === undefined && rest.length === length) return rest;
    this.#body ??= new GrowingOctets();
    this.#body.append(rest);
    return bodyBytes === length ? this.#body.take() : undefined;
  }

  /**
   * The stream has ended before the message did. Throws TransportError `CONNECTION_CLOSED` if there was nothing of it.
   */
  end(): never {
    if (this.#received === 0) throw new TransportError("CONNECTION_CLOSED", "the connection was closed with no answer");
    const wanted = this.#length === undefined ? "the 4 of a length" : `the ${prefixBytes + this.#length} announced`;
    throw new DecodeError(
      `the connection was closed after ${this.#received} octets of ${wanted}`,
      this.#received,
      "KDC reply",
    );
  }

  #takePrefix(chunk: Uint8Array): Uint8Array {
    const wanted = Math.max(0, prefixBytes - this.#received);
    this.#prefix.set(chunk.subarray(0, wanted), prefixBytes - wanted);
    this.#received += chunk.length;
    if (this.#length === undefined && this.#received >= prefixBytes) {
      const length = getUint32(this.#prefix, 0);
      if (length === 0 || length > maxReplyBytes) {
        throw new DecodeError(`a length of ${length}: it must be 1 to ${maxReplyBytes}`, 0, "KDC reply");
      }
      this.#length = length;
    }
    return chunk.subarray(wanted);
  }
}

/** The one framed message that these octets are, no more and no less. A view. */
export function unframe(octets: Uint8Array): Uint8Array {
  const reader = new FrameReader();
  if (octets.length === 0) throw new DecodeError("an empty message", 0, "KDC reply");
  return reader.push(octets) ?? reader.end();
}
