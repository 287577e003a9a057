import type { Argument, ArgumentKind, RemctlArgument } from "./argument.ts";

/** What bounds a command. */
export interface ArgumentLimits {
  readonly maxArguments: number;
  readonly maxCommandBytes: number;
  /** Takes what is neither text nor octets. */
  readonly argumentKinds: readonly ArgumentKind[];
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
export function encodeArguments(args: readonly RemctlArgument[], limits: ArgumentLimits): Argument[] {
  if (!Array.isArray(args)) throw new TypeError("a command is an array of arguments: strings or Uint8Arrays");
  if (args.length > limits.maxArguments) {
    throw new RangeError(
      `a command of ${args.length} arguments: the limit is ${limits.maxArguments} (maxArguments raises it)`,
    );
  }
  const encoded = args.map((arg: RemctlArgument, index) => {
    if (arg instanceof Uint8Array) return arg;
    if (typeof arg !== "string") return (limits.argumentKinds[0] ?? noKind).check(arg, index);
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

const noKind: Pick<ArgumentKind, "check"> = {
  check: (_, index) => {
    throw new TypeError(
      `argument ${index} is neither a string nor a Uint8Array; a stream needs the option argumentKinds: [streamedArguments()]`,
    );
  },
};
