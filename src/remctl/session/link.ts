import { isKerberosError, type KerberosError, RemctlProtocolError, TransportError } from "../../errors.ts";
import type { SealingContext } from "../../gssapi/index.ts";
import type { Connection } from "../../host/index.ts";
import {
  DATA_FLAGS,
  MAX_MESSAGE_BYTES,
  MESSAGE_SLACK_BYTES,
  PACKET_HEADER_BYTES,
  PacketParser,
  writePacketHeader,
} from "../../remctl-wire/index.ts";
import { decodeServerMessage, type ServerMessage } from "../command/messages.ts";
import type { Deadline } from "./deadline.ts";

/** How a read ended: octets, the end of the stream, or a failure. */
export type Arrival = { readonly octets: Uint8Array | undefined } | { readonly error: KerberosError };

/** Octets of the next packet that can be sent before it exists: its flags, and three of its length as zeros. */
const MAX_EARLY_OCTETS = 4;
/** With these, any message still fits in the packet: its flags, and a length under 2^24. */
const MAX_EARLY_OCTETS_PIPELINED = 2;

/**
 * The longest message that is waited for. RFC 4121 section 4.2.4 lets a sender add filler: one block of it is allowed.
 */
const MAX_TOKEN_MESSAGE_BYTES = MAX_MESSAGE_BYTES + MESSAGE_SLACK_BYTES + 16;

/**
 * A connection as the session uses it: packets in, packets out in order, one read that may outlive the wait for it, and
 * the first octets of a packet sent ahead of the rest.
 */
export class Link {
  readonly parser: PacketParser = new PacketParser();
  /** How many octets of a packet may go ahead of the rest of it. */
  maxEarlyOctets: number = MAX_EARLY_OCTETS;
  readonly #connection: Connection;
  readonly #context: SealingContext;
  #reading: Promise<Arrival> | undefined;
  #arrival: Arrival | undefined;
  #writing: Promise<void> | undefined;
  #earlyOctets = 0;

  constructor(connection: Connection, context: SealingContext) {
    this.#connection = connection;
    this.#context = context;
  }

  /** Starts the read if none is pending. The promise never rejects, and is the same until {@link take}. */
  read(): Promise<Arrival> {
    this.#reading ??= this.#readOnce();
    return this.#reading;
  }

  async #readOnce(): Promise<Arrival> {
    let arrival: Arrival;
    try {
      arrival = { octets: await this.#connection.read() };
    } catch (cause) {
      arrival = { error: connectionLost("the connection failed while reading; look at the server's log", cause) };
    }
    this.#arrival = arrival;
    return arrival;
  }

  /** What the pending read has given already, if it has. */
  get arrival(): Arrival | undefined {
    return this.#arrival;
  }

  /** Uses up the arrival: the next {@link read} reads on. */
  take(): void {
    this.#reading = undefined;
    this.#arrival = undefined;
  }

