import {
  type CommandState,
  isKerberosError,
  type KerberosError,
  RemctlError,
  RemctlProtocolError,
} from "../../errors.ts";
import { MAX_MESSAGE_BYTES } from "../../remctl-wire/index.ts";
import type { Trace } from "../../trace.ts";
import type { OutputSink } from "../output/result.ts";
import type { Deadline } from "../session/deadline.ts";
import type { Link } from "../session/link.ts";
import type { Turn } from "../session/turns.ts";
import type { Argument, Hold, Streamed } from "./argument.ts";
import { commandBytes } from "./arguments.ts";
import { encodeCommand } from "./command-encoder.ts";
import { type ServerMessage, violation } from "./messages.ts";
import { isReusableAfter, serverError, stateAfterServerError } from "./server-error.ts";

/** After a write failed: how long an answer that is already on its way is waited for. */
const graceAfterWriteFailureMs = 250;

/** How long a silence after output is before it is taken for a server that waits for an acknowledgement. */
const quietMs = 2;

const closedText = "the server closed the connection before the command's exit status came; look at the server's log";

/** What a command is made of. */
export interface CommandParts {
  readonly args: readonly Argument[];
  readonly keepAlive: boolean;
  readonly sink: OutputSink;
  readonly trace: Trace | undefined;
}

/** One command and its answer, in either version of the protocol. */
export interface Exchange {
  readonly state: CommandState;
  /** Whether the next command on the connection can be trusted to get its own answer. */
  readonly isReusable: boolean;
  /** Sends the command and takes its answer; gives the exit status. */
  perform(): Promise<number>;
  /** Leaves no timer behind. */
  end(): void;
}

/** Whether a command needs several messages, or may: the server can answer such a one before it is whole. */
export function mayBeContinued(args: readonly Argument[]): boolean {
  return 4 + commandBytes(args) > MAX_MESSAGE_BYTES || args.some((arg) => !(arg instanceof Uint8Array));
}

