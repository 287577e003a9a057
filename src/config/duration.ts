const MAX_SECONDS = 0x7fffffff;
const MAX_LENGTH = 64;

/**
 * A span of time as libkrb5 reads it, in seconds: `300`, `1h30m`, `2d 4h`, `60min`, `1day`, `5:00` (hours and minutes),
 * `5:00:00`, `1-02:03:04` (days). Undefined for any other text, and for one that does not fit 31 bits.
 *
 * libkrb5 passes over whatever follows the first part that it knows: it takes `5w`, `5M`, `5H` and `5D` for 5 seconds,
 * `1.5h` for one, and `1h,30m`, `1h+30m` and `1day2hours` for the first part alone. Nobody means that: they are refused
 * here.
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
  const match = /^(?:(-?\d{1,10})-)?(-?\d{1,10}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  // With days there are seconds too, and each part is two digits.
  if (match[1] !== undefined && (match[4] === undefined || !/^\d{1,2}$/.test(match[2] as string))) return undefined;
  // As in libkrb5, a sign belongs to its own number: `-1:30` is half an hour ago.
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** The letter of a unit may be written out where it is the last. */
const LONG_UNIT = /^(.*\d)(days?|hours?|min(?:ute)?s?|sec(?:ond)?s?)$/;

function units(text: string): number | undefined {
  const [, before, unit] = LONG_UNIT.exec(text) ?? [];
  const short = unit === undefined ? text : `${before}${unit[0]}`;
  // Each unit once, the largest first; a number without one stands alone.
  let rest = short;
  let seconds = 0;
  let isEmpty = true;
  for (const [letter, size] of UNITS) {
    const match = /^\s*(-?\d{1,10})([dhms])/.exec(rest);
    if (match?.[2] !== letter) continue;
    seconds += Number(match[1]) * size;
    rest = rest.slice(match[0].length);
    isEmpty = false;
  }
  return isEmpty || rest !== "" ? undefined : seconds;
}

/** Seconds as `1d2h3m4s`, for people. */
export function formatDuration(seconds: number): string {
  const sign = seconds < 0 ? "-" : "";
  let rest = Math.abs(Math.trunc(seconds));
  let text = "";
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) text += `${sign}${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}
