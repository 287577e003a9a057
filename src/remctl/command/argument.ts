/**
 * Octets that come when they are needed, and whose number is known before: a `Blob` (of a file: `fs.openAsBlob`), or
 * `{ size, stream: () => createReadStream(path) }`. The stream must give exactly `size` octets.
 */
export interface StreamedArgument {
  /** Octets. */
  readonly size: number;
  /** The octets from the first on; asked for once for each command. */
  stream(): AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;
}

/** An argument of a command: octets as they are, text sent as UTF-8, or a stream of known length. */
export type RemctlArgument = string | Uint8Array | StreamedArgument;

/** An argument, ready to be sent. */
export type Argument = Uint8Array | Streamed;

/** A {@link StreamedArgument} that has been checked. */
export interface Streamed {
  readonly length: number;
  /** Its octets, exactly `length`. Every wait for the stream goes through `hold`. */
  pieces(hold: Hold): AsyncIterable<Uint8Array>;
  /** All messages of a command that has this argument among others. */
  encode(
    args: readonly Argument[],
    keepAlive: boolean,
    firstMessageBytes: number,
    hold: Hold,
  ): AsyncIterable<CommandMessage>;
}

/** Waits for a caller's stream, for as long as the command may go on. */
export type Hold = <T>(next: Promise<T>) => Promise<T>;

/** A kind of argument beside text and octets: `streamedArguments()` makes it. */
export interface RemctlArgumentKind {
  /** Streams of known length. */
  readonly kind: "streamed";
}

/** {@link RemctlArgumentKind} with what the session does with it. */
export interface ArgumentKind extends RemctlArgumentKind {
  /** Throws TypeError for what is not of this kind, and RangeError for what cannot be sent. */
  check(arg: unknown, index: number): Streamed;
}

/** One COMMAND message and whether it completes the command. */
export interface CommandMessage {
  /** A view that the next message overwrites. */
  readonly octets: Uint8Array;
  readonly isLast: boolean;
}
