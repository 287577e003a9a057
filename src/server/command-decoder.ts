import { getUint32 } from "../bytes/index.ts";
import { MAX_MESSAGE_BYTES } from "../remctl-wire/index.ts";
import { type Allowance, ByteStore } from "./byte-store.ts";
import { REFUSAL, type Refusal } from "./failure.ts";

const wordBytes = 4;
/** The most octets of a COMMAND after version, type, keep-alive and continue status (section 1: 65,536 in all). */
const maxDataBytes = MAX_MESSAGE_BYTES - 4;

/** Limits of a command (remctl protocol section 2.4). */
export interface CommandLimits {
  readonly maxArguments: number;
  /** Count, lengths and octets of the arguments together. */
  readonly maxCommandBytes: number;
}

/** Octets of a command that are read from the front. */
interface Source {
  readonly remaining: number;
  read(count: number): Uint8Array;
}

/**
 * The arguments of a whole command: the count, then a length and the octets of each (section 2.4), nothing missing and
 * nothing left over. No count and no length is believed before the octets are there. A length of 0 is an argument; a
 * count of 0 is a command.
 */
export function decodeArguments(source: Source, limits: CommandLimits): Uint8Array[] | Refusal {
  if (source.remaining < wordBytes) return REFUSAL.badCommand;
  const count = getUint32(source.read(wordBytes), 0);
  if (count > limits.maxArguments) return REFUSAL.tooManyArgs;
  const args: Uint8Array[] = [];
  while (args.length < count) {
    if (source.remaining < wordBytes) return REFUSAL.badCommand;
    const length = getUint32(source.read(wordBytes), 0);
    if (length > source.remaining) return REFUSAL.badCommand;
    args.push(source.read(length));
  }
  return source.remaining === 0 ? args : REFUSAL.badCommand;
}

/** A message's octets as a {@link Source}. */
export function sourceOf(octets: Uint8Array): Source {
  let at = 0;
  return {
    get remaining() {
      return octets.length - at;
    },
    read(count) {
      if (count > octets.length - at) throw new RangeError(`${count} octets wanted, ${octets.length - at} left`);
      at += count;
      return octets.subarray(at - count, at);
    },
  };
}

/** What a COMMAND message came to. */
export type Assembled =
  /** More is to come, or the message was a part of something refused before: nothing to answer. */
  | { readonly type: "nothing"; readonly closes: boolean }
  | { readonly type: "command"; readonly args: readonly Uint8Array[]; readonly keepAlive: boolean; release(): void }
  /** `isPartial`: more messages of what is refused may come, and the connection stays for them. */
  | { readonly type: "refused"; readonly refusal: Refusal; readonly keepAlive: boolean; readonly isPartial: boolean };

const nothing: Assembled = { type: "nothing", closes: false };

/**
 * Joins the messages of continued commands (section 2.4). They may be cut anywhere, in the middle of a count or of a
 * length too. A sequence that is broken, or over a limit, is answered with one error; the rest of it is ignored, so
 * that one command never has two answers, until the client begins again with continue status 0 or 1.
 */
export class CommandAssembler {
  readonly #limits: CommandLimits;
  readonly #budget: Allowance;
  #store: ByteStore | undefined;
  #isDiscarding = false;

  constructor(limits: CommandLimits, budget: Allowance) {
    this.#limits = limits;
    this.#budget = budget;
  }

  /** Whether a continued command is not whole yet: then only COMMAND and QUIT may come (2014 revision). */
  get isContinued(): boolean {
    return this.#store !== undefined;
  }

  /** Takes the octets of a COMMAND message after its version and type. */
  take(body: Uint8Array): Assembled {
    const keepAlive = body[0] !== 0;
    // Undefined in a message that ends before it: no status that there is.
    const status = body[1];
    const data = body.subarray(2);
    switch (status) {
      case 0:
      case 1:
        // Section 2.4: 0 and 1 begin a command, and may not come inside of one.
        if (this.#store !== undefined) return this.#refuse(REFUSAL.badCommand, keepAlive, status === 1);
        this.#isDiscarding = false;
        return status === 0 ? this.#whole(data, keepAlive) : this.#first(data, keepAlive);
      case 2:
      case 3:
        if (this.#isDiscarding) return this.#discard(keepAlive, status === 3);
        // Section 2.4: 2 and 3 come only after 1 or 2.
        if (this.#store === undefined) return this.#refuse(REFUSAL.badCommand, keepAlive, status === 2);
        return this.#next(this.#store, data, keepAlive, status === 3);
      default:
        return this.#refuse(REFUSAL.badCommand, keepAlive, this.#store !== undefined);
    }
  }

  /** Another message came inside of a continued command, which is over; what is left of it is ignored. */
  interrupt(): void {
    this.#drop();
    this.#isDiscarding = true;
  }

  /** Forgets what there is. */
  reset(): void {
    this.#drop();
    this.#isDiscarding = false;
  }

  #whole(data: Uint8Array, keepAlive: boolean): Assembled {
    if (isTooLong(data, 0, this.#limits)) return this.#refuse(REFUSAL.tooMuchData, keepAlive, false);
    const args = decodeArguments(sourceOf(data), this.#limits);
    if (!Array.isArray(args)) return this.#refuse(args as Refusal, keepAlive, false);
    return { type: "command", args, keepAlive, release: () => {} };
  }

  #first(data: Uint8Array, keepAlive: boolean): Assembled {
    this.#store = new ByteStore(this.#budget);
    return this.#next(this.#store, data, keepAlive, false);
  }

  #next(store: ByteStore, data: Uint8Array, keepAlive: boolean, isLast: boolean): Assembled {
    if (isTooLong(data, store.length, this.#limits) || !store.append(data)) {
      return this.#refuse(REFUSAL.tooMuchData, keepAlive, !isLast);
    }
    if (!isLast) return nothing;
    const args = decodeArguments(store, this.#limits);
    if (!Array.isArray(args)) return this.#refuse(args as Refusal, keepAlive, false);
    this.#store = undefined;
    return { type: "command", args, keepAlive, release: () => store.release() };
  }

  #discard(keepAlive: boolean, isLast: boolean): Assembled {
    if (isLast) this.#isDiscarding = false;
    return isLast && !keepAlive ? { type: "nothing", closes: true } : nothing;
  }

  #refuse(refusal: Refusal, keepAlive: boolean, isPartial: boolean): Assembled {
    this.#drop();
    this.#isDiscarding = isPartial;
    return { type: "refused", refusal, keepAlive, isPartial };
  }

  #drop(): void {
    this.#store?.release();
    this.#store = undefined;
  }
}

function isTooLong(data: Uint8Array, before: number, { maxCommandBytes }: CommandLimits): boolean {
  return data.length > maxDataBytes || before + data.length > maxCommandBytes;
}
