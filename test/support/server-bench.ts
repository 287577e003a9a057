import {
  createInitiator,
  createReplayCache,
  type InitiatorOptions,
  type SecurityContext,
} from "../../src/entry/gssapi.ts";
import {
  createRemctlServer,
  type ErrorSource,
  type RemctlCommand,
  type RemctlServer,
  type RemctlServerOptions,
  type ServerEvent,
} from "../../src/entry/server.ts";
import { openSession, type RemctlSession, type SessionOptions } from "../../src/remctl/index.ts";
import { createWorld, type TicketChoices, type World } from "../unit/gssapi/exchange.ts";
import { encTypes } from "../unit/gssapi/pair.ts";
import { createConnectionPair, type MemoryConnection } from "./memory-connection.ts";
import { RawRemctlClient } from "./raw-remctl-client.ts";
import { allParts } from "./remctl-harness.ts";

/** A server in memory with the real acceptor, and clients for it. */
export interface Bench {
  readonly server: RemctlServer;
  readonly world: World;
  /** Everything that the server said. */
  readonly events: ServerEvent[];
  readonly errors: { readonly error: unknown; readonly source: ErrorSource }[];
  /** A client that says what a test tells it; its context is not established. */
  connect(initiator?: Partial<InitiatorOptions>): BenchClient;
  /** An established one. */
  open(): Promise<BenchClient>;
  /** This package's own client. */
  session(options?: SessionOptions): Promise<RemctlSession>;
  /** The events of a type. */
  of<T extends ServerEvent["type"]>(type: T): Extract<ServerEvent, { type: T }>[];
}

export interface BenchClient extends RawRemctlClient {
  /** The server's end. */
  readonly far: MemoryConnection;
  /** Settles when the server is done with the connection. */
  readonly served: Promise<void>;
}

export const ALICE_TEXT = "alice@EXAMPLE.TEST";

export function createBench(
  commands: readonly RemctlCommand[],
  options: Partial<RemctlServerOptions> = {},
  ticket: TicketChoices = {},
): Bench {
  const now = Date.now();
  const times = { startTime: new Date(now - 60_000), endTime: new Date(Math.floor(now / 1000) * 1000 + 3_600_000) };
  const world = createWorld({ ...times, ...ticket });
  const events: ServerEvent[] = [];
  const errors: Bench["errors"] = [];
  const server = createRemctlServer({
    keytab: world.keytab,
    replayCache: createReplayCache(),
    commands,
    onTrace: (event) => events.push(event),
    onError: (error, source) => errors.push({ error, source }),
    ...options,
  });
  const initiator = (more: Partial<InitiatorOptions> = {}): SecurityContext =>
    createInitiator({
      target: "host@server.example.org",
      credential: { getTicket: async () => world.ticket },
      enctypes: encTypes,
      ...more,
    });
  const connect = (more: Partial<InitiatorOptions> = {}): BenchClient => {
    const pair = createConnectionPair();
    const served = server.accept(pair.server, { address: "192.0.2.7", port: 50_000 });
    const client = new RawRemctlClient(pair.client, initiator(more), () => pair.endUp());
    return Object.assign(client, { far: pair.server, served });
  };
  return {
    server,
    world,
    events,
    errors,
    connect,
    open: async () => {
      const client = connect();
      await client.establish();
      return client;
    },
    session: (more = {}) => {
      const pair = createConnectionPair();
      void server.accept(pair.server, { address: "192.0.2.7" });
      return openSession(pair.client, initiator(), { idleTimeoutMs: 5_000, ...allParts, ...more });
    },
    of: (type) => events.filter((event) => event.type === type) as never,
  };
}

/** A command that anybody may run. */
export function open(
  command: string,
  handler: RemctlCommand["handler"],
  more: Partial<RemctlCommand> = {},
): RemctlCommand {
  return { command, subcommand: "ALL", acl: ["ANYUSER"], handler, ...more };
}
