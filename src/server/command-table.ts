import { compileAcl } from "./acl.ts";
import type { AclFunction, CommandHandler, HelpText, RemctlCommand } from "./command.ts";

const ALL = "ALL";
const EMPTY = "EMPTY";

/** A command, checked. */
export interface Rule {
  readonly command: string;
  readonly subcommand: string;
  readonly acl: AclFunction;
  readonly summary: HelpText | undefined;
  readonly help: HelpText | undefined;
  readonly logmask: readonly (number | string)[];
  readonly handler: CommandHandler;
}

/** A server's commands in their order. */
export class CommandTable {
  readonly rules: readonly Rule[];

  /** Throws TypeError for anything that is not a command: the caller's mistake, found before a client connects. */
  constructor(commands: readonly RemctlCommand[]) {
    if (!Array.isArray(commands)) throw new TypeError("commands is not an array");
    this.rules = (commands as readonly RemctlCommand[]).map(compileRule);
  }

  /** The first command that matches, as remctld finds it. A caller's own word EMPTY is an ordinary word. */
  find(command: string, subcommand: string | undefined): Rule | undefined {
    return this.rules.find(
      (rule) => (rule.command === ALL || rule.command === command) && matchesSubcommand(rule.subcommand, subcommand),
    );
  }
}

function matchesSubcommand(wanted: string, subcommand: string | undefined): boolean {
  if (wanted === ALL) return true;
  return subcommand === undefined ? wanted === EMPTY : wanted !== EMPTY && wanted === subcommand;
}

function compileRule(command: RemctlCommand, index: number): Rule {
  const what = `commands[${index}]`;
  for (const name of ["command", "subcommand"] as const) {
    const value: unknown = command?.[name];
    if (typeof value !== "string") throw new TypeError(`${what}.${name} is not text: write ALL for any`);
    if (value.includes("\0")) throw new TypeError(`${what}.${name} has a NUL, which no client may send there`);
  }
  if (typeof command.handler !== "function") throw new TypeError(`${what}.handler is not a function`);
  for (const name of ["summary", "help"] as const) {
    const value: unknown = command[name];
    if (value !== undefined && typeof value !== "string" && typeof value !== "function") {
      throw new TypeError(`${what}.${name} is neither text nor a function that gives it`);
    }
  }
  const logmask = command.logmask ?? [];
  for (const entry of logmask) {
    if (typeof entry === "string" ? entry === "" : !(Number.isInteger(entry) && entry >= 1)) {
      throw new TypeError(
        `${what}.logmask has ${JSON.stringify(entry)}: numbers begin at 1, the subcommand; names are text`,
      );
    }
  }
  return {
    command: command.command,
    subcommand: command.subcommand,
    acl: compileAcl(command.acl, `${what} (${command.command} ${command.subcommand})`),
    summary: command.summary,
    help: command.help,
    logmask: [...logmask],
    handler: command.handler,
  };
}
