// Looks for a marker secret in all that a program could log of an error, an event or a value.

import { inspect } from "node:util";

/** All that a logger could make of it: message, causes, fields, JSON and inspection. */
export function everything(value: unknown): string {
  const octets = (_key: string, found: unknown): unknown =>
    found instanceof Error ? { ...found, text: found.message, cause: found.cause } : found;
  const stack = value instanceof Error ? value.stack : "";
  return `${JSON.stringify(value)}\n${JSON.stringify({ value }, octets)}\n${inspect(value, { depth: 12, showHidden: true })}\n${stack}`;
}

/** Pieces of the marker of 12 letters, as they are and in a URL: none of them may be shown. */
export function piecesOf(marker: string): string[] {
  const bare = marker.replace(/\n/g, "");
  const pieces = Array.from({ length: Math.max(1, Math.floor(bare.length / 12)) }, (_, i) =>
    bare.slice(i * 12, i * 12 + 12),
  );
  return [...new Set(pieces.flatMap((piece) => [piece, encodeURIComponent(piece)]))].filter(
    (piece) => piece.length >= 8,
  );
}

/** What came of an attempt: its error and its trace, as one text. */
export async function shownOf(attempt: (onTrace: (event: object) => void) => unknown): Promise<string> {
  const events: object[] = [];
  let error: unknown;
  try {
    await attempt((event) => void events.push(event));
  } catch (caught) {
    error = caught;
  }
  return everything(error) + everything(events);
}
