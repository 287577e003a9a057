import type { Connection } from "../host/index.ts";

/** A connection that waits, and where it leads. */
interface Spare {
  readonly name: string;
  readonly connection: Promise<Connection | undefined>;
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
  #end: AbortController | undefined;

  /** Opens as many as are missing. One that fails is not missed. */
  open(name: string, connect: (signal: AbortSignal) => Promise<Connection>): void {
    while (this.#spares.length < this.following) {
      this.#end ??= new AbortController();
      const { signal } = this.#end;
      this.#spares.push({ name, connection: connect(signal).catch(() => undefined) });
    }
  }

  /** Takes one that leads there; undefined if there is none, or it was not to be had. */
  async take(name: string): Promise<Connection | undefined> {
    const at = this.#spares.findIndex((spare) => spare.name === name);
    return at < 0 ? undefined : await this.#spares.splice(at, 1)[0]?.connection;
  }

  /** Ends those that nobody took. */
  close(): void {
    this.following = 0;
    this.#end?.abort();
    for (const { connection } of this.#spares.splice(0)) void connection.then((spare) => spare?.abort());
  }
}