  /** Whether octets have come that the session has not looked at, as far as the host can tell. */
  get hasUnread(): boolean {
    return this.parser.hasLeftover || (this.#connection.hasUnread?.() ?? false);
  }

  /** Writes octets after all earlier ones. Rejects with TransportError `CONNECTION_CLOSED`. */
  write(octets: Uint8Array): Promise<void> {
    const before = this.#writing;
    const writing = (before === undefined ? this.#write(octets) : before.then(() => this.#write(octets))).finally(
      () => {
        if (this.#writing === settled) this.#writing = undefined;
      },
    );
    const settled = writing.catch(ignore);
    this.#writing = settled;
    return writing;
  }

  async #write(octets: Uint8Array): Promise<void> {
    try {
      await this.#connection.write(octets);
    } catch (cause) {
      throw connectionLost("the connection failed while writing; look at the server's log", cause);
    }
  }

  /**
   * Waits for octets and gives them to the parser. Throws TransportError: `CONNECTION_CLOSED` with `whenClosed` as its
   * text at the end of the stream, or the deadline's.
   */
  async receive(deadline: Deadline, whenClosed: string): Promise<void> {
    const arrival = await deadline.wait(this.read());
    this.take();
    if ("error" in arrival) throw arrival.error;
    if (arrival.octets === undefined) throw connectionLost(whenClosed);
    this.parser.push(arrival.octets);
  }

  /** The next message that has come whole. Throws GssError, RemctlProtocolError. */
  nextMessage(): ServerMessage | undefined {
    const packet = this.parser.next();
    if (packet === undefined) return undefined;
    // Section 2.1 step 6: confidentiality is required, and the reference client does not look.
    return decodeServerMessage(this.#context.unwrap(packet.payload, { requireConf: true }));
  }

  /**
   * The packet of one message, without the octets that went ahead. What is sealed must be written next: the context
   * numbers its messages.
   */
  seal(message: Uint8Array, flags: number = DATA_FLAGS): Uint8Array {
    const context = this.#context;
    const packet = new Uint8Array(PACKET_HEADER_BYTES + message.length + context.wrapOverhead);
    const tokenBytes = context.wrapInto(packet, PACKET_HEADER_BYTES, message);
    writePacketHeader(packet, 0, flags, tokenBytes);
    const early = this.#earlyOctets;
    this.#earlyOctets = 0;
    return packet.subarray(early, PACKET_HEADER_BYTES + tokenBytes);
  }

  /** From now on, only packets of messages: flags 0x44 (section 2.1 step 6), and no longer than a message can be. */
  expectMessages(): void {
    this.parser.maxPacketBytes = PACKET_HEADER_BYTES + MAX_TOKEN_MESSAGE_BYTES + this.#context.wrapOverhead;
    this.parser.checkHeader = checkDataHeader;
  }

  /**
   * Sends one octet of the next packet ahead, so that the segment that carries it acknowledges what has come: a server
   * that writes OUTPUT and STATUS apart, under Nagle's algorithm, holds STATUS until then, and a client that is silent
   * acknowledges after 40 ms. Every packet begins with 0x44 and, being shorter than 2^24, a zero; a third and a fourth
   * octet bound the next message ({@link maxNextMessageBytes}). A failure is not reported here: the read sees it.
   */
  sendEarlyOctet(): void {
    if (this.#earlyOctets >= this.maxEarlyOctets) return;
    const octet = this.#earlyOctets === 0 ? DATA_FLAGS : 0;
    this.#earlyOctets++;
    this.write(Uint8Array.of(octet)).catch(ignore);
  }

  /** From now on commands are sent before the answers of others have come: one of a single message must stay that. */
  expectPipelining(): void {
    this.maxEarlyOctets = MAX_EARLY_OCTETS_PIPELINED;
  }

  /** Octets of the next packet that went ahead. */
  get earlyOctets(): number {
    return this.#earlyOctets;
  }

  /** The longest next message: the octets of its packet's length that went ahead are zero. */
  get maxNextMessageBytes(): number {
    const lengthBits = 8 * (PACKET_HEADER_BYTES - Math.max(this.#earlyOctets, 1));
    return Math.min(MAX_MESSAGE_BYTES, 2 ** lengthBits - 1 - this.#context.wrapOverhead);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  abort(): void {
    this.#connection.abort();
  }
}

/** The error of a connection that ended or failed; one that is a KerberosError already stays. */
export function connectionLost(what: string, cause?: unknown): KerberosError {
  if (isKerberosError(cause)) return cause;
  return new TransportError("CONNECTION_CLOSED", what, [], { cause });
}

/** Section 2.1 step 6, looked at before anything is decrypted: the flags lie outside the protection (section 4). */
function checkDataHeader(flags: number): void {
  if (flags === DATA_FLAGS) return;
  const text = flags.toString(16).padStart(2, "0");
  throw new RemctlProtocolError(
    "REMCTL_PROTOCOL",
    `a packet with flags 0x${text}, 0x44 expected; the session is closed: look at the server`,
    { flags },
  );
}

function ignore(): void {}
