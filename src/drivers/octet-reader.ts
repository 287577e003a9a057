import { concat } from "../bytes/index.ts";
import type { Connection } from "../host/index.ts";

/** Reads a given number of octets from a connection, and keeps what came beyond them. */
export class OctetReader {
  readonly #connection: Connection;
  #rest: Uint8Array = new Uint8Array();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Octets that have come and were not asked for yet. */
  get buffered(): number {
    return this.#rest.length;
  }

  /** The next `count` octets; undefined if the stream ends before the first of them. Throws if it ends among them. */
  async exactly(count: number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    let have = 0;
    let piece = this.#rest;
    while (have + piece.length < count) {
      if (piece.length > 0) parts.push(piece);
      have += piece.length;
      const next = await this.#connection.read();
      if (next === undefined) {
        if (have === 0) return undefined;
        throw new Error("the connection ended in the middle of a message");
      }
      piece = next;
    }
    // What lies in one piece is a view of it, and what is left of the last stays where it is: a read gives up to 64 KB.
    const last = piece.subarray(0, count - have);
    this.#rest = piece.subarray(count - have);
    return parts.length === 0 ? last : concat(...parts, last);
  }

  /** The next octets, as many as there are; undefined at the end. */
  async some(): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0) return await this.#connection.read();
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return rest;
  }
}
