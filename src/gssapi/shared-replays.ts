import type { Runtime } from "../host/index.ts";
import type { ReplayCache } from "../krb5/index.ts";

/**
 * Rule H8 in SECURITY.md: refuses an acceptor without a replay cache where others accept with the same keys, for tokens
 * that let a client in by themselves. Throws TypeError: the caller's mistake.
 */
export function requireSharedReplays(
  replayCache: ReplayCache | undefined,
  runtime: Pick<Runtime, "isOneOfMany">,
  where = "",
): void {
  if (replayCache !== undefined || runtime.isOneOfMany?.() !== true) return;
  throw new TypeError(
    "replayCache is undefined, and others accept with the same keys (a Worker's isolates, workers of a cluster): " +
      `each would accept once what another has accepted. Give${where} storeReplayCache, with a store whose add() looks ` +
      "and sets in one step, or fileReplayCache",
  );
}
