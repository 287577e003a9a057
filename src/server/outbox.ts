import { TransportError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import type { Connection } from "../host/index.ts";
import {
  CONTEXT_FLAGS,
  DATA_FLAGS,
  encodePacket,
  MAX_MESSAGE_BYTES,
  PACKET_HEADER_BYTES,
  writePacketHeader,
} from "../remctl-wire/index.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { IdleTimer } from "./idle-timer.ts";

/**
 * The most that a sealed message is longer, with room to spare: 2 headers, confounder and MAC (RFC 4121 section 4.2.4).
 */
const maxOverheadBytes = 128;
/** Octets of a buffer for packets: two of the longest, and the short one that ends an answer. */
export const SLAB_BYTES: number = 2 * (PACKET_HEADER_BYTES + MAX_MESSAGE_BYTES + maxOverheadBytes) + 512;
/** From here on packets go out without being asked to. */
const fullBytes = MAX_MESSAGE_BYTES;

/**
 * What a connection sends. Packets are sealed into a buffer, and a buffer is written while the next one fills: so short
 * answers go in one segment, and a client that does not read holds two buffers and no more. One producer at a time.
 */
export class Outbox {
  /** The flags of a sealed packet: 0x44, or 0x04 in protocol version 1. */
  dataFlags: number = DATA_FLAGS;
  /** The flags of a context packet: 0x42, or 0x02 in protocol version 1. */
  contextFlags: number = CONTEXT_FLAGS;
  readonly #connection: Connection;
  readonly #context: SecurityContext;
  readonly #slabs: BufferPool;
  readonly #stall: IdleTimer;
  readonly #onFailure: () => void;
  #slab: Uint8Array | undefined;
  #used = 0;
  /** The write in flight; it never rejects. */
  #writing: Promise<void> | undefined;
  #wantsFlush = false;
  #failure: TransportError | undefined;

  constructor(
    connection: Connection,
    context: SecurityContext,
    parts: { readonly slabs: BufferPool; readonly stall: IdleTimer; readonly onFailure: () => void },
  ) {
    this.#connection = connection;
    this.#context = context;
    this.#slabs = parts.slabs;
    this.#stall = parts.stall;
    this.#onFailure = parts.onFailure;
  }

  /** Sends a token of the security context at once. */
  async sendToken(token: Uint8Array): Promise<void> {
    await this.packet(this.contextFlags, token);
    await this.drain();
  }

  /** Adds a packet that is not sealed here. */
  async packet(flags: number, payload: Uint8Array): Promise<void> {
    const packet = encodePacket(flags, payload);
    for (let from = 0; from < packet.length; ) {
      await this.#makeRoom(Math.min(packet.length - from, fullBytes));
      const piece = packet.subarray(from, from + fullBytes);
      this.#slabOf().set(piece, this.#used);
      this.#used += piece.length;
      from += piece.length;
    }
  }

  /**
   * Seals one message, in parts, and adds it. Gives undefined if that is done, else the promise of it: then the client
   * is slow. Throws TransportError if the connection is gone.
   */
  seal(...parts: readonly Uint8Array[]): Promise<void> | undefined {
    let bytes = PACKET_HEADER_BYTES + maxOverheadBytes;
    for (const part of parts) bytes += part.length;
    const room = this.#makeRoom(bytes);
    if (room === undefined) {
      this.#seal(parts);
      return undefined;
    }
    return room.then(() => this.#seal(parts));
  }

  /** Sends what there is as soon as the write in flight is done. */
  flush(): void {
    this.#wantsFlush = true;
    if (this.#writing === undefined) this.#start();
  }

  /** Sends everything and waits until the host has taken it. Throws TransportError. */
  async drain(): Promise<void> {
    this.flush();
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Gives the buffers back; what is in them is not sent. */
  dispose(): void {
    this.#failure ??= gone();
    if (this.#slab !== undefined) this.#slabs.give(this.#slab);
    this.#slab = undefined;
    this.#used = 0;
  }

  #seal(parts: readonly Uint8Array[]): void {
    const slab = this.#slabOf();
    const at = this.#used;
    const tokenBytes = this.#context.wrapInto(slab, at + PACKET_HEADER_BYTES, ...parts);
    writePacketHeader(slab, at, this.dataFlags, tokenBytes);
    this.#used = at + PACKET_HEADER_BYTES + tokenBytes;
    if (this.#used >= fullBytes && this.#writing === undefined) this.#start();
  }

  #slabOf(): Uint8Array {
    this.#slab ??= this.#slabs.take();
    return this.#slab;
  }

  #makeRoom(bytes: number): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#slab === undefined || this.#slab.length - this.#used >= bytes) return undefined;
    if (this.#writing === undefined) {
      this.#start();
      return undefined;
    }
    // The write in flight starts the next one when it ends, which leaves a new buffer to fill.
    this.#wantsFlush = true;
    return this.#writing.then(() => this.#makeRoom(bytes));
  }

  #start(): void {
    const slab = this.#slab;
    const used = this.#used;
    if (slab === undefined || used === 0 || this.#failure !== undefined) return;
    this.#slab = undefined;
    this.#used = 0;
    this.#wantsFlush = false;
    this.#stall.begin();
    this.#writing = this.#connection.write(slab.subarray(0, used)).then(
      () => {
        this.#slabs.give(slab);
        this.#written();
        if (this.#wantsFlush) this.#start();
      },
      (cause: unknown) => {
        this.#written();
        this.#failure ??= gone(cause);
        this.#onFailure();
      },
    );
  }

  #written(): void {
    this.#stall.end();
    this.#writing = undefined;
  }
}

function gone(cause?: unknown): TransportError {
  const options = cause === undefined ? {} : { cause };
  return new TransportError("CONNECTION_CLOSED", "the client has closed the connection", [], options);
}
