import { printableLine } from "../../bytes/index.ts";
import type { CacheContents, ConfigEntry, Credential, TypedOctets } from "../../credentials/index.ts";
import { TICKET_FLAG } from "../../iana/index.ts";
import {
  decodeTicket,
  equalPrincipals,
  type Principal,
  type Ticket,
  tgsPrincipal,
  toPrincipal,
} from "../../krb5/index.ts";
import type { ParsedArgs } from "../getopt.ts";
import { etypeText, nameOf, timeText } from "../text.ts";

/** A cache as klist shows it. */
export async function cacheLines(
  name: string,
  contents: CacheContents,
  args: Pick<ParsedArgs, "has">,
): Promise<string[]> {
  const { principal, credentials, config } = contents;
  const lines = [
    `Ticket cache: ${name}`,
    `Default principal: ${nameOf(principal)}`,
    "",
    "Valid starting     Expires            Service principal",
  ];
  const settings = args.has("C") ? config.map((entry) => configLines(entry, args)) : [];
  const tickets: string[][] = [];
  for (const one of credentials) tickets.push(await credentialLines(one, principal, args));
  return [lines, ...settings, ...tickets].flat();
}

/**
 * Whether a cache is of use now: its ticket-granting ticket of the client's realm has not ended, or, where it has none,
 * any ticket has not.
 */
export function hasCurrentTicket({ principal, credentials }: CacheContents, nowMs: number): boolean {
  const tgs = tgsPrincipal(principal.realm);
  const granting = credentials.filter(({ server }) => equalPrincipals(server, tgs));
  return (granting.length > 0 ? granting : credentials).some(({ endTime }) => endTime.getTime() > nowMs);
}

async function credentialLines(one: Credential, owner: Principal, args: Pick<ParsedArgs, "has">): Promise<string[]> {
  const lines = [`${timeText(one.startTime ?? one.authTime)}  ${timeText(one.endTime)}  ${nameOf(one.server)}`];
  const ticket = ticketOf(one);
  const first = [
    ...(equalPrincipals(one.client, owner) ? [] : [`for client ${nameOf(one.client)}`]),
    ...(one.renewTill === undefined ? [] : [`renew until ${timeText(one.renewTill)}`]),
  ];
  const flags = flagText(one.flags);
  if (args.has("f") && flags !== "") first.push(`Flags: ${flags}`);
  const second: string[] = [];
  if (args.has("e") && ticket !== undefined) {
    second.push(`Etype (skey, tkt): ${etypeText(one.key.etype)}, ${etypeText(ticket.encPart.etype)} `);
  }
  if (args.has("d")) second.push(`AD types: ${one.authData.map(({ type }) => type).join(", ")}`);
  // What follows a renewable ticket's flags begins a new line.
  const isFull = first.length > 1 && one.renewTill !== undefined;
  if (isFull || second.length === 0) {
    if (first.length > 0) lines.push(`\t${first.join(", ")}`);
    if (second.length > 0) lines.push(`\t${second.join(", ")}`);
  } else {
    lines.push(`\t${[...first, ...second].join(", ")}`);
  }
  if (ticket !== undefined) {
    const server = toPrincipal(ticket.realm, ticket.sname);
    if (!equalPrincipals(server, one.server)) lines.push(`\tTicket server: ${nameOf(server)}`);
  }
  if (args.has("a")) lines.push(await addressLine(one.addresses, args.has("n")));
  return lines;
}

/** The ticket inside; klist shows what it can where it does not decode. */
function ticketOf(one: Credential): Ticket | undefined {
  try {
    return decodeTicket(one.ticket);
  } catch {
    return undefined;
  }
}

const FLAG_LETTERS: readonly (readonly [flag: number, letter: string])[] = [
  [TICKET_FLAG.forwardable, "F"],
  [TICKET_FLAG.forwarded, "f"],
  [TICKET_FLAG.proxiable, "P"],
  [TICKET_FLAG.proxy, "p"],
  [TICKET_FLAG.mayPostdate, "D"],
  [TICKET_FLAG.postdated, "d"],
  [TICKET_FLAG.invalid, "i"],
  [TICKET_FLAG.renewable, "R"],
  [TICKET_FLAG.initial, "I"],
  [TICKET_FLAG.hwAuthent, "H"],
  [TICKET_FLAG.preAuthent, "A"],
  [TICKET_FLAG.transitedPolicyChecked, "T"],
  [TICKET_FLAG.okAsDelegate, "O"],
  [TICKET_FLAG.anonymous, "a"],
];

function flagText(flags: number): string {
  return FLAG_LETTERS.flatMap(([flag, letter]) => ((flags & flag) !== 0 ? [letter] : [])).join("");
}

const LABEL_WIDTH = 8;
const LINE_WIDTH = 72;

/** `config: key(server) = value`, octets that are not printable as `\ooo`, in lines of 72 columns. */
function configLines({ key, server, value }: ConfigEntry, args: Pick<ParsedArgs, "has">): string[] {
  const label = `config: ${printableLine(key)}${server === undefined ? "" : `(${nameOf(server)})`} = `;
  const lines: string[] = [];
  let line = label;
  let column = label.length;
  for (const octet of value) {
    if (column < LABEL_WIDTH) {
      line = line.padEnd(LABEL_WIDTH);
      column = LABEL_WIDTH;
    }
    const text = octet > 0x20 && octet < 0x7f ? String.fromCharCode(octet) : `\\${octet.toString(8).padStart(3, "0")}`;
    line += text;
    column += text.length;
    if (column > LINE_WIDTH) {
      lines.push(line);
      line = "";
      column = 0;
    }
  }
  if (column > 0) lines.push(line);
  if (args.has("d")) lines.push("\tAD types: ");
  if (args.has("a")) lines.push("\tAddresses: (none)");
  return lines;
}

async function addressLine(addresses: readonly TypedOctets[], isNumeric: boolean): Promise<string> {
  const texts = await Promise.all(addresses.map((address) => addressText(address, isNumeric)));
  return `\tAddresses: ${texts.join(", ") || "(none)"}`;
}

const INET = 2;
const INET6 = 24;

async function addressText({ type, octets }: TypedOctets, isNumeric: boolean): Promise<string> {
  const isKnown = (type === INET && octets.length === 4) || (type === INET6 && octets.length === 16);
  if (!isKnown) return `unknown addrtype ${type}`;
  const text = type === INET ? octets.join(".") : inet6Text(octets);
  if (isNumeric) return text;
  try {
    const { lookupService } = await import("node:dns/promises");
    return (await lookupService(text, 0)).hostname;
  } catch {
    return text;
  }
}

/** RFC 5952: the longest run of zeros becomes `::`. */
function inet6Text(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] as number) << 8) | (octets[2 * i + 1] as number)).toString(16),
  ).join(":");
  const runs = [...groups.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.sort((a, b) => b[0].length - a[0].length)[0];
  if (longest === undefined) return groups;
  const before = groups.slice(0, longest.index).replace(/:$/, "");
  const after = groups.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}
