import net from "node:net";
import { concat } from "../../src/bytes/index.ts";
import type { SecurityContext } from "../../src/entry/gssapi.ts";
import type { Connection } from "../../src/host/index.ts";
import { NodeConnection } from "../../src/runtime/node-connection.ts";
import { framed, word } from "./fake-remctl-server.ts";

/** A packet from a server, its message opened where it was sealed. */
export interface RawReply {
  readonly flags: number;
  readonly octets: Uint8Array;
}

/** How long a reply may take before the test fails. */
const patienceMs = 8_000;

/**
 * The client's end of a remctl connection, under a test's control: it says whatever it is told, also wrongly. Its framing and
 * its messages are its own.
 */
export class RawRemctlClient {
  readonly connection: Connection;
  readonly context: SecurityContext;
  /** Ends this side only, and reads on. */
  readonly endWriting: () => void;
  /** The octets that a MIC must be of: the command of version 1. */
  signed: Uint8Array | undefined;
  #pending: Uint8Array = new Uint8Array(0);

  constructor(connection: Connection, context: SecurityContext, endWriting: () => void) {
    this.connection = connection;
    this.context = context;
    this.endWriting = endWriting;
  }

  /** On a TCP connection to a loopback port. */
  static async dial(port: number, context: SecurityContext): Promise<RawRemctlClient> {
    const socket = await dialLoopback(port);
    return new RawRemctlClient(new NodeConnection(socket), context, () => void socket.end());
  }

  /** Writes octets as they are. */
  raw(...octets: readonly Uint8Array[]): Promise<void> {
    return this.connection.write(concat(...octets));
  }

  packet(flags: number, payload: Uint8Array = new Uint8Array(0)): Promise<void> {
    return this.raw(framed(flags, payload));
  }

  /** Opens and establishes the context; the flags of the opening and of the tokens are the test's. */
  async establish(opening = 0x51, flags = 0x42): Promise<this> {
    await this.packet(opening);
    await this.packet(flags, (await this.context.step()) as Uint8Array);
    while (!this.context.isEstablished) {
      const reply = await this.readPacket();
      if (reply === undefined) throw new Error("closed during establishment");
      const token = await this.context.step(reply.octets);
      if (token !== undefined && token.length > 0) await this.packet(flags, token);
    }
    return this;
  }

  /** A message sealed into a packet's octets, not written. */
  sealed(message: Uint8Array, flags = 0x44): Uint8Array {
    return framed(flags, this.context.wrap(message));
  }

  /** Seals and writes messages, in one write. */
  send(...messages: readonly Uint8Array[]): Promise<void> {
    return this.raw(...messages.map((message) => this.sealed(message)));
  }

  /** The next packet as it came; undefined at the end of the stream, which may be a reset. */
  async readPacket(): Promise<RawReply | undefined> {
    for (;;) {
      const pending = this.#pending;
      if (pending.length >= 5) {
        const length = new DataView(pending.buffer, pending.byteOffset).getUint32(1);
        if (pending.length >= 5 + length) {
          this.#pending = pending.subarray(5 + length);
          return { flags: pending[0] as number, octets: pending.subarray(5, 5 + length) };
        }
      }
      const octets = await this.#read();
      if (octets === undefined) return undefined;
      this.#pending = concat(pending, octets);
    }
  }

  /** The next reply in words, as `STATUS 0`; `EOF` at the end. OUTPUT is joined with what follows on the same stream. */
  async reply(): Promise<string> {
    const packet = await this.readPacket();
    if (packet === undefined) return "EOF";
    if (packet.flags === 0x08) {
      if (this.signed !== undefined) this.context.verifyMic(this.signed, packet.octets);
      return "MIC";
    }
    if (packet.flags !== 0x44 && packet.flags !== 0x04) return `flags ${packet.flags}`;
    const message = this.context.unwrap(packet.octets, { requireConf: true });
    return packet.flags === 0x04 ? describeVersion1(message) : describeMessage(message);
  }

  /** Replies until one that ends a command, or `EOF`; output in one piece for each run of a stream. */
  async answer(): Promise<string[]> {
    const replies: string[] = [];
    for (;;) {
      const reply = await this.reply();
      const last = replies.at(-1);
      const isMore = last !== undefined && reply.startsWith("OUTPUT") && last.slice(0, 9) === reply.slice(0, 9);
      if (isMore) replies[replies.length - 1] = last + reply.slice(9);
      else replies.push(reply);
      if (!reply.startsWith("OUTPUT")) return replies;
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  async #read(): Promise<Uint8Array | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no reply within ${patienceMs} ms`)), patienceMs);
    });
    try {
      return await Promise.race([
        this.connection.read().catch((error: NodeJS.ErrnoException) => {
          if (error.code === "ECONNRESET" || error.code === "EPIPE") return undefined;
          throw error;
        }),
        late,
      ]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A socket connected to a loopback port. */
export function dialLoopback(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
  });
}

/** A message of a client or server in words. */
export function describeMessage(message: Uint8Array): string {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  switch (message[1]) {
    case 3:
      return `OUTPUT ${message[2]} ${textOf(exactly(message, 7, view.getUint32(3)))}`;
    case 4:
      return `STATUS ${exactly(message, 2, 1)[0]}`;
    case 5:
      return `ERROR ${view.getUint32(2)} ${textOf(exactly(message, 10, view.getUint32(6)))}`;
    case 6:
      return `VERSION ${exactly(message, 2, 1)[0]}`;
    case 7:
      return `NOOP of version ${message[0]}, ${message.length} octets`;
    default:
      return `message ${message}`;
  }
}

function describeVersion1(message: Uint8Array): string {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return `RESULT ${view.getInt32(0)} ${textOf(exactly(message, 8, view.getUint32(4)))}`;
}

function exactly(message: Uint8Array, at: number, length: number): Uint8Array {
  if (message.length !== at + length) throw new Error(`${message.length - at} octets where ${length} were announced`);
  return message.subarray(at);
}

/** Count, lengths and octets of arguments: the part of a command that continuation cuts. */
export function commandBody(...args: readonly (string | Uint8Array)[]): Uint8Array {
  const octets = args.map((arg) => (typeof arg === "string" ? new TextEncoder().encode(arg) : arg));
  return concat(word(octets.length), ...octets.flatMap((arg) => [word(arg.length), arg]));
}

/** One COMMAND message of any body. */
export function commandMessage(keepAlive: number, status: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(2, 1, keepAlive, status), body);
}

/** A whole command that keeps the connection open. */
export function command(...args: readonly (string | Uint8Array)[]): Uint8Array {
  return commandMessage(1, 0, commandBody(...args));
}

/** A body cut at the given places, as continued COMMAND messages. */
export function continued(body: Uint8Array, cuts: readonly number[], keepAlive: readonly number[] = []): Uint8Array[] {
  const ends = [...cuts, body.length];
  return ends.map((end, index) => {
    const status = index === 0 ? 1 : index === ends.length - 1 ? 3 : 2;
    return commandMessage(keepAlive[index] ?? 1, status, body.subarray(ends[index - 1] ?? 0, end));
  });
}

export function textOf(octets: Uint8Array): string {
  return new TextDecoder().decode(octets);
}
