import { networkInterfaces } from "node:os";
import type { LoginOptions } from "../../client/index.ts";
import type { Principal, TicketElement } from "../../krb5/index.ts";
import { parsePrincipal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import type { Local } from "../local.ts";
import { parseLifetime, parseStartTime } from "../time.ts";

/** Refuses what does not go together, in the order and the words of MIT's kinit. */
export async function readKinitArgs(host: CommandHost, args: ParsedArgs): Promise<void> {
  const bare = (message: string): UsageError => new UsageError(message, { isBare: true });
  for (const letter of ["l", "r"]) {
    const value = args.get(letter);
    if (value !== undefined && parseLifetime(value) === undefined) throw bare(`Bad lifetime value ${value}`);
  }
  const start = args.get("s");
  if (start !== undefined && parseStartTime(start, host.now()) === undefined)
    throw bare(`Bad start time value ${start}`);
  for (const letter of ["t", "c", "S"]) {
    if (args.all(letter).length > 1) throw bare(`Only one -${letter} option allowed`);
  }
  for (const [one, other] of ["fF", "pP", "aA", "ti"] as const) {
    if (args.has(one as string) && args.has(other as string)) throw bare(`Only one of -${one} and -${other} allowed`);
  }
  const [, extra] = args.operands;
  if (extra !== undefined) throw bare(`Extra arguments (starting with "${extra}").`);
  if (!args.has("k") && (args.has("t") || args.has("i"))) {
    await host.stderr.write(`${args.has("i") ? "client keytab" : "keytab"} specified, forcing -k\n`);
  }
  for (const letter of ["n", "T"] as const) {
    if (!args.has(letter)) continue;
    throw new CommandFailure(
      letter === "n" ? "anonymous tickets (-n) are not supported yet" : "FAST armor (-T) is not supported yet",
    );
  }
}

/** What the login asks for: the options, else what krb5.conf says. */
export async function loginOptions(
  host: CommandHost,
  { config }: Local,
  client: Principal,
  args: ParsedArgs,
): Promise<LoginOptions> {
  const defaults = config.libdefaultsOf(client.realm);
  const lifetimeSeconds = spanOf(args, "l") ?? defaults.ticketLifetimeSeconds;
  const renewLifetimeSeconds = spanOf(args, "r") ?? defaults.renewLifetimeSeconds;
  const start = args.get("s");
  const startTime = start === undefined ? undefined : parseStartTime(start, host.now());
  const service = args.get("S");
  const withAddresses = args.has("a") || (!args.has("A") && !defaults.noaddresses);
  return {
    lifetimeSeconds,
    ...(renewLifetimeSeconds > 0 ? { renewLifetimeSeconds } : { renewableOk: true }),
    forwardable: args.has("f") || (!args.has("F") && defaults.forwardable),
    proxiable: args.has("p") || (!args.has("P") && defaults.proxiable),
    canonicalize: args.has("C") || args.has("E") || defaults.canonicalize,
    ...(startTime === undefined ? {} : { startTime }),
    ...(withAddresses ? { addresses: ownAddresses() } : {}),
    ...(service === undefined ? {} : { service: parsePrincipal(service, { defaultRealm: client.realm }) }),
  };
}

function spanOf(args: ParsedArgs, letter: string): number | undefined {
  const value = args.get(letter);
  return value === undefined ? undefined : parseLifetime(value);
}

const INET = 2;
const INET6 = 24;

/** This machine's addresses, without those that nobody else reaches it by. */
function ownAddresses(): readonly TicketElement[] {
  return Object.values(networkInterfaces())
    .flatMap((of) => of ?? [])
    .filter(({ internal, family, address }) => !internal && !(family === "IPv6" && /^fe[89ab]/i.test(address)))
    .map(({ family, address }) =>
      family === "IPv4"
        ? { type: INET, octets: Uint8Array.from(address.split("."), Number) }
        : { type: INET6, octets: inet6Octets(address) },
    );
}

function inet6Octets(address: string): Uint8Array {
  const [head = "", tail] = address.replace(/%.*/, "").split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const first = groups(head);
  const last = groups(tail ?? "");
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}