/** One command: its messages out, its answer in (remctl protocol sections 2.4 to 2.6). */
export class CommandExchange implements Exchange {
  /**
   * `"not-sent"` until the message that completes the command is handed to the connection: a server discards a command
   * that it has in part (section 2.4, 2014 revision). `"completed"` with the exit status or a refusal.
   */
  state: CommandState = "not-sent";
  /** Whether the next command on the connection can be trusted to get its own answer. */
  isReusable = false;
  readonly #link: Link;
  readonly #args: readonly Argument[];
  readonly #keepAlive: boolean;
  readonly #sink: OutputSink;
  readonly #turn: Turn;
  readonly #deadline: Deadline;
  readonly #trace: Trace | undefined;
  #isContinued = false;
  #isWhole = false;
  #hadOutput = false;
  #lastArrivalMs = 0;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: Link, turn: Turn, { args, keepAlive, sink, trace }: CommandParts) {
    this.#link = link;
    this.#turn = turn;
    this.#deadline = turn.deadline;
    this.#args = args;
    this.#keepAlive = keepAlive;
    this.#sink = sink;
    this.#trace = trace;
  }

  /** Sends the command and takes its answer; gives the exit status. */
  async perform(): Promise<number> {
    const startedAt = performance.now();
    const toSend = this.#turn.toSend();
    if (toSend !== undefined) await toSend;
    await this.#send();
    const toReceive = this.#turn.toReceive();
    if (toReceive !== undefined) await toReceive;
    // What came behind the answer to the command before is the beginning of this one's.
    let mayBeThere = toReceive !== undefined && this.#link.parser.hasLeftover;
    for (;;) {
      if (!mayBeThere) await this.#link.receive(this.#deadline, closedText);
      mayBeThere = false;
      const status = this.#takeMessages();
      if (status !== undefined) {
        this.#trace?.({ type: "status", status, milliseconds: performance.now() - startedAt });
        return status;
      }
      const paused = this.#sink.paused?.();
      if (paused !== undefined) await this.#deadline.hold(paused);
    }
  }

  /** Leaves no timer behind. */
  end(): void {
    clearTimeout(this.#quietTimer);
  }

  async #send(): Promise<void> {
    const { maxNextMessageBytes } = this.#link;
    let messages = 0;
    // A loop for each: most commands are one message, which `for await` would delay by a turn.
    const [streamed] = this.#args.filter((arg): arg is Streamed => !(arg instanceof Uint8Array));
    if (streamed === undefined) {
      for (const { octets, isLast } of encodeCommand(
        this.#args as readonly Uint8Array[],
        this.#keepAlive,
        maxNextMessageBytes,
      )) {
        messages++;
        const written = this.#sendMessage(octets, isLast);
        if (written !== undefined) await written;
      }
    } else {
      const hold: Hold = (next) => this.#hold(next);
      const pieces = streamed.encode(this.#args, this.#keepAlive, maxNextMessageBytes, hold);
      try {
        for await (const { octets, isLast } of pieces) {
          messages++;
          const written = this.#sendMessage(octets, isLast);
          if (written !== undefined) await written;
        }
      } catch (error) {
        // The caller's stream failed: if nothing has gone out, nothing is broken.
        this.isReusable = messages === 0 && this.#keepAlive && asFailure(error).code === "REMCTL_ARGUMENT";
        throw error;
      }
    }
    this.#trace?.({ type: "command-sent", arguments: this.#args.length, octets: commandBytes(this.#args), messages });
  }

  /** Seals a message and writes it; the last one is not waited for. */
  #sendMessage(octets: Uint8Array, isLast: boolean): Promise<void> | undefined {
    const link = this.#link;
    const packet = link.seal(octets);
    if (isLast) {
      this.#isWhole = true;
      this.state = "maybe-executed";
      // No packet follows: the server would close with octets unread, and what it sent could be lost.
      if (!this.#keepAlive) link.maxEarlyOctets = 0;
      link.write(packet).catch((error) => this.#writeFailed(error));
      return undefined;
    }
    this.#isContinued = true;
    return this.#writePart(packet);
  }

  /** A server may refuse a command before it has it all, and then stop reading: so the answer is waited for too. */
  async #writePart(packet: Uint8Array): Promise<void> {
    const link = this.#link;
    const written = link.write(packet).catch((error) => {
      this.#writeFailed(error);
      return link.read();
    });
    await this.#deadline.wait(Promise.race([written, link.read()]));
    if (link.arrival !== undefined) await this.#interrupted();
  }

  /**
   * Waits for the caller's stream, and ends the wait if the server speaks or goes: the session watches it meanwhile.
   */
  async #hold<T>(next: Promise<T>): Promise<T> {
    next.catch(() => {});
    const arrival = this.#link.read();
    await this.#deadline.hold(Promise.race([next.catch(() => {}), arrival]));
    if (this.#link.arrival !== undefined) await this.#interrupted();
    return next;
  }

  /** The server spoke, or went, before it had the whole command. Nothing more is sent; the session ends. */
  async #interrupted(): Promise<never> {
    for (;;) {
      await this.#link.receive(
        this.#deadline,
        "the server closed the connection before it had the whole command; look at the server's log",
      );
      const message = this.#link.nextMessage();
      if (message === undefined) continue;
      if (message.type === "error" || message.type === "version") this.#refused(message);
      throw violation(`${message.type.toUpperCase()} before it had the whole command`);
    }
  }

  /** Takes every whole message that has come; gives the exit status if it is there. */
  #takeMessages(): number | undefined {
    let newOutput = false;
    for (;;) {
      const message = this.#link.nextMessage();
      if (message === undefined) break;
      switch (message.type) {
        case "output":
          this.#hadOutput = true;
          newOutput = true;
          this.#trace?.({ type: "output", stream: message.stream, octets: message.data.length });
          if (message.data.length > 0) this.#sink.push(message.stream, message.data);
          break;
        case "status":
          this.state = "completed";
          this.isReusable = this.#keepAlive;
          return message.status;
        case "error":
        case "version":
          return this.#refused(message);
        default:
          throw violation(`${message.type.toUpperCase()} as an answer to a command`);
      }
    }
    this.#acknowledge(newOutput);
    return undefined;
  }

  /**
   * Has what came acknowledged by an early octet: at once after the first output, since most commands print once; after
   * that when nothing more comes for a moment, since there are few such octets.
   */
  #acknowledge(newOutput: boolean): void {
    const link = this.#link;
    if (link.earlyOctets >= link.maxEarlyOctets) return;
    if (newOutput && link.earlyOctets === 0 && !link.hasUnread) {
      link.sendEarlyOctet();
      return;
    }
    this.#lastArrivalMs = performance.now();
    this.#quietTimer ??= setTimeout(this.#onQuiet, quietMs);
  }

  readonly #onQuiet = (): void => {
    const leftMs = quietMs - (performance.now() - this.#lastArrivalMs);
    this.#quietTimer = leftMs > 0.5 ? setTimeout(this.#onQuiet, leftMs) : undefined;
    if (this.#quietTimer === undefined) this.#link.sendEarlyOctet();
  };

  #refused(message: Extract<ServerMessage, { type: "error" | "version" }>): never {
    if (message.type === "version") {
      // Section 2.3: the server ignored the command's contents.
      if (!this.#hadOutput) this.state = "completed";
      throw new RemctlError(
        "REMCTL_UNSUPPORTED_VERSION",
        `the server speaks remctl protocol version ${message.highest} at most, and was sent a command of version 2: update the server`,
      );
    }
    const error = serverError(message.code, message.text);
    this.#trace?.({ type: "server-error", remoteCode: message.code, text: error.remoteMessage });
    const state = stateAfterServerError(message.code, this.#hadOutput);
    if (this.#isWhole || state === "completed") this.state = state;
    this.isReusable =
      this.#keepAlive && this.#isWhole && isReusableAfter(message.code, this.#args[0], this.#isContinued);
    throw error;
  }

  /**
   * The answer may be there although the connection took no more: it is waited for a moment, then the failure counts.
   */
  #writeFailed(error: unknown): void {
    this.#deadline.expireSoon(asFailure(error), graceAfterWriteFailureMs);
  }
}

/** The typed error for whatever was thrown. */
export function asFailure(error: unknown): KerberosError {
  if (isKerberosError(error)) return error;
  return new RemctlProtocolError("REMCTL_PROTOCOL", "the session failed; see the cause", { cause: error });
}
