import { mayTake } from "../krb5/index.ts";

/** Small, since each connection may hold one for a command of a few octets. */
const blockBytes = 8_192;

/** Above half full a principal has at most this part of what is left, so that others find room for long commands. */
const PARTS = 4;

/** What one principal may hold of a {@link Budget}, on all its connections. */
export interface Allowance {
  /** Takes octets; false if the principal may not have so many. */
  take(octets: number): boolean;
  give(octets: number): void;
}

/** Octets that all connections of a server hold for commands that are not whole yet, and how many are whose. */
export class Budget {
  readonly #limit: number;
  readonly #owned = new Map<string, number>();
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** The part of a principal, on one connection or many. */
  of(user: string): Allowance {
    return {
      take: (octets) => {
        const own = this.#owned.get(user) ?? 0;
        if (!mayTake({ limit: this.#limit, used: this.#used, own, more: octets, parts: PARTS })) return false;
        this.#change(user, own + octets, octets);
        return true;
      },
      give: (octets) => this.#change(user, (this.#owned.get(user) ?? 0) - octets, -octets),
    };
  }

  #change(user: string, own: number, by: number): void {
    this.#used += by;
    if (own > 0) this.#owned.set(user, own);
    else this.#owned.delete(user);
  }
}

/**
 * Octets that come in pieces of any size and are read once, from the front. They are copied into blocks: a client that
 * sends one octet a message takes the memory of its octets and one block, not that of as many messages.
 */
export class ByteStore {
  readonly #budget: Allowance;
  #blocks: (Uint8Array | undefined)[] = [];
  #taken = 0;
  #length = 0;
  #at = 0;

  constructor(budget: Allowance) {
    this.#budget = budget;
  }

  /** Octets appended so far. */
  get length(): number {
    return this.#length;
  }

  /** Octets not read yet. */
  get remaining(): number {
    return this.#length - this.#at;
  }

  /** Adds a copy; false, with nothing added, if the budget does not allow it. */
  append(octets: Uint8Array): boolean {
    const needed = Math.ceil((this.#length + octets.length) / blockBytes) - this.#blocks.length;
    if (needed > 0) {
      if (!this.#budget.take(needed * blockBytes)) return false;
      this.#taken += needed * blockBytes;
      for (let i = 0; i < needed; i++) this.#blocks.push(new Uint8Array(blockBytes));
    }
    for (let from = 0; from < octets.length; ) {
      const offset = this.#length % blockBytes;
      const piece = octets.subarray(from, from + blockBytes - offset);
      (this.#blocks[Math.floor(this.#length / blockBytes)] as Uint8Array).set(piece, offset);
      this.#length += piece.length;
      from += piece.length;
    }
    return true;
  }

  /** Reads octets, which must be there. A view where they lie in one block; blocks that are read are let go. */
  read(count: number): Uint8Array {
    if (count > this.remaining) throw new RangeError(`${count} octets wanted, ${this.remaining} left`);
    const offset = this.#at % blockBytes;
    let octets: Uint8Array;
    if (count === 0) {
      octets = new Uint8Array(0);
    } else if (offset + count <= blockBytes) {
      octets = (this.#blocks[Math.floor(this.#at / blockBytes)] as Uint8Array).subarray(offset, offset + count);
    } else {
      octets = new Uint8Array(count);
      for (let to = 0; to < count; ) {
        const from = (this.#at + to) % blockBytes;
        const index = Math.floor((this.#at + to) / blockBytes);
        const piece = (this.#blocks[index] as Uint8Array).subarray(from, from + count - to);
        octets.set(piece, to);
        to += piece.length;
        if (from + piece.length === blockBytes) this.#blocks[index] = undefined;
      }
    }
    this.#at += count;
    return octets;
  }

  /** Gives the memory back to the budget; to be called once the command that was made of it is over. */
  release(): void {
    this.#budget.give(this.#taken);
    this.#taken = 0;
    this.#blocks = [];
    this.#length = 0;
    this.#at = 0;
  }
}
