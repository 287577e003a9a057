import { TransportError } from "../errors.ts";
import type { Connection } from "../host/index.ts";

/** Octets that are read ahead while a command runs: pipelined commands, and the end of the stream behind them. */
const maxAheadBytes = 65_536;
/** What a piece takes beside its octets: a client that sends one octet a segment fills the room sooner. */
const pieceBytes = 256;

/**
 * Reads a connection, and a little ahead: so a client that goes away while a command runs is noticed, and one that
 * sends and sends takes no more memory than this.
 */
export class Inbox {
  /** Called once when the stream has ended or failed, though octets before that may not have been taken yet. */
  onEnd: ((how: "ended" | "failed") => void) | undefined;
  /** Called when no more is read ahead, so that the end of the stream will not be seen. */
  onFull: (() => void) | undefined;
  readonly #connection: Connection;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #end: { readonly error?: TransportError } | undefined;
  #isReading = false;
  #givenUp: Error | undefined;
  #waiter: { resolve(octets: Uint8Array | undefined): void; reject(error: unknown): void } | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether nothing more is read: the client has ended its side, or the room to read ahead is full. */
  get isStopped(): boolean {
    return this.#end !== undefined || this.#bytes >= maxAheadBytes;
  }

  /** The next octets; undefined at the end of the stream. One at a time. Rejects with TransportError. */
  take(): Promise<Uint8Array | undefined> {
    if (this.#givenUp !== undefined) return Promise.reject(this.#givenUp);
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#bytes -= chunk.length + pieceBytes;
      this.readAhead();
      return Promise.resolve(chunk);
    }
    if (this.#end !== undefined) {
      const { error } = this.#end;
      return error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.readAhead();
    });
  }

  /** Rejects {@link take}, that which waits and each after it. */
  giveUp(reason: Error): void {
    this.#givenUp = reason;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(reason);
  }

  /** Sees to it that a read is pending while there is room. */
  readAhead(): void {
    if (this.#isReading || this.#end !== undefined) return;
    if (this.#bytes >= maxAheadBytes) {
      this.onFull?.();
      return;
    }
    this.#isReading = true;
    this.#connection.read().then(
      (octets) => {
        this.#isReading = false;
        if (octets === undefined) this.#finish({});
        else this.#arrived(octets);
      },
      (cause: unknown) =>
        this.#finish({ error: new TransportError("CONNECTION_CLOSED", "the connection failed", [], { cause }) }),
    );
  }

  #arrived(octets: Uint8Array): void {
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#chunks.push(octets);
      this.#bytes += octets.length + pieceBytes;
      this.readAhead();
      return;
    }
    this.#waiter = undefined;
    waiter.resolve(octets);
  }

  #finish(end: { readonly error?: TransportError }): void {
    this.#end = end;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (end.error !== undefined) waiter?.reject(end.error);
    else waiter?.resolve(undefined);
    this.onEnd?.(end.error === undefined ? "ended" : "failed");
  }
}
