import { type CacheContents, findCredential, tgtNameIn } from "../../credentials/index.ts";
import { hasCode } from "../../errors.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { type KeptTicket, keepTicket } from "../keeper.ts";
import { keeperOptions, privateCacheName, ticketEnd } from "../keeper-options.ts";
import { cacheOf, fileNameOf, needCache, openLocal } from "../local.ts";
import { type Program, runProgram } from "../program.ts";
import { nameOf, say } from "../text.ts";
import { obtainTicket } from "./kinit.ts";

const program: Program = {
  short: "abc:H:hiK:k:Lp:qstvx",
  usage: `Usage: krenew [-ahiLqsvx] [-k cache] [-K minutes] [-H minutes] [-p file] [-c file] [[--] command [arguments]]
`,
  help: `Renews the ticket of a cache, and keeps it for as long as a command runs, or until it cannot be renewed any more. A
command gets a copy of the cache for itself, by KRB5CCNAME; the copy is removed when the command ends. The exit status is
the command's, or 128 and the number of the signal that ended it. HUP, INT, QUIT and TERM are passed to the command; ALRM
renews the ticket at once.

  -K    looks at the ticket every so many minutes, and renews one that ends within two minutes after the next look
        (default with a command: 60)
  -H    does nothing if the ticket is good for so many minutes; with -K: in place of the two minutes
  -a    renews the ticket at each look
  -k    the cache (default: KRB5CCNAME, krb5.conf, FILE:/tmp/krb5cc_UID)
  -i    goes on when the ticket cannot be renewed, and tries again
  -s    sends HUP to the command when krenew ends because the ticket cannot be renewed
  -x    ends at any failure
  -p    writes the process ID of krenew to a file, and removes the file at the end
  -c    writes the process ID of the command to a file, and removes the file at the end
  -v    prints what it does
  -h    prints this text
  -b    refused: a JavaScript program cannot put itself into the background
  -t    refused: AFS is not supported
  -L    accepted with a warning: messages go to standard error, not to syslog

Example: krenew -K 10 -- node worker.js
`,
  usageStatus: 1,
  unused: { q: "nothing is printed without -v" },
};

/** `krenew`. */
export function krenew(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    if (args.has("h")) {
      await host.stdout.write(`${program.usage}\n${program.help}`);
      return 0;
    }
    const command = args.operands;
    const options = await keeperOptions(host, args, command);
    if (args.has("s") && command.length === 0) {
      throw new CommandFailure("-s option only makes sense with a command to run");
    }
    const local = await openLocal(host, "while initializing Kerberos 5 library");
    const given = await cacheOf(local, args.get("k"), "error opening ticket cache");
    const isOwn = command.length > 0;
    const cache = isOwn ? await cacheOf(local, privateCacheName(host)) : given;
    if (isOwn) await cache.initialize(await needCache(given, "while copying the cache"));
    const ticket: KeptTicket = {
      // Without its type, as Debian's krenew has it.
      cacheName: fileNameOf(cache),
      refresh: async () => {
        const contents = await needCache(cache, "while renewing credentials");
        const { principal } = contents;
        if (args.has("v")) await say(host, `${host.name}: renewing credentials for ${nameOf(principal)}`);
        refuseShort(contents, host.now(), options.happyMinutes);
        await obtainTicket(host, local, ["-R", "-c", cache.name, "--", nameOf(principal)]);
      },
      endsAt: () => ticketEnd(cache),
      close: async () => {
        if (isOwn) await cache.destroy().catch(() => false);
      },
    };
    const isLasting = (error: unknown): boolean => !args.has("i") && !isPassing(error);
    const keeper = { ...options, retriesFirst: args.has("i"), isLasting, hangsUp: args.has("s") };
    return await keepTicket(host, keeper, ticket);
  });
}

/** With `-H`: a ticket that may not be renewed for so long. */
function refuseShort(contents: CacheContents, nowMs: number, happyMinutes: number | undefined): void {
  const ticket = findCredential(contents, { server: tgtNameIn(contents) });
  if (happyMinutes === undefined || ticket?.renewTill === undefined) return;
  if (ticket.renewTill.getTime() - (contents.clockOffsetMs ?? 0) >= nowMs + happyMinutes * 60_000) return;
  throw new CommandFailure("ticket cannot be renewed for long enough", { advice: "log in with kinit -r" });
}

/** A KDC that does not answer will; a ticket that has ended, or a cache that is gone, stays so. */
function isPassing(error: unknown): boolean {
  return hasCode((error as { readonly cause?: unknown }).cause, "KDC_UNREACHABLE", "NO_KDC_FOR_REALM", "NOT_A_KDC");
}
