/** Short options as getopt(3) has them: the letters, a colon after each that takes a value; and long ones by name. */
export interface OptionSpec {
  /** As `"Vl:s:"`. */
  readonly short: string;
  /** Long options: the letter that each stands for, or another name, with a colon after it if it takes a value. */
  readonly long?: Readonly<Record<string, string>>;
  /** Whether the first operand ends the options; else options may stand behind operands. Default false. */
  readonly stopAtOperand?: boolean;
  /**
   * Whether options count up to the first that does not read, which is then in `error`; else it is thrown. Default
   * false.
   */
  readonly isInOrder?: boolean;
}

/** What a command line says. */
export interface ParsedArgs {
  /** In the order of the command line; `value` where the option takes one. */
  readonly options: readonly ParsedOption[];
  readonly operands: readonly string[];
  /** With `isInOrder`: why the option after these does not read. */
  readonly error: UsageError | undefined;
  /** Whether an option was given. */
  has(name: string): boolean;
  /** The value of the last of an option; undefined if it was not given. */
  get(name: string): string | undefined;
  /** The values of all of an option. */
  all(name: string): readonly string[];
}

export interface ParsedOption {
  /** The letter, or the long name that has no letter. */
  readonly name: string;
  readonly value?: string;
}

/** A command line that does not read; `message` is getopt's, without the program's name. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** Whether the message stands alone, without the program's name before it. */
  readonly isBare: boolean;

  constructor(message: string = "", { isBare = false }: { readonly isBare?: boolean } = {}) {
    super(message);
    this.isBare = isBare;
  }
}

/**
 * Reads a command line as getopt_long(3) of glibc does: options together (`-Vk`), a value in the same word or the next
 * one, long names cut short where that is clear, `--` before operands. Throws {@link UsageError} with getopt's words.
 *
 * ```ts
 * const args = parseArgs(["-kt", "file", "alice"], { short: "kt:" });
 * args.get("t"); // "file"
 * ```
 */
export function parseArgs(argv: readonly string[], spec: OptionSpec): ParsedArgs {
  const takesValue = new Map<string, boolean>();
  for (let i = 0; i < spec.short.length; i++) {
    if (spec.short[i] !== ":") takesValue.set(spec.short[i] as string, spec.short[i + 1] === ":");
  }
  const options: ParsedOption[] = [];
  const operands: string[] = [];
  let at = 0;
  let error: UsageError | undefined;
  try {
    readAll();
  } catch (thrown) {
    if (!spec.isInOrder || !(thrown instanceof UsageError)) throw thrown;
    error = thrown;
  }
  return {
    options,
    operands,
    error,
    has: (name) => options.some((option) => option.name === name),
    get: (name) => options.filter((option) => option.name === name).at(-1)?.value,
    all: (name) => options.flatMap((option) => (option.name === name ? [option.value ?? ""] : [])),
  };

  function readAll(): void {
    while (at < argv.length) {
      const word = argv[at++] as string;
      if (word === "--") break;
      if (word.startsWith("--")) {
        at = readLong(word, at);
      } else if (word.startsWith("-") && word.length > 1) {
        at = readShort(word, at);
      } else {
        operands.push(word);
        if (spec.stopAtOperand) break;
      }
    }
    // Not all at once: a call has room for some ten thousand arguments, and a command line may have more.
    for (; at < argv.length; at++) operands.push(argv[at] as string);
  }

  function readShort(word: string, next: number): number {
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] as string;
      const wants = takesValue.get(letter);
      if (wants === undefined) throw new UsageError(`invalid option -- '${letter}'`);
      if (!wants) {
        options.push({ name: letter });
        continue;
      }
      const value = i + 1 < word.length ? word.slice(i + 1) : argv[next++];
      if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`);
      options.push({ name: letter, value });
      break;
    }
    return next;
  }

  function readLong(word: string, next: number): number {
    const equals = word.indexOf("=");
    const name = word.slice(2, equals < 0 ? undefined : equals);
    const long = spec.long ?? {};
    const fitting = Object.hasOwn(long, name) ? [name] : Object.keys(long).filter((one) => one.startsWith(name));
    const meanings = new Set(fitting.map((one) => long[one]));
    if (fitting.length === 0) throw new UsageError(`unrecognized option '${word}'`);
    if (meanings.size > 1) {
      throw new UsageError(
        `option '${word}' is ambiguous; possibilities: ${fitting.map((one) => `'--${one}'`).join(" ")}`,
      );
    }
    const full = fitting[0] as string;
    const meaning = long[full] as string;
    const letter = meaning.replace(/:$/, "");
    const wants = meaning.endsWith(":") || takesValue.get(letter) === true;
    if (!wants) {
      if (equals >= 0) throw new UsageError(`option '--${full}' doesn't allow an argument`);
      options.push({ name: letter });
      return next;
    }
    const value = equals >= 0 ? word.slice(equals + 1) : argv[next++];
    if (value === undefined) throw new UsageError(`option '--${full}' requires an argument`);
    options.push({ name: letter, value });
    return next;
  }
}
