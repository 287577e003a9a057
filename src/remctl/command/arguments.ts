import { refuse } from "../../checks/index.ts";
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

/** Throws TypeError for a command that is not a list, or that has nothing in it. */
export function checkCommand(args: unknown): void {
  if (!Array.isArray(args)) refuse("the command", args, "an array of arguments: strings or Uint8Arrays");
  // Section 2.4 allows it; no server knows such a command, and libremctl sends none.
  if (args.length === 0) throw new TypeError("the command is an empty array: give at least its name");
}

/** The same, and throws for an argument that no session takes, whatever kinds of them it has. */
export function checkArguments(args: readonly RemctlArgument[]): void {
  checkCommand(args);
  for (const [index, arg] of args.entries()) {
    if (typeof arg !== "string" && (typeof arg !== "object" || arg === null)) {
      throw new TypeError(`argument ${index} is neither a string nor a Uint8Array nor a stream`);
    }
  }
}

/**
 * The octets of each argument. An empty one is an argument too (remctl protocol section 2.4). Throws TypeError for what
 * is neither octets nor well-formed text, and RangeError past the limits: both before anything is sent.
 */
export function encodeArguments(args: readonly RemctlArgument[], limits: ArgumentLimits): Argument[] {
  checkCommand(args);
  if (args.length > limits.maxArguments) {
    throw new RangeError(
      `a command of ${args.length} arguments: the limit is ${limits.maxArguments} (maxArguments raises it)`,
    );
  }
  const encoded: Argument[] = [];
  // By index, for speed; with `map` the holes of a list would stay.
  for (let index = 0; index < args.length; index++) {
    encoded.push(encodeArgument(args[index] as RemctlArgument, index, limits));
  }
  const bytes = commandBytes(encoded);
  if (bytes > limits.maxCommandBytes) {
    throw new RangeError(
      `a command of ${bytes} octets: the limit is ${limits.maxCommandBytes} (maxCommandBytes raises it)`,
    );
  }
  for (const arg of encoded) {
    if (arg.length > 0xffff_ffff) {
      throw new RangeError(`argument ${encoded.indexOf(arg)} is longer than a 32-bit length can say: send less`);
    }
  }
  return encoded;
}

function encodeArgument(arg: RemctlArgument, index: number, { argumentKinds }: ArgumentLimits): Argument {
  if (arg instanceof Uint8Array) return arg;
  if (typeof arg !== "string") return (argumentKinds[0] ?? noKind).check(arg, index);
  // A lone surrogate has no UTF-8: the encoder would send U+FFFD in its place.
  if (/\p{Surrogate}/u.test(arg))
    throw new TypeError(`argument ${index} is not well-formed text (a lone surrogate): give octets`);
  return utf8.encode(arg);
}

/**
 * The same arguments, once they have passed every check that needs no session: text as octets, streams as they are.
 * Throws as {@link encodeArguments}.
 */
export function prepareArguments(args: readonly RemctlArgument[], limits: ArgumentLimits): readonly RemctlArgument[] {
  const encoded = encodeArguments(args, limits);
  return encoded.map((one, index) => (one instanceof Uint8Array ? one : (args[index] as RemctlArgument)));
}

const noKind: Pick<ArgumentKind, "check"> = {
  check: (_, index) => {
    throw new TypeError(
      `argument ${index} is neither a string nor a Uint8Array; a stream needs the option argumentKinds: [streamedArguments()]`,
    );
  },
};
