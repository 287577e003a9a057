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
  /** Whether rules may ask what a ticket says of its client. */
  readonly readsTickets: boolean;

  /** The commands have been checked. Throws TypeError for what is not an ACL: found before a client connects. */
  constructor(commands: readonly RemctlCommand[], readsTickets: boolean) {
    this.readsTickets = readsTickets;
    this.rules = commands.map((command, index) => compileRule(command, index, readsTickets));
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

function compileRule(command: RemctlCommand, index: number, readsTickets: boolean): Rule {
  const what = `commands[${index}]`;
  return {
    command: command.command,
    subcommand: command.subcommand,
    acl: compileAcl(command.acl, `${what} (${command.command} ${command.subcommand})`, readsTickets),
    summary: command.summary,
    help: command.help,
    logmask: [...(command.logmask ?? [])],
    handler: command.handler,
  };
}
