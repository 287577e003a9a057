const MAX_SECONDS = 0x7fffffff;
const MAX_LENGTH = 64;

/**
 * A span of time as libkrb5 reads it, in seconds: `300`, `1h30m`, `2d 4h`, `5:00` (hours and minutes), `5:00:00`,
 * `1-02:03:04` (days). Undefined if it is none of these or does not fit 31 bits.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) return undefined;
  const seconds = plain(trimmed) ?? clock(trimmed) ?? units(trimmed);
  return seconds !== undefined && Math.abs(seconds) <= MAX_SECONDS ? seconds : undefined;
}

function plain(text: string): number | undefined {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function clock(text: string): number | undefined {
  const match = /^(?:(\d{1,10})-)?(\d{1,10}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  // With days there are seconds too, and each part is two digits.
  if (match[1] !== undefined && (match[4] === undefined || (match[2] as string).length > 2)) return undefined;
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

function units(text: string): number | undefined {
  const match = /^(?:(-?\d{1,10})d)?\s*(?:(-?\d{1,10})h)?\s*(?:(-?\d{1,10})m)?\s*(?:(-?\d{1,10})s?)?$/.exec(text);
  if (match === null || text === "") return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** Seconds as `1d2h3m4s`, for people. */
export function formatDuration(seconds: number): string {
  const sign = seconds < 0 ? "-" : "";
  let rest = Math.abs(Math.trunc(seconds));
  let text = "";
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${sign}${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
