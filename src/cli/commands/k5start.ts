import type { CredentialCache } from "../../credentials/index.ts";
import { type Principal, tgsPrincipal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import type { ParsedArgs } from "../getopt.ts";
import { hostOf } from "../host-of.ts";
import { type KeptTicket, keepTicket } from "../keeper.ts";
import { keeperOptions, privateCacheName, randomName, ticketEnd } from "../keeper-options.ts";
import { cacheOf, fileNameOf, keytabName, type Local, openLocal, principalOf, readKeytab } from "../local.ts";
import { giveAway, type Ownership, parseOwnership } from "../owned-file.ts";
import { type Program, runProgram } from "../program.ts";
import { nameOf, say } from "../text.ts";
import { commandOf, DEFAULT_LIFETIME, refuseCombinations, wholeMinutes } from "./k5start-arguments.ts";
import { obtainTicket } from "./kinit.ts";

const program: Program = {
  short: "abc:Ff:g:H:hI:i:K:k:Ll:m:no:Pp:qr:S:stUu:vx",
  usage: `Usage: k5start [-aFhLnPqsvx] [-f keytab] [-U | -u principal [-i instance]] [-k cache] [-K minutes] [-H minutes]
	[-l lifetime] [-S service] [-I instance] [-r realm] [-o owner] [-g group] [-m mode] [-p file] [-c file]
	[principal] [[--] command [arguments]]
`,
  help: `Obtains a ticket, and keeps it for as long as a command runs, or forever. A command gets a cache that it has for itself,
by KRB5CCNAME; the cache is removed when the command ends. The exit status is the command's, or 128 and the number of the
signal that ended it. HUP, INT, QUIT and TERM are passed to the command; ALRM obtains a new ticket at once.

  -f    the keytab to log in with (default: asks for a password)
  -U    the principal is the first one of the keytab: all operands are the command
  -u    the principal (default: the first operand, or else the user)
  -i    the second part of the principal of -u
  -K    looks at the ticket every so many minutes, and replaces one that ends within two minutes after the next look
        (default with a command: 60)
  -H    does nothing if the ticket of the cache is good for so many minutes; with -K: in place of the two minutes
  -a    replaces the ticket at each look
  -k    the cache (default with a command: a new one in a file; else KRB5CCNAME, krb5.conf, FILE:/tmp/krb5cc_UID)
  -l    lifetime, for example 8h or 30m (default: 10h)
  -F    not forwardable
  -P    not proxiable
  -S    the first part of the service's name (default: krbtgt)
  -I    the second part of the service's name (default: the realm)
  -r    the realm of the service (default: the client's)
  -o    gives the cache to this user, a name or a number
  -g    gives the cache to this group, a name or a number
  -m    sets the mode of the cache, in octal (default: 600)
  -p    writes the process ID of k5start to a file, and removes the file at the end
  -c    writes the process ID of the command to a file, and removes the file at the end
  -s    reads the password from standard input, and shows the prompt "Password: "
  -x    ends at any failure; else a first ticket is tried for until there is one, with -K
  -q    prints nothing but errors
  -v    prints what it does
  -h    prints this text
  -b    refused: a JavaScript program cannot put itself into the background
  -t    refused: AFS is not supported
  -L    accepted with a warning: messages go to standard error, not to syslog

Example: k5start -U -f robot.keytab -K 10 -- node worker.js
`,
  usageStatus: 1,
  unused: { n: "Kerberos 4 is not supported" },
};

/** `k5start`. */
export function k5start(host: CommandHost): Promise<number> {
  return runProgram(program, host, async (args) => {
    if (args.has("h")) {
      await host.stdout.write(`${program.usage}\n${program.help}`);
      return 0;
    }
    const command = commandOf(args);
    refuseCombinations(args, command);
    const options = await keeperOptions(host, args, command);
    const ownership = await parseOwnership(args.get("o"), args.get("g"), args.get("m"));
    const local = await openLocal(host, "while initializing Kerberos 5 library");
    const client = await clientOf(local, args);
    const ticket = await ticketOf(host, local, args, client, { isPrivate: command.length > 0, ownership });
    if (args.has("v") || !(args.has("q") || args.has("K") || args.has("H"))) {
      const instance = args.get("I");
      const service = args.get("S")?.concat(instance === undefined ? "" : `/${instance}`);
      await say(
        host,
        `Kerberos initialization for ${nameOf(client)}${service === undefined ? "" : ` for service ${service}`}`,
      );
    }
    // kstart 4.3's: a command without -K is not waited for, though its manual says so.
    const retriesFirst = args.has("K") && !args.has("x");
    return await keepTicket(host, { ...options, retriesFirst, isLasting: () => false, hangsUp: false }, ticket);
  });
}

async function clientOf(local: Local, args: ParsedArgs): Promise<Principal> {
  const keytab = args.get("f");
  if (args.has("U")) {
    const [first] = (await readKeytab(local, keytabName(local, keytab), `while reading ${keytab}`)).principals;
    if (first !== undefined) return first;
    throw new CommandFailure(`no principal found in keytab file ${keytab}`, { advice: "name a keytab that has a key" });
  }
  const instance = args.get("i");
  const named = args.get("u");
  const text = named ?? args.operands[0] ?? local.environment.username;
  if (text === undefined) throw new CommandFailure("no username given and unable to obtain default value");
  return principalOf(local, instance === undefined ? text : `${text}/${instance}`);
}

interface TicketPlace {
  /** Whether a command has the cache for itself, where `-k` names none. */
  readonly isPrivate: boolean;
  readonly ownership: Ownership | undefined;
}

async function ticketOf(
  host: CommandHost,
  local: Local,
  args: ParsedArgs,
  client: Principal,
  { isPrivate, ownership }: TicketPlace,
): Promise<KeptTicket> {
  const isOwn = isPrivate && !args.has("k");
  const cache = await cacheOf(local, isOwn ? privateCacheName(host) : args.get("k"), "error opening ticket cache");
  if (ownership !== undefined && cache.type !== "FILE") {
    throw new CommandFailure(`cache type ${cache.type} not allowed with -o, -g, or -m`, {
      advice: "name a file by -k",
    });
  }
  const service = serviceOf(args, client);
  const words = loginWords(args, client, service);
  const prompt = args.has("q") ? "" : "Password: ";
  // A line of standard input, with its echo: who wants none leaves -s out.
  const read = (): ReturnType<CommandHost["readSecret"]> => (host.readLine ?? host.readSecret)(prompt);
  const asking = args.has("s") ? hostOf(host, host.name, host.args, { readSecret: read }) : host;
  const login = async (name: string): Promise<void> => {
    if (args.has("v")) {
      const [name, wanted] = [host.name, service ?? nameOf(tgsPrincipal(client.realm))];
      await say(host, `${name}: authenticating as ${nameOf(client)}`, `${name}: getting tickets for ${wanted}`);
    }
    await obtainTicket(asking, local, ["-c", name, ...words]);
  };
  const server = service === undefined ? undefined : principalOf(local, service);
  return {
    cacheName: cache.name,
    refresh: () => (ownership === undefined ? login(cache.name) : loginFor(local, cache, ownership, login)),
    endsAt: () => ticketEnd(cache, client, server),
    close: async () => {
      if (isOwn) await cache.destroy().catch(() => false);
    },
  };
}

/** Nobody sees a cache that has not its owner and mode yet. */
async function loginFor(
  { files }: Local,
  cache: CredentialCache,
  ownership: Ownership,
  login: (name: string) => Promise<void>,
): Promise<void> {
  const file = fileNameOf(cache);
  const part = `${file}_${randomName()}`;
  try {
    await login(`FILE:${part}`);
    await giveAway(part, ownership);
    await files.rename(part, file);
  } catch (error) {
    await files.erase(part).catch(() => false);
    throw error;
  }
}

/** kinit's words for the same login. */
function loginWords(args: ParsedArgs, client: Principal, service: string | undefined): readonly string[] {
  const keytab = args.get("f");
  return [
    ...(keytab === undefined ? [] : ["-k", "-t", keytab]),
    ...["-l", wholeMinutes(args.get("l") ?? DEFAULT_LIFETIME)],
    ...(args.has("F") ? ["-F"] : []),
    ...(args.has("P") ? ["-P"] : []),
    ...(service === undefined ? [] : ["-S", service]),
    "--",
    nameOf(client),
  ];
}

/** The service that the ticket is for; undefined: the ticket-granting service of the client's realm. */
function serviceOf(args: ParsedArgs, client: Principal): string | undefined {
  const realm = args.get("r");
  if (!args.has("S") && !args.has("I") && realm === undefined) return undefined;
  const of = realm ?? client.realm;
  return `${args.get("S") ?? "krbtgt"}/${args.get("I") ?? of}@${of}`;
}
