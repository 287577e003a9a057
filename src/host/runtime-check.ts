import { checkMethods, kindOf, refuse } from "../checks/index.ts";
import type { Runtime } from "./runtime.ts";

type Method = { [K in keyof Runtime]-?: NonNullable<Runtime[K]> extends (...args: never) => unknown ? K : never };

const METHODS: readonly Method[keyof Runtime][] = [
  "connectTcp",
  "connectUdp",
  "limitDial",
  "listenTcp",
  "listenUdp",
  "connectUnix",
  "lookUp",
  "nameServers",
  "files",
  "environment",
  "fetch",
  "fetchTrusting",
  "openHttp",
  "isOneOfMany",
  "traceChannel",
  "nodeCrypto",
];

/**
 * Checks the option `runtime`, which may be anyone's: it has a name, and what it can do are functions. Throws
 * TypeError: the caller's mistake.
 */
export function checkRuntime(name: string, value: unknown): void {
  if (kindOf(value) !== "an object") refuse(name, value, "an object");
  const parts = value as Readonly<Record<string, unknown>>;
  const { name: word } = parts;
  if (typeof word !== "string" || word === "") refuse(`${name}.name`, word, 'the name of a host, for example "web"');
  checkMethods(name, value, ...METHODS.filter((method) => parts[method] !== undefined));
}
