import type { SecurityContext } from "../gssapi/index.ts";
import type { Packet, PacketParser } from "../remctl-wire/index.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Budget } from "./byte-store.ts";
import type { CommandTable } from "./command-table.ts";
import type { ErrorSource, Report } from "./events.ts";
import type { Refusal } from "./failure.ts";
import type { ServerLimits } from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import type { CommandOutput } from "./output.ts";

/** What all connections of a server share. */
export interface ServerParts {
  readonly limits: ServerLimits;
  readonly table: CommandTable;
  /** For what principals send. */
  readonly budget: Budget;
  /** For long context tokens, whose senders nobody knows yet. */
  readonly strangers: Budget;
  /** Buffers for packets. */
  readonly slabs: BufferPool;
  /** Buffers for output that is not sealed yet. */
  readonly plain: BufferPool;
  /** Counts a connection of a principal. Throws Hangup if it has too many. */
  readonly admit: (user: string) => void;
  readonly report: Report;
  /** Whether anybody hears {@link report}. */
  readonly isTraced: boolean;
  readonly onError: (error: unknown, source: Omit<ErrorSource, "connection">) => void;
}

/** A connected client as the handshake and the versions of the protocol see it. */
export interface ServedClient {
  readonly parser: PacketParser;
  readonly outbox: Outbox;
  readonly context: SecurityContext;
  readonly parts: ServerParts;
  /** The principal, once it is known. */
  readonly user: string | undefined;
  /** Whether nothing can be sent any more. */
  readonly isGone: boolean;
  /** Aborts when nothing can be sent any more. */
  readonly gone: AbortSignal;
  /** The next packet, or undefined if the client has ended its side or the server is closing. */
  nextPacket(): Promise<Packet | undefined>;
  /** Tells whether messages of a command are missing: its octets are counted and its time runs. */
  awaitsMore(isUnfinished: boolean): void;
  /** Opens a sealed message. A token that does not open is answered with `farewell`, and the connection ends. */
  unwrap(token: Uint8Array, farewell: Uint8Array): Promise<Uint8Array>;
  /**
   * Runs one command with `output`; gives its exit status or the error to answer with. `probe` sends a sign of life.
   */
  runCommand(args: readonly Uint8Array[], output: CommandOutput, probe?: () => void): Promise<number | Refusal>;
}
