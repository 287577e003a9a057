import { CommandFailure } from "../failure.ts";
import type { ParsedArgs } from "../getopt.ts";
import { parseLifetime } from "../time.ts";

/** kstart's, whatever krb5.conf says. */
export const DEFAULT_LIFETIME = "10h";

/** A lifetime in whole minutes, as kstart has it. Below one it stays, where kstart takes a ticket that has ended. */
export function wholeMinutes(lifetime: string): string {
  const seconds = parseLifetime(lifetime) ?? 0;
  return seconds < 60 ? lifetime : `${seconds - (seconds % 60)}s`;
}

/** What stands behind the principal; behind nothing where `-U` or `-u` says who logs in. */
export function commandOf(args: ParsedArgs): readonly string[] {
  return args.has("U") || args.has("u") ? args.operands : args.operands.slice(1);
}

/** Refuses what goes not together, before anything is read or sent, in the words of Debian's k5start. */
export function refuseCombinations(args: ParsedArgs, command: readonly string[]): void {
  const interval = Number(args.get("K") ?? 0);
  const lifetime = args.get("l") ?? DEFAULT_LIFETIME;
  const seconds = parseLifetime(lifetime);
  if (seconds === undefined) refuse(`bad lifetime value ${lifetime}, use 10h 10m format`);
  if (args.has("b") && !args.has("f")) refuse("-b option requires a keytab be specified with -f");
  if (args.has("K") && interval > 0 && !args.has("f")) refuse("-K option requires a keytab be specified with -f");
  if (command.length > 0 && !args.has("f")) refuse("running a command requires a keytab be specified with -f");
  if (interval > seconds / 60) {
    refuse(`-K limit ${interval} must be smaller than lifetime ${Math.floor(seconds / 60)}`);
  }
  if (args.has("i") && (args.get("u") ?? args.operands[0] ?? "").includes("/")) {
    refuse("instance specified in the principal and with -i");
  }
  if (args.has("U") && !args.has("f")) refuse("-U option requires a keytab be specified with -f");
  if (args.has("U") && (args.has("u") || args.has("i"))) refuse("-U option cannot be used with -u or -i options");
  if (args.has("s") && args.has("f")) refuse("cannot use both -s and -f flags");
}

function refuse(words: string): never {
  throw new CommandFailure(words, { advice: "k5start -h shows the options" });
}
