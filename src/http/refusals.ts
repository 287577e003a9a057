import type { AnswerHeaders } from "./exchange.ts";

/** What makes connections that are a credential's alone, for messages. */
export interface OwnConnections {
  /** Whether the caller says that they are. */
  readonly areOwn: boolean;
  /** What to do where they are not. */
  readonly advice: string;
}

/** Rule H7 in SECURITY.md: what others send over the same connection would be taken for this client's. */
export function refuseBound(headers: AnswerHeaders, { areOwn, advice }: OwnConnections): void {
  const isBound = headers.get("persistent-auth")?.trim().toLowerCase() === "true";
  if (areOwn || !isBound) return;
  throw new TypeError(
    `the server authenticates connections and not requests (Persistent-Auth: true), and the connections are shared: ${advice}`,
  );
}

/** A body that was sent without a token, and cannot be sent again with one. */
export function spentBody(): TypeError {
  return new TypeError(
    "the server asks for a token, and the body is a stream, which cannot be sent again: give text or octets, or leave out preemptive: false",
  );
}

/** An exchange of several tokens, where one connection for all of them is not promised. */
export function severalTokens(): TypeError {
  return new TypeError(
    "the server wants more than one token over one connection, which cannot be promised here: use negotiateFetch with connections of its own (nodeConnections)",
  );
}
