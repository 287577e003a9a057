import { isKerberosError } from "./any.ts";
import type { ErrorCode } from "./codes.ts";

/** KDC_ERR_SVC_UNAVAILABLE (RFC 4120 section 7.5.9). */
const UNAVAILABLE = 29;

/**
 * What the same call may not meet again in a moment: a network, a server that is busy, a ticket or authenticator that
 * is made again.
 */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CONNECT",
  "DNS",
  "KDC_UNREACHABLE",
  "CONNECTION_CLOSED",
  "TIMEOUT",
  "SERVER_KEY_CHANGED",
  "REPLAY",
  "REMCTL_SESSION_BUSY",
  "REMCTL_SESSION_CLOSED",
  "REMCTL_POOL_FULL",
]);

/**
 * Tells whether the same call can be made again: nothing was done, and another try may succeed.
 *
 * Nothing was done where `commandState` is `"not-sent"`, or is not set, because no command was to be run: a login, a
 * ticket. Another try may succeed after a failure of the network (`CONNECT`, `DNS`, `KDC_UNREACHABLE`,
 * `CONNECTION_CLOSED`, `TIMEOUT`), after a KDC that says that it is unavailable (`KDC` with `errorCode` 29), after a
 * ticket or authenticator that the server refused and that is made again (`SERVER_KEY_CHANGED`, `REPLAY`), and where
 * every place was taken (`REMCTL_SESSION_BUSY`, `REMCTL_POOL_FULL`). A session that is closed (`REMCTL_SESSION_CLOSED`)
 * stays so: open another. Not after a wrong password, which another try could lock, nor after any error that is not of
 * this package, for example a TypeError.
 *
 * @example
 * ```ts
 * import { isSafeToRetry, type RemctlResult } from "krb5-remctl";
 *
 * async function show(tries = 3): Promise<RemctlResult> {
 *   try {
 *     return await client.remctl("server.example.org", ["account", "show"]);
 *   } catch (error) {
 *     if (tries === 1 || !isSafeToRetry(error)) throw error;
 *     return await show(tries - 1);
 *   }
 * }
 * ```
 *
 * @param error anything that was thrown
 * @returns true only if the command cannot have run
 */
export function isSafeToRetry(error: unknown): boolean {
  if (!isKerberosError(error) || error.retryAfter !== undefined) return false;
  if (error.commandState !== undefined && error.commandState !== "not-sent") return false;
  return PASSING.has(error.code) || (error.code === "KDC" && error.errorCode === UNAVAILABLE);
}
