import { parseDuration } from "../config/index.ts";

/**
 * A span of time on a command line, in seconds; undefined for any other text, and for a span that is not above zero.
 */
export function parseLifetime(text: string): number | undefined {
  const seconds = parseDuration(text);
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}

/** What parts of a time come in which order, with what between them; two-digit years are of 1969 to 2068. */
const FORMATS: readonly (readonly [pattern: RegExp, parts: string])[] = [
  [/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, "YMDhms"],
  [/^(\d{4})\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)$/, "YMDhms"],
  [/^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, "yMDhms"],
  [/^(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)$/, "yMDhms"],
  [/^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, "yMDhm"],
  [/^(\d\d)\/(\d\d)\/(\d\d):(\d\d):(\d\d):(\d\d)$/, "MDyhms"],
  [/^(\d{1,2})-([A-Za-z]{3})-(\d{4}):(\d\d):(\d\d):(\d\d)$/, "DbYhms"],
  [/^(\d{1,2})-([A-Za-z]{3})-(\d{4}):(\d\d):(\d\d)$/, "DbYhm"],
];
const MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

/**
 * When a ticket shall begin: a span from now on (`1h`, `14:30` for that many hours and minutes, `5400`), or a date in
 * local time (`20261123143000`, `261123143000`). Undefined if it is neither, or no time at all. What reads as both is a
 * span, as with MIT's kinit: a time of day alone is not a span.
 */
export function parseStartTime(text: string, nowMs: number): Date | undefined {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds === 0 ? undefined : new Date(nowMs + seconds * 1000);
  for (const [pattern, parts] of FORMATS) {
    const match = pattern.exec(text.trim());
    if (match === null) continue;
    const now = new Date(nowMs);
    const found = new Map([...parts].map((part, i) => [part, match[i + 1] as string]));
    const number = (part: string, otherwise: number): number => Number(found.get(part) ?? otherwise);
    const short = found.get("y");
    const year =
      short === undefined ? number("Y", now.getFullYear()) : Number(short) + (Number(short) < 69 ? 2000 : 1900);
    const name = found.get("b")?.toLowerCase();
    const month = name === undefined ? number("M", now.getMonth() + 1) : MONTHS.indexOf(name) / 3 + 1;
    const date = new Date(year, month - 1, number("D", now.getDate()), number("h", 0), number("m", 0), number("s", 0));
    const isReal =
      month >= 1 && month <= 12 && date.getMonth() === month - 1 && number("h", 0) < 24 && number("m", 0) < 60;
    return isReal ? date : undefined;
  }
  return undefined;
}
