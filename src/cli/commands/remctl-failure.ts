import { printableText } from "../../bytes/index.ts";
import { defaultCcacheName } from "../../config/index.ts";
import { hasCode, hasName, isKerberosError, type KerberosError, kdcErrorOf } from "../../errors.ts";
import type { CommandHost } from "../command.ts";
import { openLocal, shownCacheName } from "../local.ts";
import { messageOf } from "../program.ts";

const generalFailure = "Unspecified GSS failure.  Minor code may provide more information";
/** How the C program begins what went wrong with a ticket. */
export const contextFailure: string = `GSS-API error initializing context: ${generalFailure}`;

/** How far a command had come: no connection, no security context, or a command that was begun. */
export type Stage = "connecting" | "opening" | "reading";

/** Where a server may be. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** DNS gave the name: it is absolute. */
  readonly isWhole?: boolean;
}

/** What a failure was about. */
export interface About extends Place {
  readonly service: string | undefined;
  readonly stage: Stage;
}

/** A failure in words. */
export interface Failure {
  /** In the words of the C program where it has any, without the program's name. */
  readonly message: string;
  readonly error: unknown;
  /** What the server said, octet for octet, if it is the server's error. */
  readonly octets: Uint8Array | undefined;
}

/** What the C program says of it, as far as scripts may look at it. */
export async function failureOf(host: CommandHost, error: unknown, about: About): Promise<Failure> {
  if (hasName(error, "RemctlServerError")) {
    return { message: printableText(error.remoteOctets), error, octets: error.remoteOctets };
  }
  return {
    message: isKerberosError(error) ? await wordsOf(host, error, about) : messageOf(error),
    error,
    octets: undefined,
  };
}

async function wordsOf(host: CommandHost, error: KerberosError, about: About): Promise<string> {
  const { code } = error;
  if (code === "CONNECT" || (code === "TIMEOUT" && about.stage === "connecting")) return connectWords(error, about);
  const prefix = about.stage === "reading" ? "error reading from server: " : "";
  if (code === "CONNECTION_CLOSED") return `${prefix}error receiving token: unexpected end of file`;
  if (code === "TIMEOUT") return `${prefix}error receiving token: timed out`;
  if (about.stage === "reading" || code.startsWith("REMCTL_")) return `${prefix}${error.message}`;
  return `GSS-API error initializing context: ${await contextWords(host, error)}`;
}

/** What errno says, in the words of the C library. */
const errnoWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EINVAL: "Invalid argument",
  ERR_INVALID_IP_ADDRESS: "Invalid argument",
  EACCES: "Permission denied",
  EMFILE: "Too many open files",
  ENFILE: "Too many open files in system",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ETIMEDOUT: "Connection timed out",
};

const resolverWords: Readonly<Record<string, string>> = {
  ENOTFOUND: "Name or service not known",
  EAI_NONAME: "Name or service not known",
  EAI_AGAIN: "Temporary failure in name resolution",
};

function connectWords(error: KerberosError, { host, port, service }: About): string {
  const code = error.code === "TIMEOUT" ? "ETIMEDOUT" : errnoOf(error);
  const resolver = resolverWords[code];
  if (resolver !== undefined)
    return `${service === undefined ? "cannot resolve" : "unknown"} host ${host}: ${resolver}`;
  return `cannot connect to ${host} (port ${port}): ${errnoWords[code] ?? error.message}`;
}

/** The host's own code for a failure, wherever in its causes it is. */
function errnoOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { readonly code?: unknown };
    if (!isKerberosError(at) && typeof code === "string") return code;
  }
  return "";
}

const noCredentials = "No credentials were supplied, or the credentials were unavailable or inaccessible";

/** MIT's words for KRB-ERRORs of the service and the KDC, by number. */
const krbErrorWords: Readonly<Record<number, string>> = {
  31: "Decrypt integrity check failed",
  32: "Ticket expired",
  33: "Ticket not yet valid",
  34: "Request is a replay",
  35: "The ticket isn't for us",
  37: "Clock skew too great",
};

async function contextWords(host: CommandHost, error: KerberosError): Promise<string> {
  const { code } = error;
  // libgssapi says that credentials are missing, whatever is wrong with the cache. Here the cause is said.
  if (hasCode(error, "CCACHE") && error.reason !== "missing") return `${noCredentials}, ${error.message}`;
  if (code === "NO_CREDENTIAL" || code === "CCACHE") {
    return `${noCredentials}, No Kerberos credentials available (default cache: ${shownCacheName(await cacheName(host))})`;
  }
  const krbError = kdcErrorOf(error);
  const unknown = code === "SERVICE_UNKNOWN" ? krbError?.service : undefined;
  const words =
    unknown === undefined
      ? krbError && krbErrorWords[krbError.errorCode]
      : `Server ${unknown} not found in Kerberos database`;
  return `${generalFailure}, ${words ?? error.message}`;
}

async function cacheName(host: CommandHost): Promise<string> {
  try {
    const { environment, config } = await openLocal(host);
    return defaultCcacheName(environment, config);
  } catch {
    return host.env.KRB5CCNAME ?? "";
  }
}
