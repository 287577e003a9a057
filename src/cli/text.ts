import { encodeText, printableText } from "../bytes/index.ts";
import { ENCTYPES, enctypeName } from "../iana/index.ts";
import { formatPrincipal, type Principal } from "../krb5/index.ts";
import type { CommandHost, Output } from "./command.ts";

/** What JSON lets stand as it is. */
const UNESCAPED: RegExp = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Octets for a terminal: names in the octets that they have, and nothing in them that a terminal would obey. */
export function printable(text: string): Uint8Array {
  // Octets that are not UTF-8 stay what they are: a Latin-1 terminal shows them.
  // Nothing is cut: who prints it has bounded what a stranger says.
  return encodeText(printableText(text, Number.POSITIVE_INFINITY));
}

/**
 * The same host; whatever text a command writes or asks with is made {@link printable}. Octets are data and stay: the
 * output of a remote command, and what a terminal is to obey.
 */
export function withPlainText(host: CommandHost): Partial<CommandHost> {
  const plain = (output: Output): Output => ({
    get isTerminal() {
      return output.isTerminal;
    },
    write: (data) => output.write(typeof data === "string" ? printable(data) : data),
  });
  const { readLine } = host;
  return {
    stdout: plain(host.stdout),
    stderr: plain(host.stderr),
    readSecret: (prompt, to) => host.readSecret(printableText(prompt), to),
    ...(readLine === undefined ? {} : { readLine: (prompt: string) => readLine.call(host, printableText(prompt)) }),
  };
}

/** A value as a line of JSON that is the same to a program, and in which a terminal obeys nothing. */
export function jsonLine(value: unknown): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `${JSON.stringify(value).replace(UNESCAPED, escaped)}\n`;
}

/** Writes lines to standard output. */
export async function say(host: CommandHost, ...lines: readonly string[]): Promise<void> {
  await sayAll(host, lines);
}

/** The same, of any number: a call has room for some ten thousand arguments. */
export async function sayAll(host: CommandHost, lines: readonly string[]): Promise<void> {
  await host.stdout.write(printable(lines.map((line) => `${line}\n`).join("")));
}

export function nameOf(principal: Principal): string {
  return formatPrincipal(principal);
}

/** An enctype as klist has it: one that MIT krb5 does not know is deprecated too. */
export function etypeText(etype: number): string {
  const isCurrent = ENCTYPES.some((type) => type.etype === etype && !type.isDeprecated);
  return `${isCurrent ? "" : "DEPRECATED:"}${enctypeName(etype)}`;
}

/** A time as MIT's tools print it in the C locale: `11/23/26 12:36:01`, local time. */
export function timeText(time: Date): string {
  const two = (value: number): string => String(value % 100).padStart(2, "0");
  const date = [time.getMonth() + 1, time.getDate(), time.getFullYear()].map(two).join("/");
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":")}`;
}

/** An instant in local time as the C library's `%c` has it: `Sat Nov 28 14:30:00 2026`. */
export function longTimeText(time: Date): string {
  const [weekday, month, , year, clock] = time.toString().split(" ");
  return `${weekday} ${month} ${String(time.getDate()).padStart(2)} ${clock} ${year}`;
}

/** The width of {@link timeText}. */
export const TIME_WIDTH = 17;
