import { printableText } from "../bytes/index.ts";
import { TransportError } from "../errors.ts";

/** A connection that was open and has ended. */
export function lost(message: string, cause?: unknown): TransportError {
  return new TransportError("CONNECTION_CLOSED", message, [], { cause });
}

export function closedHere(): TransportError {
  return lost("the WebSocket is closed");
}

/** A connection that there never was. `name` shows no query: it often holds a token. */
export function cannotOpen(name: string, detail: string, cause?: unknown): TransportError {
  return new TransportError(
    "CONNECT",
    `the WebSocket ${name} cannot be opened${detail}; check the URL, its certificate, and that a proxy of TCP over WebSocket answers there`,
    [],
    { cause },
  );
}

/**
 * The error that a close by the peer is, or undefined for the end of the stream (RFC 6455 section 7.4.1: 1000; 1005 is
 * "none given").
 */
export function closeError(code: number | undefined, reason: string, cause?: unknown): TransportError | undefined {
  if (code === 1000 || code === 1005) return undefined;
  const words = reason === "" ? "" : `, ${JSON.stringify(printableText(reason, 200))}`;
  const hint = code === 1006 ? ": it was cut off" : code === 1011 ? ": can it reach the server behind it?" : "";
  return lost(`the WebSocket proxy closed the connection (${code ?? "no code"}${words})${hint}`, cause);
}

/** What the host says of an error; browsers say nothing. */
export function detailOf(event: object): string {
  const { message, error } = event as { readonly message?: unknown; readonly error?: unknown };
  const text = typeof message === "string" && message !== "" ? message : error instanceof Error ? error.message : "";
  return text === "" ? "" : `: ${printableText(text, 200)}`;
}
