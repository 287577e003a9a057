import type { LoginOptions } from "../../client/index.ts";
import type { Libdefaults } from "../../config/index.ts";
import type { Principal, TicketElement } from "../../krb5/index.ts";
import { parsePrincipal } from "../../krb5/index.ts";
import type { CommandHost } from "../command.ts";
import { type ParsedArgs, UsageError } from "../getopt.ts";
import type { Local } from "../local.ts";
import { noteAttributes } from "../pkinit.ts";
import { parseLifetime, parseStartTime } from "../time.ts";

const KERBEROS_4_STATUS = 3;
/** What goes not together, in the order in which MIT's kinit looks. */
const EXCLUSIVE = [
  ["f", "F"],
  ["p", "P"],
  ["request-pac", "no-request-pac"],
  ["a", "A"],
  ["t", "i"],
] as const;

/**
 * Refuses what does not read or does not go together: all of it, in the order and the words of MIT's kinit. The exit
 * status of a command line that is answered at once, else undefined.
 */
export async function readKinitArgs(host: CommandHost, args: ParsedArgs): Promise<number | undefined> {
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (const { name, value = "" } of args.options) {
    if (name === "4") {
      await host.stderr.write(`${[...wrong, "Kerberos 4 is no longer supported"].join("\n")}\n`);
      return KERBEROS_4_STATUS;
    }
    const isSpan = name === "l" || name === "r";
    if (isSpan && parseLifetime(value) === undefined) wrong.push(`Bad lifetime value ${value}`);
    if (name === "s" && parseStartTime(value, host.now()) === undefined) wrong.push(`Bad start time value ${value}`);
    const isOnce = name === "t" || name === "c" || name === "I";
    // Of -t MIT's sentence has its full stop.
    if (isOnce && seen.has(name)) wrong.push(`Only one -${name} option allowed${name === "t" ? "." : ""}`);
    seen.add(name);
  }
  for (const [one, other] of EXCLUSIVE) {
    const dashes = one.length > 1 ? "--" : "-";
    if (seen.has(one) && seen.has(other)) wrong.push(`Only one of ${dashes}${one} and ${dashes}${other} allowed`);
  }
  const [, extra] = args.operands;
  if (extra !== undefined) wrong.push(`Extra arguments (starting with "${extra}").`);
  if (wrong.length > 0) throw new UsageError(wrong.join("\n"), { isBare: true });
  if (!args.has("k") && (args.has("t") || args.has("i"))) {
    await host.stderr.write(`${args.has("i") ? "client keytab" : "keytab"} specified, forcing -k\n`);
  }
  noteAttributes(host, args.all("X"));
  return undefined;
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
    // RENEWABLE-OK is libkrb5's default of kdc_default_options; what the file says comes by the library.
    ...(renewLifetimeSeconds > 0
      ? { renewLifetimeSeconds }
      : { renewableOk: defaults.kdcDefaultOptions === undefined }),
    forwardable: args.has("f") || (!args.has("F") && defaults.forwardable),
    proxiable: args.has("p") || (!args.has("P") && defaults.proxiable),
    canonicalize: args.has("C") || args.has("E") || defaults.canonicalize,
    // One that is past means now: a KDC postdates nothing for it.
    ...(startTime === undefined || startTime.getTime() <= host.now() ? {} : { startTime }),
    ...(withAddresses ? { addresses: [...extraAddresses(defaults), ...ownAddresses()] } : {}),
    ...(service === undefined ? {} : { service: parsePrincipal(service, { defaultRealm: client.realm }) }),
  };
}

function spanOf(args: ParsedArgs, letter: string): number | undefined {
  const value = args.get(letter);
  return value === undefined ? undefined : parseLifetime(value);
}

const INET = 2;
const INET6 = 24;

/** Those of krb5.conf; what is not an address is ignored. */
function extraAddresses({ extraAddresses: texts }: Libdefaults): readonly TicketElement[] {
  if (texts.length === 0) return [];
  const { isIP } = process.getBuiltinModule("node:net");
  return texts.flatMap((address) => {
    const family = isIP(address);
    return family === 0 ? [] : [addressOf(family === 4 ? "IPv4" : "IPv6", address)];
  });
}

/** This machine's addresses, without those that nobody else reaches it by. */
function ownAddresses(): readonly TicketElement[] {
  return Object.values(process.getBuiltinModule("node:os").networkInterfaces())
    .flatMap((of) => of ?? [])
    .filter(({ internal, family, address }) => !internal && !(family === "IPv6" && /^fe[89ab]/i.test(address)))
    .map(({ family, address }) => addressOf(family, address));
}

function addressOf(family: string, address: string): TicketElement {
  return family === "IPv4"
    ? { type: INET, octets: Uint8Array.from(address.split("."), Number) }
    : { type: INET6, octets: inet6Octets(address) };
}

function inet6Octets(address: string): Uint8Array {
  const [head = "", tail] = address.replace(/%.*/, "").split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const first = groups(head);
  const last = groups(tail ?? "");
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}
