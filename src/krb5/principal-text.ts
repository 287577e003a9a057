import { looksEncoded, printableText } from "../bytes/index.ts";
import { type Checks, checkBoolean, checkOptions, checkString, refuse as refuseKind } from "../checks/index.ts";
import { NAME_TYPE } from "../iana/index.ts";
import { type Principal, principal } from "./principal.ts";

/** Options for {@link parsePrincipal}. */
export interface ParsePrincipalOptions {
  /** The realm of a text that names none. Default: the empty realm. */
  readonly defaultRealm?: string | undefined;
  /** Read an enterprise name (RFC 6806 section 5): one component, in which the first `@` is not the realm's. */
  readonly isEnterprise?: boolean | undefined;
}

const parseChecks: Checks<ParsePrincipalOptions> = { defaultRealm: checkString, isEnterprise: checkBoolean };

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", b: "\b", "0": "\0" };
const NEEDS_QUOTES = /[\\/@\n\t\b\0]/;
const QUOTED: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\b": "\\b", "\0": "\\0" };

/**
 * Reads a principal from text, for example `host/server.example.org@EXAMPLE.ORG` (RFC 1964 section 2.1.1 and MIT krb5):
 * `/` ends a component, `@` begins the realm, and a backslash takes from the next character its meaning; `\n`, `\t`,
 * `\b` are a newline, tab and backspace.
 *
 * The name type is NT-SRV-INST for a ticket-granting service, NT-WELLKNOWN for a well-known name (RFC 6111),
 * NT-ENTERPRISE if `isEnterprise`, else NT-PRINCIPAL.
 *
 * @param text the name
 * @param options the realm of a name without one, and whether it is an enterprise name
 * @returns the principal
 * @throws TypeError for a text that is not a principal, one with a NUL (CVE-2015-2697) included: the caller's mistake
 * @example
 * ```ts
 * import { parsePrincipal } from "krb5-remctl";
 *
 * parsePrincipal("alice", { defaultRealm: "EXAMPLE.ORG" }); // realm EXAMPLE.ORG, components ["alice"]
 * parsePrincipal("alice@corp.example@EXAMPLE.ORG", { isEnterprise: true }); // components ["alice@corp.example"]
 * ```
 */
export function parsePrincipal(text: string, options: ParsePrincipalOptions = {}): Principal {
  if (typeof text !== "string") refuseKind("text", text, "the name of a principal as a string");
  checkOptions("parsePrincipal", options, parseChecks);
  const isEnterprise = options.isEnterprise ?? false;
  const components: string[] = [];
  // In pieces: a string that grows by a character keeps each of its steps in memory.
  let part: string[] = [];
  let isRealm = false;
  let mayPassAt = isEnterprise;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (character === "\\") {
      i += 1;
      if (i === text.length) refuse(text, "it ends within an escape");
      const escaped = text[i] as string;
      part.push(ESCAPES[escaped] ?? escaped);
    } else if (character === "@" && mayPassAt) {
      mayPassAt = false;
      part.push(character);
    } else if (character === "@") {
      if (isRealm) refuse(text, "a second @ (write \\@ for one in a name)");
      components.push(part.join(""));
      part = [];
      isRealm = true;
    } else if (character === "/" && !isEnterprise) {
      if (isRealm) refuse(text, "a / in the realm (write \\/ if the realm has one)");
      components.push(part.join(""));
      part = [];
    } else {
      part.push(character);
    }
  }
  if (!isRealm) components.push(part.join(""));
  const realm = isRealm ? part.join("") : (options.defaultRealm ?? "");
  if (components.length === 1 && components[0] === "") refuse(text, "it has no name");
  for (const piece of [realm, ...components]) {
    if (piece.includes("\0")) refuse(text, "a NUL, which no principal may have");
  }
  return principal(realm, components, isEnterprise ? NAME_TYPE.enterprise : inferNameType(components));
}

/**
 * Writes a principal as text, so that {@link parsePrincipal} gives it back (RFC 1964 section 2.1.3): `\`, `/` and `@`
 * within a component or the realm get a backslash before them; newline, tab, backspace and NUL become `\n`, `\t`, `\b`
 * and `\0`. Other control characters stay: clean the text before it goes to a terminal.
 *
 * @param principal the principal
 * @returns its text, with `@` and the realm
 * @throws TypeError for what is not a principal: the caller's mistake
 * @example
 * ```ts
 * import { formatPrincipal, parsePrincipal } from "krb5-remctl";
 *
 * formatPrincipal(parsePrincipal("host/server.example.org@EXAMPLE.ORG")); // "host/server.example.org@EXAMPLE.ORG"
 * ```
 */
export function formatPrincipal(principal: Principal): string {
  const { components, realm } = Object(principal) as Partial<Principal>;
  if (typeof realm !== "string" || !Array.isArray(components) || !components.every(isString)) {
    refuseKind("principal", principal, "a principal, for example what parsePrincipal() gives");
  }
  return `${components.map(quote).join("/")}@${quote(realm)}`;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** Characters of a name that a message or a log shows. */
const MAX_SHOWN = 256;

/** A principal for a message or a log: in one line, without control characters, cut where it is long. */
export function printableName(principal: Principal): string {
  return printableText(formatPrincipal(principal), MAX_SHOWN);
}

function quote(text: string): string {
  // Nearly every name: to look costs a part of what replacing does.
  if (!NEEDS_QUOTES.test(text)) return text;
  return text.replace(/[\\/@\n\t\b\0]/g, (character) => QUOTED[character] ?? `\\${character}`);
}

function inferNameType(components: readonly string[]): number {
  if (components.length === 2 && components[0] === "krbtgt") return NAME_TYPE.srvInst;
  return components.length > 1 && components[0] === "WELLKNOWN" ? NAME_TYPE.wellKnown : NAME_TYPE.principal;
}

function refuse(text: string, reason: string): never {
  const shown = looksEncoded(text) ? "a text in base64 or hexadecimal" : JSON.stringify(printableText(text));
  throw new TypeError(`not a principal: ${shown}: ${reason}`);
}
