import type { Runtime } from "../host/index.ts";
import type { TraceListener } from "../trace.ts";

/** Where a command's octets go. */
export interface Output {
  /** True if a person reads it. */
  readonly isTerminal: boolean;
  /** Resolves when the host has taken the octets: await it, and a slow reader slows the command down. Text is UTF-8. */
  write(octets: Uint8Array | string): Promise<void>;
}

/** Where a command's octets come from. */
export interface Input {
  /** True if a person types it. */
  readonly isTerminal: boolean;
  /** The next octets, never empty; undefined at the end. Nothing is read before the first call. */
  read(): Promise<Uint8Array | undefined>;
}

/** What a command sees of the world; tests give another. */
export interface CommandHost {
  /** What was called: `kinit`, also where it was called as `krb5-remctl kinit`. Messages begin with it. */
  readonly name: string;
  /** The file of the program, where it is one: what `link` links to. */
  readonly program?: string;
  /** What stands after the name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly runtime: Runtime;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /**
   * Shows `prompt` (as `Password for alice@EXAMPLE.ORG: `, on standard output as MIT's tools do) and reads a line: from
   * a terminal without echo, else a line of standard input. Undefined at the end of the input. Rejects when
   * interrupted.
   */
  readSecret(prompt: string, to?: "stdout" | "stderr"): Promise<Uint8Array | undefined>;
  /** Shows `prompt` and reads a line that is not a secret; undefined at the end. Absent where the host cannot ask. */
  readLine?(prompt: string): Promise<Uint8Array | undefined>;
  /**
   * Aborts at SIGINT, SIGTERM and SIGHUP. Looking at it takes the signals over: look only where there is something to
   * undo.
   */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Gets the steps, if `KRB5_TRACE` or `krb5-remctl trace` asked for them: hand it on as `onTrace`. */
  readonly onTrace?: TraceListener;
  /** Every command of the program, for one that runs another. */
  readonly commands?: readonly Command[];
}

/** One command of the program: a file in `commands/` and a line in its index. */
export interface Command {
  readonly name: string;
  /** A few words for the list of commands. */
  readonly summary: string;
  /** Does it all, its messages included, and gives the exit status, 0 to 255. Loads its code only when it is called. */
  run(host: CommandHost): Promise<number>;
}
