import type { Principal } from "../krb5/index.ts";
import type { TicketAuthorization } from "../pac/index.ts";

/** Where a command's output goes. */
export interface OutputWriter {
  /**
   * Sends octets, or text as UTF-8, to the client. It resolves when there is room for more: a handler that awaits each
   * write never has more than some hundred kilobytes in memory, however slow the client. Leave the octets alone until
   * then. Rejects with TransportError when the client is gone.
   */
  write(data: Uint8Array | string): Promise<void>;
}

/** Who asks, and for what: what an ACL function sees. */
export interface AclRequest {
  /** The caller's principal as text, for example `alice@EXAMPLE.ORG`. */
  readonly user: string;
  /** The same, taken apart. */
  readonly principal: Principal;
  /** The caller's IP address; undefined for a stream that came without one. */
  readonly address: string | undefined;
  /** When the caller's ticket ends; a connection goes on after it, as with remctld. */
  readonly expires: Date | undefined;
  /**
   * What the caller's ticket says beside the name: PAC, SIDs, indicators. Each is verified when it is asked for, and
   * throws if it is not proven. Undefined without the option `authorizationData` of the server.
   */
  readonly authorization: TicketAuthorization | undefined;
  /** The first argument of the command. */
  readonly command: string;
  /** The second argument, if there is one. */
  readonly subcommand: string | undefined;
  /** What follows the subcommand, octets as they came: an argument may be empty, and may have NULs in it. */
  readonly args: readonly Uint8Array[];
  /**
   * Aborts when the client goes away, and when the server closes and its grace period is over. Who waits without
   * heeding it keeps the connection's place until the wait is over (`maxConnectionsPerUser`).
   */
  readonly signal: AbortSignal;
}

/** What a handler gets. */
export interface CommandRequest extends AclRequest {
  /** The command's output. */
  readonly stdout: OutputWriter;
  /** Where the client speaks protocol version 1 this is joined with `stdout`, which is cut at 65,528 octets. */
  readonly stderr: OutputWriter;
}

/**
 * Runs a command: gives its exit status, 0 to 255. What it throws, and a status out of range, becomes ERROR_INTERNAL
 * with no word of the exception; {@link RemctlServerOptions.onError} hears of it.
 */
export type CommandHandler = (request: CommandRequest) => Promise<number> | number;

/** Decides whether a caller may run a command. Only `true` grants; what it throws denies. */
export type AclFunction = (request: AclRequest) => Promise<boolean> | boolean;

/**
 * Who may run a command: a function, or principals as text. `ANYUSER` in the list is everybody who has authenticated,
 * the anonymous principal excepted (RFC 6112). With the option `authorizationData` of the server a list may also have
 * `sid:S-1-5-...`, the SID of a user or a group in a verified PAC, and `indicator:NAME`, how a client logged in (RFC
 * 8129): a client without is not allowed by them. An empty list allows no client.
 */
export type Acl = AclFunction | readonly string[];

/** Text, or a function that makes it when somebody asks. */
export type HelpText = string | ((request: AclRequest) => Promise<string> | string);

/** One command of a server. The first whose command and subcommand match is the one, whatever its ACL says. */
export interface RemctlCommand {
  /** The first argument, or `ALL` for any. */
  readonly command: string;
  /** The second argument; `ALL` for any and for none; `EMPTY` for none. */
  readonly subcommand: string;
  /** Who may run it. */
  readonly acl: Acl;
  /** Its line in the answer to `help`. Without it the command is not listed there. */
  readonly summary?: HelpText | undefined;
  /** The answer to `help <command> <subcommand>`. Without it that is ERROR_NO_HELP. */
  readonly help?: HelpText | undefined;
  /**
   * Arguments that no log shows: by number, the subcommand being 1 as in remctld, or by the word before them:
   * `"--password"` hides what follows it, and the rest of `--password=...`.
   */
  readonly logmask?: readonly (number | string)[] | undefined;
  /** What it does. */
  readonly handler: CommandHandler;
}
