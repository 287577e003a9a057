import { setUint32 } from "../../bytes/index.ts";
import { MAX_MESSAGE_BYTES, MESSAGE } from "../../remctl-wire/index.ts";
import type { CommandMessage } from "./argument.ts";
import { commandBytes, WORD_BYTES } from "./arguments.ts";

const flagBytes = 4; // version, type, keep-alive, continue status

/** Continue status of a COMMAND (remctl protocol section 2.4). */
export const CONTINUE = { whole: 0, first: 1, middle: 2, last: 3 } as const;

/**
 * Cuts one command into COMMAND messages of at most 65,536 octets. Section 2.4 lets a server be cut anywhere, its 2014
 * revision asks clients never to cut a count or a length: here a word is whole, and at least one octet of the argument
 * follows its length in the same message. A message is given when the octets after it are known to exist, so that the
 * last one is never empty. Each is a view that the next one overwrites. Arguments come in pieces of any size,
 * so that one of known length may come from a stream. The first message may have a lower limit than the others.
 */
export class CommandEncoder {
  readonly #message: Uint8Array;
  #limit: number;
  #used = flagBytes;
  #isFirst = true;

  /**
   * `bodyBytes` is {@link commandBytes} of the whole command; `keepAlive` asks the server to stay after it.
   * `firstMessageBytes` is 13 or more: a count, a length and one octet.
   */
  constructor(
    argumentCount: number,
    bodyBytes: number,
    keepAlive: boolean,
    firstMessageBytes: number = MAX_MESSAGE_BYTES,
  ) {
    this.#message = new Uint8Array(Math.min(flagBytes + bodyBytes, MAX_MESSAGE_BYTES));
    this.#limit = Math.min(this.#message.length, firstMessageBytes);
    this.#message[0] = 2;
    this.#message[1] = MESSAGE.command;
    this.#message[2] = keepAlive ? 1 : 0;
    this.#word(argumentCount);
  }

  /** Begins an argument. */
  *length(argumentBytes: number): Generator<Uint8Array, void> {
    const needed = argumentBytes === 0 ? WORD_BYTES : WORD_BYTES + 1;
    if (this.#room < needed) yield this.#take(this.#isFirst ? CONTINUE.first : CONTINUE.middle);
    this.#word(argumentBytes);
  }

  /** Adds octets of the argument begun. */
  *data(octets: Uint8Array): Generator<Uint8Array, void> {
    for (let at = 0; at < octets.length; ) {
      if (this.#room === 0) yield this.#take(this.#isFirst ? CONTINUE.first : CONTINUE.middle);
      const part = octets.subarray(at, at + this.#room);
      this.#message.set(part, this.#used);
      this.#used += part.length;
      at += part.length;
    }
  }

  /** The last message. */
  finish(): Uint8Array {
    return this.#take(this.#isFirst ? CONTINUE.whole : CONTINUE.last);
  }

  get #room(): number {
    return this.#limit - this.#used;
  }

  #word(value: number): void {
    setUint32(this.#message, this.#used, value);
    this.#used += WORD_BYTES;
  }

  #take(status: number): Uint8Array {
    this.#message[3] = status;
    const message = this.#message.subarray(0, this.#used);
    this.#used = flagBytes;
    this.#limit = this.#message.length;
    this.#isFirst = false;
    return message;
  }
}

/** All messages of a command, made one at a time. */
export function* encodeCommand(
  args: readonly Uint8Array[],
  keepAlive: boolean,
  firstMessageBytes: number = MAX_MESSAGE_BYTES,
): Generator<CommandMessage, void> {
  const encoder = new CommandEncoder(args.length, commandBytes(args), keepAlive, firstMessageBytes);
  for (const arg of args) {
    for (const octets of encoder.length(arg.length)) yield { octets, isLast: false };
    for (const octets of encoder.data(arg)) yield { octets, isLast: false };
  }
  yield { octets: encoder.finish(), isLast: true };
}
