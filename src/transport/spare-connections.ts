import { type Connection, onAbort } from "../host/index.ts";

/** A connection that waits, and where it leads. */
interface Spare {
  readonly name: string;
  readonly end: AbortController;
  connection?: Promise<Connection | undefined>;
}

/**
 * TCP connections to a KDC that are opened beside the first one, for the exchanges that follow it: MIT's KDC closes
 * each after its answer. They are of one operation, and end with it.
 */
export class SpareConnections {
  /** Exchanges with a KDC that will follow the next one, as far as it is known. */
  following = 0;
  /** Exchanges that will follow a login. */
  afterLogin = 0;
  readonly #spares: Spare[] = [];

  /** Opens as many as are missing. One that fails is not missed, and one whose place is wanted is given up. */
  open(name: string, connect: (signal: AbortSignal, onWanted: () => boolean) => Promise<Connection>): void {
    for (let missing = this.following - this.#spares.length; missing > 0; missing--) {
      const spare: Spare = { name, end: new AbortController() };
      this.#spares.push(spare);
      spare.connection = connect(spare.end.signal, () => this.#giveUp(spare)).catch(() => undefined);
    }
  }

  /**
   * Takes one that leads there; undefined if it is missing, or was not to be had. One that is still being opened when
   * `signal` aborts is given up: nothing else ends it any more.
   */
  async take(name: string, signal?: AbortSignal): Promise<Connection | undefined> {
    const at = this.#spares.findIndex((spare) => spare.name === name);
    const [spare] = at < 0 ? [] : this.#spares.splice(at, 1);
    if (spare === undefined) return undefined;
    const forget = onAbort(signal, () => spare.end.abort(signal?.reason));
    try {
      return await spare.connection;
    } finally {
      forget();
    }
  }

  /** Ends those that nobody took. */
  close(): void {
    this.following = 0;
    for (const spare of [...this.#spares]) this.#giveUp(spare);
  }

  /** Ends one that nobody took; false if somebody did. */
  #giveUp(spare: Spare): boolean {
    const at = this.#spares.indexOf(spare);
    if (at < 0) return false;
    this.#spares.splice(at, 1);
    spare.end.abort();
    void spare.connection?.then((connection) => connection?.abort());
    return true;
  }
}
