import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import type { Connection } from "../../src/host/index.ts";
import type { RecordedChunk } from "./recorded-exchange.ts";

/** The server of a recording: its octets come when ours that came before them have, however they are split. */
export class ReplayedConnection implements Connection {
  written = "";
  readonly #server: { readonly after: number; readonly octets: Uint8Array }[] = [];
  #wake: (() => void) | undefined;
  #isOver = false;

  constructor(chunks: readonly RecordedChunk[]) {
    let after = 0;
    for (const { from, octets } of chunks) {
      if (from === "client") after += octets.length;
      else this.#server.push({ after, octets: decodeHex(octets) });
    }
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const next = this.#server[0];
      if (this.#isOver || next === undefined) return undefined;
      if (this.written.length >= next.after) return this.#server.shift()?.octets;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async write(octets: Uint8Array): Promise<void> {
    this.written += encodeHex(octets);
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.abort();
  }

  abort(): void {
    this.#isOver = true;
    this.#wake?.();
  }
}

/** What one side sent, in hexadecimal. */
export function writtenBy(side: RecordedChunk["from"], chunks: readonly RecordedChunk[]): string {
  return chunks.map(({ from, octets }) => (from === side ? octets : "")).join("");
}
