import { getUint32 } from "../bytes/index.ts";
import { checkOctets } from "../checks/index.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import { protocolError } from "./failure.ts";

/**
 * Takes frames apart as they come. Any failure ends the layer, since the stream has no place from which it could go on.
 */
export interface Deframer {
  /** Whether the octets so far end within a frame: a stream that ends there was cut. */
  readonly isWithinFrame: boolean;
  /**
   * Takes the next octets of the stream, of any length, and gives the messages that they complete. Throws GssError
   * `SASL_PROTOCOL` for a frame longer than was agreed, before it takes memory for it, and what `unwrap` of a context
   * throws.
   */
  push(chunk: Uint8Array): Uint8Array[];
}

/** What a frame's buffer begins with: a peer that announces a long frame has to send it before it takes memory. */
const FIRST_BYTES = 4096;

/**
 * Frames of a security layer (RFC 4752 section 3.3), whose cost is linear in the octets however they are cut. Rules SS5
 * and SS6 in SECURITY.md.
 */
export class FrameReader implements Deframer {
  readonly #context: SecurityContext;
  readonly #options: { readonly requireConf: boolean };
  readonly #maxTokenBytes: number;
  readonly #header = new Uint8Array(4);
  #headerBytes = 0;
  #length = 0;
  /** The beginning of a token that has not come as a whole. */
  #body = new Uint8Array(0);
  #bodyBytes = 0;
  #death: { readonly error: unknown } | undefined;

  constructor(context: SecurityContext, requireConf: boolean, maxTokenBytes: number) {
    this.#context = context;
    this.#options = { requireConf };
    this.#maxTokenBytes = maxTokenBytes;
  }

  get isWithinFrame(): boolean {
    return this.#headerBytes > 0;
  }

  push(chunk: Uint8Array): Uint8Array[] {
    checkOctets("chunk", chunk);
    if (this.#death !== undefined) throw this.#death.error;
    try {
      return this.#messagesOf(chunk);
    } catch (error) {
      this.#death = { error };
      this.#context.dispose();
      throw error;
    }
  }

  #messagesOf(chunk: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerBytes < this.#header.length) {
        this.#header[this.#headerBytes++] = chunk[at++] as number;
        if (this.#headerBytes === this.#header.length) this.#length = this.#checked(getUint32(this.#header, 0));
        continue;
      }
      const part = chunk.subarray(at, at + this.#length - this.#bodyBytes);
      at += part.length;
      const token = this.#tokenWith(part);
      if (token === undefined) break;
      this.#headerBytes = 0;
      const message = this.#context.unwrap(token, this.#options);
      // A message that was not sealed is a view of the caller's chunk, or of the buffer of the next one.
      if (message.length > 0) messages.push(this.#options.requireConf ? message : message.slice());
    }
    return messages;
  }

  #checked(length: number): number {
    if (length > 0 && length <= this.#maxTokenBytes) return length;
    throw protocolError(
      length === 0
        ? "the peer sent a frame without a token"
        : `the peer announces a frame of ${length} octets where at most ${this.#maxTokenBytes} were agreed`,
    );
  }

  /** The whole token, if `part` is its end. */
  #tokenWith(part: Uint8Array): Uint8Array | undefined {
    if (part.length === this.#length) return part;
    const filled = this.#bodyBytes + part.length;
    if (filled > this.#body.length) this.#grow(filled);
    this.#body.set(part, this.#bodyBytes);
    this.#bodyBytes = filled % this.#length;
    return filled === this.#length ? this.#body.subarray(0, filled) : undefined;
  }

  /** By doubling, so that each octet is copied twice at most, and never beyond the frame. */
  #grow(needed: number): void {
    const grown = new Uint8Array(Math.min(this.#length, Math.max(needed, 2 * this.#body.length, FIRST_BYTES)));
    grown.set(this.#body.subarray(0, this.#bodyBytes));
    this.#body = grown;
  }
}
