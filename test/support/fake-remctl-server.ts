import { concat } from "../../src/bytes/index.ts";
import type { SecurityContext } from "../../src/gssapi/context.ts";
import type { Connection } from "../../src/host/index.ts";

/** One packet as it came. */
export interface ReceivedPacket {
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** One command, its messages joined. */
export interface ReceivedCommand {
  readonly keepAlive: number;
  /** Continue status of each message. */
  readonly statuses: readonly number[];
  readonly args: readonly Uint8Array[];
}

/**
 * The server's end of a remctl connection, under a test's control: it speaks the protocol as told, also wrongly. Its framing
 * and its messages are its own, so that one misreading cannot hide in both ends.
 */
export class FakeRemctlServer {
  readonly connection: Connection;
  readonly context: SecurityContext;
  #pending: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection, context: SecurityContext) {
    this.connection = connection;
    this.context = context;
  }

  /** The next packet, or undefined at the end of the stream. */
  async readPacket(): Promise<ReceivedPacket | undefined> {
    for (;;) {
      const pending = this.#pending;
      if (pending.length >= 5) {
        const length = new DataView(pending.buffer, pending.byteOffset).getUint32(1);
        if (pending.length >= 5 + length) {
          this.#pending = pending.slice(5 + length);
          return { flags: pending[0] as number, payload: pending.slice(5, 5 + length) };
        }
      }
      const octets = await this.connection.read();
      if (octets === undefined) return undefined;
      this.#pending = concat(pending, octets);
    }
  }

  /** Octets that came and are no whole packet yet. */
  get partial(): Uint8Array {
    return this.#pending;
  }

  /** Takes the opening and the context tokens, and answers with `flags`; 0x11 is the opening of version 1. */
  async accept(flags = 0x42, openingFlags: 0x51 | 0x11 = 0x51): Promise<void> {
    const opening = await this.readPacket();
    if (opening?.flags !== openingFlags || opening.payload.length !== 0) throw new Error("no opening packet");
    while (!this.context.isEstablished) {
      const packet = await this.readPacket();
      if (packet?.flags !== (openingFlags & 0x40 ? 0x42 : 0x02))
        throw new Error(`context packet with flags ${packet?.flags}`);
      const reply = await this.context.step(packet.payload);
      if (reply !== undefined) await this.packet(flags, reply);
    }
  }

  /** The next message, opened, or undefined at the end of the stream. */
  async readMessage(): Promise<Uint8Array | undefined> {
    const packet = await this.readPacket();
    if (packet === undefined) return undefined;
    if (packet.flags !== 0x44) throw new Error(`message packet with flags ${packet.flags}`);
    return this.context.unwrap(packet.payload, { requireConf: true });
  }

  /** A whole command, or undefined for QUIT and at the end of the stream. */
  async readCommand(): Promise<ReceivedCommand | undefined> {
    const command = await this.readCommandOrNoop();
    if (command === "noop") throw new Error("not a COMMAND: a NOOP");
    return command;
  }

  /** As {@link readCommand}, or that a NOOP came in its place. */
  async readCommandOrNoop(): Promise<ReceivedCommand | "noop" | undefined> {
    const statuses: number[] = [];
    const pieces: Uint8Array[] = [];
    let keepAlive = 0;
    for (;;) {
      const message = await this.readMessage();
      if (message === undefined || message[1] === 2) return undefined;
      if (message[0] === 3 && message[1] === 7 && statuses.length === 0) return "noop";
      if (message[0] !== 2 || message[1] !== 1) throw new Error(`not a COMMAND: ${message.subarray(0, 8)}`);
      keepAlive = message[2] as number;
      const status = message[3] as number;
      statuses.push(status);
      pieces.push(message.subarray(4));
      if (status === 0 || status === 3) break;
    }
    return { keepAlive, statuses, args: splitArguments(concat(...pieces)) };
  }

  /** The command of a client of version 1, and what a MIC is made over. */
  async readVersion1Command(): Promise<{ readonly args: readonly Uint8Array[]; readonly octets: Uint8Array }> {
    const packet = await this.readPacket();
    if (packet?.flags !== 0x24) throw new Error(`a command of version 1 with flags ${packet?.flags}`);
    const octets = this.context.unwrap(packet.payload, { requireConf: true });
    return { args: splitArguments(octets), octets };
  }

  /** The MIC of version 1 over a command. */
  mic(octets: Uint8Array, flags = 0x08): Promise<void> {
    return this.packet(flags, this.context.getMic(octets));
  }

  /** The answer of version 1. */
  version1Answer(status: number, data: string | Uint8Array, flags = 0x04): Promise<void> {
    const octets = bytesOf(data);
    return this.packet(flags, this.context.wrap(concat(word(status), word(octets.length), octets)));
  }

  /** Writes octets as they are. */
  raw(...octets: readonly (number | Uint8Array)[]): Promise<void> {
    return this.connection.write(
      concat(...octets.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part))),
    );
  }

  packet(flags: number, payload: Uint8Array): Promise<void> {
    return this.raw(framed(flags, payload));
  }

  /** Seals a message into a packet's octets without writing them. */
  sealed(...message: readonly (number | Uint8Array)[]): Uint8Array {
    const octets = concat(...message.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part)));
    return framed(0x44, this.context.wrap(octets));
  }

  /** Seals and writes a message. */
  message(...message: readonly (number | Uint8Array)[]): Promise<void> {
    return this.raw(this.sealed(...message));
  }

  output(stream: number, data: string | Uint8Array): Promise<void> {
    return this.message(...outputMessage(stream, data));
  }

  status(status: number): Promise<void> {
    return this.message(2, 4, status);
  }

  error(code: number, text: string | Uint8Array): Promise<void> {
    const octets = bytesOf(text);
    return this.message(2, 5, word(code), word(octets.length), octets);
  }

  /** Ends our side. */
  close(): Promise<void> {
    return this.connection.close();
  }

  /** As a TCP reset. */
  reset(): void {
    this.connection.abort();
  }
}

export function framed(flags: number, payload: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(flags), word(payload.length), payload);
}

export function outputMessage(stream: number, data: string | Uint8Array): (number | Uint8Array)[] {
  const octets = bytesOf(data);
  return [2, 3, stream, word(octets.length), octets];
}

/** A 32-bit number in network order. */
export function word(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return octets;
}

/** The arguments of a joined command; throws for octets missing or left. */
export function splitArguments(body: Uint8Array): Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const args: Uint8Array[] = [];
  const count = view.getUint32(0);
  let at = 4;
  while (args.length < count) {
    const length = view.getUint32(at);
    at += 4;
    if (at + length > body.length) throw new Error("argument past the end");
    args.push(body.subarray(at, at + length));
    at += length;
  }
  if (at !== body.length) throw new Error("octets after the last argument");
  return args;
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}
