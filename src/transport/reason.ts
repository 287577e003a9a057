import { isKerberosError } from "../errors.ts";

/** What the hosts' error codes mean when a KDC is asked. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused: nothing listens on this port",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed by the peer",
  ETIMEDOUT: "the host does not answer",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  EADDRNOTAVAIL: "the local address is not one of this host",
  ENOTFOUND: "the name is not known",
  EAI_AGAIN: "the name could not be looked up",
  EMSGSIZE: "the request is too long for a datagram",
  EACCES: "not permitted",
  EPERM: "not permitted",
};

/** Why an attempt failed, in one line for the report. */
export function reasonOf(error: unknown, timeoutMs: number): string {
  if (isKerberosError(error)) {
    return error.code === "TIMEOUT" ? `no answer within ${timeoutMs} ms` : error.message;
  }
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { readonly code?: unknown };
  const meaning = typeof code === "string" && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  if (meaning !== undefined) return `${meaning} (${code})`;
  // `fetch` says "fetch failed" and keeps the reason to itself.
  const { cause } = error;
  return cause instanceof Error && cause !== error ? `${error.message}: ${reasonOf(cause, timeoutMs)}` : error.message;
}
