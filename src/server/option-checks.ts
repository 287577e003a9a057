import {
  type Checks,
  checkAbove,
  checkBoolean,
  checkFunction,
  checkList,
  checkNumber,
  checkOptions,
  checkPart,
  checkRequired,
  checkText,
  checkWhole,
  checkWholeOrInfinity,
  checkWord,
  refuse,
} from "../checks/index.ts";
import { acceptorChecks } from "../gssapi/index.ts";
import { checkHost, checkRuntime } from "../host/index.ts";
import { type Enctypes, permittedTypes } from "../krb5/index.ts";
import type { RemctlCommand } from "./command.ts";
import type { RemctlServerOptions, ServerListenOptions, ServerPeer } from "./options.ts";

const { keytab, service, channelBindings, requireChannelBindings, replayCache, skewSeconds, now, authorizationData } =
  acceptorChecks;
const { legacyTokens } = acceptorChecks;
const limit = [checkWholeOrInfinity, 1] as const;
const milliseconds = [checkAbove, 0] as const;

const serverChecks: Checks<RemctlServerOptions> = {
  keytab,
  service,
  channelBindings,
  requireChannelBindings,
  replayCache,
  skewSeconds,
  now,
  authorizationData,
  legacyTokens,
  commands: [checkList, checkCommand],
  enctypes: (_, value) => void permittedTypes(value as Enctypes),
  version1: [checkWord, "refuse", "allow", "only"],
  requireReplayProtection: checkBoolean,
  maxArguments: limit,
  maxCommandBytes: limit,
  maxBufferedBytes: limit,
  maxConnections: limit,
  maxConnectionsPerUser: limit,
  maxErrors: limit,
  handshakeTimeoutMs: milliseconds,
  commandTimeoutMs: milliseconds,
  idleTimeoutMs: milliseconds,
  closeGraceMs: [checkNumber, 0],
  onTrace: checkFunction,
  onError: checkFunction,
  runtime: checkRuntime,
};

const commandChecks: Checks<RemctlCommand> = {
  command: checkWordOfCommand,
  subcommand: checkWordOfCommand,
  acl: checkAcl,
  summary: checkHelp,
  help: checkHelp,
  logmask: [checkList, checkMask],
  handler: checkFunction,
};

const listenChecks: Checks<ServerListenOptions> = { host: checkHost, port: [checkWhole, 0, 65_535] };

const peerChecks: Checks<ServerPeer> = { address: checkText, port: [checkWhole, 0, 65_535] };

/** Checks the options of a server by name and value. Throws TypeError and RangeError: the caller's mistakes. */
export function checkServerOptions(options: RemctlServerOptions): void {
  checkOptions("createRemctlServer", options, serverChecks);
  checkRequired(options, serverChecks, "commands");
}

/** Checks the options of `listen` in the same way. */
export function checkListenOptions(options: ServerListenOptions): void {
  checkOptions("server.listen", options, listenChecks);
}

/** Checks what is said of a client that connects. */
export function checkPeer(peer: ServerPeer): void {
  checkOptions("server.accept", peer, peerChecks);
}

function checkCommand(name: string, value: unknown): void {
  checkPart(name, value, commandChecks);
  const { command, subcommand, acl, handler } = value as Partial<RemctlCommand>;
  checkWordOfCommand(`${name}.command`, command);
  checkWordOfCommand(`${name}.subcommand`, subcommand);
  checkAcl(`${name}.acl`, acl);
  checkFunction(`${name}.handler`, handler);
}

function checkWordOfCommand(name: string, value: unknown): void {
  if (typeof value !== "string") refuse(name, value, "a string: ALL is for any");
  if (value.includes("\0")) throw new TypeError(`${name} has a NUL, which no client may send there`);
}

/** Entries are read where the ACL is compiled. */
function checkAcl(name: string, value: unknown): void {
  if (typeof value === "function" || Array.isArray(value)) return;
  refuse(name, value, "a function, or an array of principals, SIDs, indicators and ANYUSER");
}

function checkHelp(name: string, value: unknown): void {
  if (typeof value !== "string" && typeof value !== "function") refuse(name, value, "a string, or a function");
}

/** What is to be masked: by number, the subcommand being 1, or by the word before it. */
function checkMask(name: string, value: unknown): void {
  if (typeof value === "number") checkWhole(name, value, 1);
  else if (typeof value !== "string" || value === "")
    refuse(name, value, "a number, or the word before what is hidden");
}
