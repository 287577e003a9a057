import { type CredentialCache, findCredential, tgtNameIn } from "../credentials/index.ts";
import { equalPrincipals, type Principal } from "../krb5/index.ts";
import type { CommandHost } from "./command.ts";
import { CommandFailure } from "./failure.ts";
import type { ParsedArgs } from "./getopt.ts";
import type { KeeperOptions } from "./keeper.ts";
import { readCache } from "./local.ts";
import { complain } from "./program.ts";

const DEFAULT_INTERVAL_MINUTES = 60;

/** The options that k5start and krenew share, which have the words of Debian's programs for what goes not together. */
export async function keeperOptions(
  host: CommandHost,
  args: ParsedArgs,
  command: readonly string[],
): Promise<Omit<KeeperOptions, "retriesFirst" | "isLasting" | "hangsUp">> {
  const interval = minutesOf("-K interval", args.get("K"));
  const happyMinutes = minutesOf("-H limit", args.get("H"));
  const hasCommand = command.length > 0;
  if (args.has("a") && interval === undefined && !hasCommand) {
    throw new CommandFailure("-a only makes sense with -K or a command to run");
  }
  if (args.has("b") && interval === undefined && !hasCommand) {
    throw new CommandFailure("-b only makes sense with -K or a command to run");
  }
  if (happyMinutes !== undefined && hasCommand) throw new CommandFailure("-H option cannot be used with a command");
  if (args.has("c") && !hasCommand) throw new CommandFailure("-c option only makes sense with a command to run");
  if (args.has("b")) {
    const why = "a JavaScript program cannot put itself into the background";
    throw new CommandFailure(`-b is not possible: ${why}; leave it out, and use the shell's & or a service manager`);
  }
  if (args.has("t")) {
    throw new CommandFailure("-t is not possible: AFS is not supported; leave -t out and run aklog from the command");
  }
  if (args.has("L")) {
    await complain(host, "-L has no effect: JavaScript has no syslog; messages go to standard error only");
  }
  return {
    command,
    intervalMinutes: interval ?? (hasCommand ? DEFAULT_INTERVAL_MINUTES : 0),
    happyMinutes,
    isEager: args.has("a"),
    endsOnFailure: args.has("x"),
    pidFile: args.get("p"),
    childFile: args.get("c"),
  };
}

function minutesOf(what: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const minutes = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (minutes === 0) {
    throw new CommandFailure(`${what} argument ${text} invalid`, { advice: "write minutes, 1 or more" });
  }
  return minutes;
}

/** When the ticket of a cache ends; undefined where the cache has none of this client. */
export async function ticketEnd(
  cache: CredentialCache,
  client?: Principal,
  server?: Principal,
): Promise<number | undefined> {
  const contents = await readCache(cache).catch(() => undefined);
  if (contents === undefined) return undefined;
  if (client !== undefined && !equalPrincipals(contents.principal, client)) return undefined;
  const ticket = findCredential(contents, { server: server ?? tgtNameIn(contents) });
  return ticket && ticket.endTime.getTime() - (contents.clockOffsetMs ?? 0);
}

/** A cache that a command has for itself: nobody guesses its name. */
export function privateCacheName(host: CommandHost): string {
  return `FILE:${process.getBuiltinModule("node:os").tmpdir()}/krb5cc_${host.runtime.files?.().uid ?? 0}_${randomName()}`;
}

/** 96 random bits, as a part of a file's name. */
export function randomName(): string {
  const octets = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}
