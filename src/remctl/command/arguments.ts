import { isKerberosError, RemctlError } from "../../errors.ts";

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
  readonly index: number;
  readonly stream: StreamedArgument["stream"];
}

const utf8 = new TextEncoder();
/** Octets of the argument count, and of each length (remctl protocol section 2.4). */
export const WORD_BYTES = 4;

/** Octets of a command after its flags: the argument count, then a length and the octets of each argument. */
export function commandBytes(args: readonly { readonly length: number }[]): number {
  let bytes = WORD_BYTES;
  for (const arg of args) bytes += WORD_BYTES + arg.length;
  return bytes;
}

/**
 * The octets of each argument. None at all is a command too (remctl protocol section 2.4), and so is an empty one.
 * Throws TypeError for what is neither octets nor well-formed text, and RangeError past the limits: both before
 * anything is sent.
 */
export function encodeArguments(
  args: readonly RemctlArgument[],
  limits: { readonly maxArguments: number; readonly maxCommandBytes: number },
): Argument[] {
  if (!Array.isArray(args)) throw new TypeError("a command is an array of arguments: strings or Uint8Arrays");
  if (args.length > limits.maxArguments) {
    throw new RangeError(
      `a command of ${args.length} arguments: the limit is ${limits.maxArguments} (maxArguments raises it)`,
    );
  }
  const encoded = args.map((arg: RemctlArgument, index) => {
    if (arg instanceof Uint8Array) return arg;
    if (typeof arg !== "string") return checkStreamed(arg, index);
    // A lone surrogate has no UTF-8: the encoder would send U+FFFD in its place.
    if (/\p{Surrogate}/u.test(arg)) throw new TypeError(`argument ${index} is not well-formed text: a lone surrogate`);
    return utf8.encode(arg);
  });
  const bytes = commandBytes(encoded);
  if (bytes > limits.maxCommandBytes) {
    throw new RangeError(
      `a command of ${bytes} octets: the limit is ${limits.maxCommandBytes} (maxCommandBytes raises it)`,
    );
  }
  for (const [index, arg] of encoded.entries()) {
    if (arg.length > 0xffff_ffff) throw new RangeError(`argument ${index} is longer than a 32-bit length can say`);
  }
  return encoded;
}

function checkStreamed(arg: StreamedArgument, index: number): Streamed {
  const { size } = arg ?? {};
  if (typeof size !== "number" || typeof arg.stream !== "function") {
    throw new TypeError(`argument ${index} is neither a string nor a Uint8Array, and has no size and stream()`);
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`argument ${index} has no size: ${size}`);
  return { length: size, index, stream: () => arg.stream() };
}

/**
 * The octets of a streamed argument, exactly as many as were announced: an end that comes early or late is found before
 * the last piece is given. Every wait for the stream goes through `hold`. Throws what `hold` throws, and RemctlError
 * `REMCTL_ARGUMENT` for what the stream does.
 */
export async function* argumentPieces(
  { length, index, stream }: Streamed,
  hold: <T>(next: Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array, void> {
  let left = length;
  let last: Uint8Array | undefined;
  let pieces: AsyncIterator<Uint8Array> | undefined;
  try {
    pieces = (stream() as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await hold(Promise.resolve(pieces.next()));
      if (done) {
        pieces = undefined;
        break;
      }
      if (!(value instanceof Uint8Array)) throw new TypeError("its stream gave something else than a Uint8Array");
      left -= value.length;
      if (left < 0) throw new RangeError(`its stream gave more than the ${length} octets of its size`);
      if (last !== undefined) yield last;
      last = value;
    }
    if (left > 0) throw new RangeError(`its stream ended ${left} octets before the ${length} of its size`);
  } catch (cause) {
    if (isKerberosError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemctlError("REMCTL_ARGUMENT", `argument ${index} cannot be sent: ${reason}`, { cause });
  } finally {
    // Not waited for: a stream that is stuck does not end.
    if (pieces !== undefined) void Promise.resolve(pieces.return?.()).catch(() => {});
  }
  if (last !== undefined) yield last;
}
