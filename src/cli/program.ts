import { printableText } from "../bytes/index.ts";
import { createTrace } from "../trace.ts";
import type { CommandHost } from "./command.ts";
import { type OptionSpec, type ParsedArgs, parseArgs, UsageError } from "./getopt.ts";

/** What {@link runProgram} knows of a command before it runs. */
export interface Program extends OptionSpec {
  /** Printed after a command line that does not read: `Usage: kinit [-V] ...`, whole lines. */
  readonly usage: string;
  /** Printed after `usage` for `--help`: what the options mean, whole lines. */
  readonly help: string;
  /** The exit status of a command line that does not read. */
  readonly usageStatus: number;
  /** Options that are taken and have no effect, with why: each that is given is a line in the trace. */
  readonly unused?: Readonly<Record<string, string>>;
}

/**
 * Runs a command's body: reads the command line, answers `--help`, prints usage, and turns an error into a line
 * `name: message` and the status 1. A body that throws {@link UsageError} has its message printed before the usage.
 *
 * ```ts
 * import type { CommandHost } from "./command.ts";
 *
 * const program: Program = { short: "q", usage: "usage: kgreet [-q]", help: "", usageStatus: 2 };
 * const kgreet = (host: CommandHost): Promise<number> =>
 *   runProgram(program, host, async (args) => {
 *     if (!args.has("q")) await host.stdout.write("hello\n");
 *     return 0;
 *   });
 * ```
 */
export async function runProgram(
  program: Program,
  host: CommandHost,
  body: (args: ParsedArgs) => Promise<number>,
): Promise<number> {
  try {
    const args = parseArgs(host.args, { ...program, long: { ...program.long, help: "help" } });
    if (args.has("help")) {
      await host.stdout.write(`${program.usage}\n${program.help}`);
      return 0;
    }
    noteUnused(program, host, args);
    return await body(args);
  } catch (error) {
    if (error instanceof UsageError) {
      if (error.message !== "")
        await (error.isBare ? host.stderr.write(`${error.message}\n`) : complain(host, error.message));
      await host.stderr.write(program.usage);
      return program.usageStatus;
    }
    if (isBrokenPipe(error)) throw error;
    await complainOf(host, error);
    return 1;
  }
}

function noteUnused({ unused = {} }: Program, host: CommandHost, { options }: ParsedArgs): void {
  const trace = createTrace(host.onTrace, host.now);
  for (const { name, value } of options) {
    if (!Object.hasOwn(unused, name)) continue;
    const option = `${name.length > 1 ? "--" : "-"}${name}${value === undefined ? "" : ` ${value}`}`;
    trace({ type: "note", text: `${option} has no effect: ${unused[name]}` });
  }
}

/** One line on standard error: `kinit: message`. */
export async function complain(host: CommandHost, message: string): Promise<void> {
  await host.stderr.write(`${host.name}: ${printableText(message)}\n`);
}

/** The line of an error; on a terminal a second one, with what to do: a log is read by what knows MIT's one line. */
export async function complainOf(host: CommandHost, error: unknown): Promise<void> {
  await complain(host, messageOf(error));
  const advice = (error as { readonly advice?: unknown } | undefined)?.advice;
  if (typeof advice === "string" && host.stderr.isTerminal) await host.stderr.write(`  ${printableText(advice)}\n`);
}

/** What an error says. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { detail } = error as { readonly detail?: unknown };
  return typeof detail === "string" ? `${error.message}: ${detail}` : error.message;
}

/** Whether an error says that nobody reads our output any more. */
export function isBrokenPipe(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === "EPIPE";
}
