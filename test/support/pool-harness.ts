import { openSession, type PoolConnect, type RemctlSession, type SessionOptions } from "../../src/remctl/index.ts";
import { FakeRemctlServer, splitArguments } from "./fake-remctl-server.ts";
import { createConnectionPair, type MemoryConnection } from "./memory-connection.ts";
import { allParts, type ContextChoices, createContexts, text } from "./remctl-harness.ts";

/** One connection that a pool opened, from both ends. */
export interface FarmConnection {
  readonly number: number;
  readonly host: string;
  readonly server: FakeRemctlServer;
  readonly client: MemoryConnection;
  readonly session: RemctlSession;
  /** Commands that the server has run, by their last argument. */
  readonly commands: string[];
  noops: number;
  hasQuit: boolean;
  isOver: boolean;
}

export interface FarmOptions extends SessionOptions {
  /** What protects the messages: see {@link createContexts}. */
  readonly contexts?: ContextChoices;
  /** When the tickets of new sessions end. */
  readonly expires?: () => Date | undefined;
  /** Before a connection is opened; what it throws is what connecting throws. */
  readonly onConnect?: (number: number, signal: AbortSignal) => Promise<unknown> | unknown;
  /** Instead of answering a NOOP. */
  readonly onNoop?: (connection: FarmConnection) => Promise<unknown> | unknown;
  /** Instead of answering a command. */
  readonly onCommand?: (connection: FarmConnection, args: readonly string[]) => Promise<unknown> | unknown;
}

/**
 * Servers in memory for as many connections as are opened. A command answers with its arguments; `hold NAME` waits for
 * `release(NAME)` first.
 */
export class Farm {
  readonly connections: FarmConnection[] = [];
  readonly #options: FarmOptions;
  readonly #held = new Map<string, () => void>();
  connects = 0;

  constructor(options: FarmOptions = {}) {
    this.#options = options;
  }

  /** Connections whose server has not seen an end. */
  get open(): number {
    return this.connections.filter(({ isOver }) => !isOver).length;
  }

  readonly connect: PoolConnect = async ({ host }, { signal }) => {
    const { expires, contexts, onConnect, onNoop: _n, onCommand: _c, ...options } = this.#options;
    const number = this.connects++;
    await onConnect?.(number, signal);
    const pair = createConnectionPair();
    const { initiator, acceptor } = createContexts(contexts);
    if (expires !== undefined) Object.defineProperty(initiator, "expires", { value: expires() });
    const server = new FakeRemctlServer(pair.server, acceptor);
    const accepted = server.accept();
    accepted.catch(() => {});
    const session = await openSession(pair.client, initiator, {
      idleTimeoutMs: 2_000,
      ...allParts,
      ...options,
      signal,
    });
    await accepted;
    const connection: FarmConnection = {
      number,
      host,
      server,
      client: pair.client,
      session,
      commands: [],
      noops: 0,
      hasQuit: false,
      isOver: false,
    };
    this.connections.push(connection);
    this.#serve(connection).catch(() => {
      connection.isOver = true;
    });
    return session;
  };

  release(name: string): void {
    this.#held.get(name)?.();
    this.#held.delete(name);
  }

  async #serve(connection: FarmConnection): Promise<void> {
    const { server } = connection;
    for (;;) {
      const message = await server.readMessage();
      if (message === undefined) break;
      if (message[1] === 2) {
        connection.hasQuit = true;
        break;
      }
      if (message[1] === 7) {
        connection.noops++;
        if (this.#options.onNoop === undefined) await server.message(3, 7);
        else await this.#options.onNoop(connection);
        continue;
      }
      const args = splitArguments(message.subarray(4)).map((arg) => text(arg));
      connection.commands.push(args.at(-1) ?? "");
      if (args[0] === "hold") await new Promise<void>((resolve) => this.#held.set(args[1] as string, resolve));
      if (this.#options.onCommand !== undefined) {
        await this.#options.onCommand(connection, args);
        continue;
      }
      await server.output(1, args.join(" "));
      await server.status(0);
    }
    connection.isOver = true;
    await server.close();
  }
}
