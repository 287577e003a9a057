import { getUint32, setUint32 } from "../bytes/index.ts";
import { RemctlProtocolError } from "../errors.ts";
import { MAX_PACKET_BYTES, PACKET_HEADER_BYTES } from "./constants.ts";

/** The least that is taken for a packet that has begun. */
const LEAST_ROOM = 256;

const NOTHING = new Uint8Array(0);

/** One packet: a flag octet and what a four-octet length announced (remctl protocol section 1). */
export interface Packet {
  readonly flags: number;
  /** A view of the octets given to {@link PacketParser.push} where the packet lay in one piece, else its own octets. */
  readonly payload: Uint8Array;
}

/** Looks at a packet's header as soon as it is there; throws to refuse the packet before its payload is waited for. */
export type HeaderCheck = (flags: number, payloadBytes: number) => void;

/**
 * Cuts a stream of octets into packets, however it arrives. After {@link push}, call {@link next} until it gives
 * undefined. A length over the limit is refused before memory is taken for it. What failed stays failed.
 */
export class PacketParser {
  /** The longest packet taken, with its five octets; section 1 allows 1,048,576. */
  maxPacketBytes: number = MAX_PACKET_BYTES;
  /** A further check of each header: which flags are allowed depends on where the conversation is. */
  checkHeader: HeaderCheck | undefined;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  readonly #header = new Uint8Array(PACKET_HEADER_BYTES);
  #headerBytes = 0;
  #flags = 0;
  #payloadBytes = 0;
  /** The payload of a packet that spans chunks. */
  #partial: Uint8Array | undefined;
  #partialBytes = 0;
  #failure: unknown;

  /** Gives the next octets of the stream, which must not change until their packets are done with. */
  push(octets: Uint8Array): void {
    if (this.#at !== this.#chunk.length) throw new TypeError("take every packet with next() before the next push()");
    this.#chunk = octets;
    this.#at = 0;
  }

  /** Whether there are octets that no packet returned by {@link next} holds. */
  get hasLeftover(): boolean {
    return this.#at < this.#chunk.length || this.#headerBytes > 0;
  }

  /** Octets of memory that a packet holds which is not whole. */
  get heldBytes(): number {
    return this.#partial?.length ?? 0;
  }

  /** The next whole packet, or undefined if more octets are needed. Throws RemctlProtocolError. */
  next(): Packet | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#next();
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #next(): Packet | undefined {
    const payload = this.#headerBytes < PACKET_HEADER_BYTES && !this.#readHeader() ? undefined : this.#readPayload();
    if (this.#at === this.#chunk.length) {
      // A connection that waits shall not keep what came last: up to 64 KB each.
      this.#chunk = NOTHING;
      this.#at = 0;
    }
    if (payload === undefined) return undefined;
    this.#headerBytes = 0;
    return { flags: this.#flags, payload };
  }

  #readHeader(): boolean {
    const header = this.#header;
    while (this.#headerBytes < PACKET_HEADER_BYTES) {
      if (this.#at === this.#chunk.length) return false;
      header[this.#headerBytes++] = this.#chunk[this.#at++] as number;
    }
    this.#flags = header[0] as number;
    this.#payloadBytes = getUint32(header, 1);
    // Section 1: a packet with its five octets is at most 1,048,576 octets.
    if (this.#payloadBytes > this.maxPacketBytes - PACKET_HEADER_BYTES) {
      throw new RemctlProtocolError(
        "REMCTL_PROTOCOL",
        `a packet of ${this.#payloadBytes} octets and its header of 5 was announced, the limit is ${this.maxPacketBytes}: look whether the peer speaks remctl`,
      );
    }
    this.checkHeader?.(this.#flags, this.#payloadBytes);
    return true;
  }

  #readPayload(): Uint8Array | undefined {
    const start = this.#at;
    const available = this.#chunk.length - start;
    if (this.#partial === undefined) {
      if (available >= this.#payloadBytes) {
        this.#at = start + this.#payloadBytes;
        return this.#chunk.subarray(start, this.#at);
      }
      this.#partial = NOTHING;
      this.#partialBytes = 0;
    }
    const taken = Math.min(available, this.#payloadBytes - this.#partialBytes);
    const partial = this.#roomFor(this.#partial, taken);
    partial.set(this.#chunk.subarray(start, start + taken), this.#partialBytes);
    this.#partialBytes += taken;
    this.#at = start + taken;
    if (this.#partialBytes < this.#payloadBytes) return undefined;
    this.#partial = undefined;
    return partial;
  }

  /** Memory for what has come, and as much again: a length that was only announced takes none. */
  #roomFor(partial: Uint8Array, taken: number): Uint8Array {
    const needed = this.#partialBytes + taken;
    if (needed <= partial.length) return partial;
    const grown = new Uint8Array(Math.min(Math.max(2 * needed, LEAST_ROOM), this.#payloadBytes));
    grown.set(partial.subarray(0, this.#partialBytes));
    this.#partial = grown;
    return grown;
  }
}

/** Writes a packet's five octets at `offset`: flags, then the payload's length in network order. */
export function writePacketHeader(out: Uint8Array, offset: number, flags: number, payloadBytes: number): void {
  out[offset] = flags;
  setUint32(out, offset + 1, payloadBytes);
}

/** A whole packet. Throws RangeError if it would be longer than 1,048,576 octets (section 1). */
export function encodePacket(flags: number, payload: Uint8Array): Uint8Array {
  if (payload.length > MAX_PACKET_BYTES - PACKET_HEADER_BYTES) {
    throw new RangeError(`a packet's payload is at most 1048571 octets, not ${payload.length}`);
  }
  const out = new Uint8Array(PACKET_HEADER_BYTES + payload.length);
  writePacketHeader(out, 0, flags, payload.length);
  out.set(payload, PACKET_HEADER_BYTES);
  return out;
}
