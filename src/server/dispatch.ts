import { decodeText, encodeText } from "../bytes/index.ts";
import { isPermitted } from "./acl.ts";
import type { AclRequest, HelpText } from "./command.ts";
import type { CommandTable, Rule } from "./command-table.ts";
import { REFUSAL, type Refusal } from "./failure.ts";
import { formatCommand } from "./log-line.ts";
import type { CommandOutput } from "./output.ts";

/** A command or subcommand that is longer is refused before it is made into text. */
const maxNameBytes = 65_536;
const HELP = "help";

/** Who asks. */
export type Caller = Pick<AclRequest, "user" | "principal" | "address" | "expires" | "authorization">;

/** What running a command needs. */
export interface Dispatch {
  readonly table: CommandTable;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly output: CommandOutput;
  /** Called before the command runs, with what makes its log line. */
  readonly onCommand: (line: () => string) => void;
  /** What a handler, an ACL or a help text threw. */
  readonly onError: (error: unknown) => void;
}

/** Runs one command: finds it, asks its ACL, and gives the exit status of its handler or the error to answer with. */
export async function dispatch(args: readonly Uint8Array[], context: Dispatch): Promise<number | Refusal> {
  const { table, caller, signal, output } = context;
  const [first, second] = args;
  if (first === undefined) return REFUSAL.unknownCommand;
  for (const name of [first, second]) {
    if (name === undefined) continue;
    if (name.length > maxNameBytes) return REFUSAL.tooMuchData;
    // A name that is passed on to a program ends there at a NUL. Arguments go to functions: they may have NULs.
    if (name.includes(0)) return REFUSAL.badCommand;
  }
  const command = decodeText(first);
  const subcommand = second === undefined ? undefined : decodeText(second);
  const rule = table.find(command, subcommand);
  const request: AclRequest = { ...caller, command, subcommand, args: args.slice(2), signal };
  const isHelp = rule === undefined && command === HELP;
  const logmask = rule?.logmask ?? (isHelp ? [] : "all");
  context.onCommand(() => `COMMAND from ${caller.user}: ${formatCommand(args, logmask)}`);
  try {
    if (isHelp) return await help(request, context);
    if (rule === undefined) return REFUSAL.unknownCommand;
    if (!(await isPermitted(rule.acl, request, context.onError))) return REFUSAL.access;
    const status: unknown = await rule.handler({ ...request, stdout: output.stdout, stderr: output.stderr });
    if (Number.isInteger(status) && (status as number) >= 0 && (status as number) <= 255) return status as number;
    throw new RangeError(
      `the handler of ${rule.command} ${rule.subcommand} gave ${String(status)}, not a status of 0 to 255`,
    );
  } catch (error) {
    context.onError(error);
    return REFUSAL.internal;
  }
}

/**
 * `help`, where no command of that name is configured: alone, the summaries of all commands that the caller may run;
 * with a command and a subcommand, that one's help. As remctld, but for its two answers to more than two arguments.
 */
async function help(request: AclRequest, context: Dispatch): Promise<number | Refusal> {
  const { table, output, onError } = context;
  const { subcommand: command, args } = request;
  if (args.length > 1) return REFUSAL.tooManyHelpArgs;
  if (command === undefined) return summaries(request, context);
  const subcommand = args[0] === undefined ? undefined : decodeText(args[0]);
  const rule = table.find(command, subcommand);
  if (rule === undefined) return REFUSAL.unknownCommand;
  const asked: AclRequest = { ...request, command, subcommand, args: [] };
  if (!(await isPermitted(rule.acl, asked, onError))) return REFUSAL.access;
  if (rule.help === undefined) return REFUSAL.noHelp;
  await output.stdout.write(await textOf(rule.help, asked));
  return 0;
}

async function summaries(request: AclRequest, { table, output, onError }: Dispatch): Promise<number | Refusal> {
  let hasAny = false;
  for (const rule of table.rules) {
    if (rule.summary === undefined) continue;
    const asked: AclRequest = { ...request, command: rule.command, subcommand: namedSubcommand(rule), args: [] };
    if (!(await isPermitted(rule.acl, asked, onError))) continue;
    hasAny = true;
    await output.stdout.write(await textOf(rule.summary, asked));
  }
  return hasAny ? 0 : REFUSAL.unknownCommand;
}

function namedSubcommand({ subcommand }: Rule): string | undefined {
  return subcommand === "ALL" || subcommand === "EMPTY" ? undefined : subcommand;
}

async function textOf(help: HelpText, request: AclRequest): Promise<Uint8Array> {
  const text = typeof help === "string" ? help : await help(request);
  if (typeof text !== "string") throw new TypeError("a summary or help function gave no text");
  return encodeText(text.endsWith("\n") ? text : `${text}\n`);
}
