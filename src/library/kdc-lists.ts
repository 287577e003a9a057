import { checkList, checkText, kindOf, refuse } from "../checks/index.ts";
import { parseEndpoint } from "../transport/index.ts";
import type { ServerLists } from "./kerberos-options.ts";

/** The port of password servers (RFC 3244 section 2). */
export const KPASSWD_PORT = 464;

/** The servers that an option names for a realm; a plain list, or one server, is of the client's own. */
export function kdcsOf(servers: ServerLists, realm: string, home: string | undefined): readonly string[] {
  if (isPlain(servers)) return realm === home ? listOf(servers) : [];
  return Object.hasOwn(servers, realm) ? listOf(servers[realm] ?? []) : [];
}

/** Checks the option `kdc`, and that each of its servers can be read. Throws TypeError: the caller's mistake. */
export function checkKdc(name: string, value: unknown): void {
  checkServers(name, value);
}

/** Checks the option `kpasswd` in the same way. */
export function checkKpasswd(name: string, value: unknown): void {
  checkServers(name, value, KPASSWD_PORT);
}

function checkServers(name: string, value: unknown, defaultPort?: number): void {
  const check = (of: string, servers: unknown): void => {
    if (!isPlain(servers as ServerLists)) refuse(of, servers, 'a list of servers, for example ["tcp://host:port"]');
    checkList(of, listOf(servers as string), (one, text) => {
      checkText(one, text);
      checkEndpoint(one, text as string, defaultPort);
    });
  };
  if (isPlain(value as ServerLists)) {
    check(name, value);
    return;
  }
  if (kindOf(value) !== "an object") refuse(name, value, "a list of servers, or one list for each realm by name");
  // A realm may be there without a list: it has none.
  for (const [realm, servers] of Object.entries(value as object)) {
    if (servers !== undefined) check(`${name} of ${realm}`, servers);
  }
}

function checkEndpoint(name: string, text: string, defaultPort: number | undefined): void {
  try {
    parseEndpoint(text, defaultPort);
  } catch (error) {
    throw new TypeError(`${name}: ${(error as TypeError).message}`);
  }
}

/** Whether an option names the servers of the client's own realm alone. */
export function isPlain(servers: ServerLists): servers is string | readonly string[] {
  return typeof servers === "string" || Array.isArray(servers);
}

function listOf(servers: string | readonly string[]): readonly string[] {
  return typeof servers === "string" ? [servers] : servers;
}
