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
    const pieces: Uint8Array[] = [this.#rest];
    let have = this.#rest.length;
    while (have < count) {
      const piece = await this.#connection.read();
      if (piece === undefined) {
        if (have === 0) return undefined;
        throw new Error("the connection ended in the middle of a message");
      }
      pieces.push(piece);
      have += piece.length;
    }
    const all = pieces.length === 1 ? this.#rest : concat(...pieces);
    this.#rest = all.subarray(count);
    return all.subarray(0, count);
  }

  /** The next octets, as many as there are; undefined at the end. */
  async some(): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0) return await this.#connection.read();
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return rest;
  }
}
