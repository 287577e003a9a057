import { isKerberosError, RemctlError } from "../../errors.ts";
import type {
  Argument,
  ArgumentKind,
  CommandMessage,
  Hold,
  RemctlArgumentKind,
  Streamed,
  StreamedArgument,
} from "./argument.ts";
import { commandBytes } from "./arguments.ts";
import { CommandEncoder } from "./command-encoder.ts";

/**
 * Makes the part that sends arguments from streams, for the option `argumentKinds`. The main entry has it in place.
 *
 * @returns a value for `argumentKinds`
 * @example
 * ```ts
 * import { createClient, streamedArguments } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   kdc: ["tcp://kdc.example.org"],
 *   argumentKinds: [streamedArguments()],
 * });
 * await client.remctl("server.example.org", ["photo", "put", new Blob(["octets"])]);
 * ```
 */
export function streamedArguments(): RemctlArgumentKind {
  const kind: ArgumentKind = { kind: "streamed", check: checkStreamed };
  return kind;
}

function checkStreamed(arg: unknown, index: number): Streamed {
  const { size, stream } = (arg ?? {}) as Partial<StreamedArgument>;
  if (typeof size !== "number" || typeof stream !== "function") {
    throw new TypeError(`argument ${index} is neither a string nor a Uint8Array, and has no size and stream()`);
  }
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`argument ${index} has no size: ${size}`);
  const open = (): ReturnType<typeof stream> => stream.call(arg);
  return { length: size, pieces: (hold) => argumentPieces(size, index, open, hold), encode: encodeStreamed };
}

/** As {@link encodeCommand}, with arguments that come in pieces. */
async function* encodeStreamed(
  args: readonly Argument[],
  keepAlive: boolean,
  firstMessageBytes: number,
  hold: Hold,
): AsyncGenerator<CommandMessage, void> {
  const encoder = new CommandEncoder(args.length, commandBytes(args), keepAlive, firstMessageBytes);
  for (const arg of args) {
    for (const octets of encoder.length(arg.length)) yield { octets, isLast: false };
    if (arg instanceof Uint8Array) {
      for (const octets of encoder.data(arg)) yield { octets, isLast: false };
    } else {
      for await (const piece of arg.pieces(hold)) {
        for (const octets of encoder.data(piece)) yield { octets, isLast: false };
      }
    }
  }
  yield { octets: encoder.finish(), isLast: true };
}

/**
 * The octets of a streamed argument, exactly as many as were announced: an end that comes early or late is found before
 * the last piece is given. Throws what `hold` throws, and RemctlError `REMCTL_ARGUMENT` for what the stream does.
 */
async function* argumentPieces(
  length: number,
  index: number,
  open: StreamedArgument["stream"],
  hold: Hold,
): AsyncGenerator<Uint8Array, void> {
  let left = length;
  let last: Uint8Array | undefined;
  let pieces: AsyncIterator<Uint8Array> | undefined;
  try {
    pieces = (open() as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = await hold(Promise.resolve(pieces.next()));
      if (done) {
        pieces = undefined;
        break;
      }
      if (!(value instanceof Uint8Array))
        throw new TypeError("its stream gave a value that is not a Uint8Array: let it give octets");
      left -= value.length;
      if (left < 0) throw new RangeError(`its stream gave more than the ${length} octets of its size`);
      if (last !== undefined) yield last;
      last = value;
    }
    if (left > 0) throw new RangeError(`its stream ended ${left} octets before the ${length} of its size: set it`);
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
