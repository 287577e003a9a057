/**
 * Tells whether a text fits a pattern of fnmatch(3): `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before a character
 * that stands for itself; one at the end fits nothing. Takes at most the product of the two lengths.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  let [at, p] = [0, 0];
  let star: { readonly p: number; at: number } | undefined;
  while (at < text.length) {
    if (pattern[p] === "*") {
      star = { p, at };
      p += 1;
      continue;
    }
    const next = oneFits(pattern, p, text[at] as string);
    if (next !== undefined) {
      p = next;
      at += 1;
    } else if (star !== undefined) {
      // The last star takes one character more.
      star.at += 1;
      at = star.at;
      p = star.p + 1;
    } else return false;
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
}

/** Where the pattern goes on after an element that fits the character; undefined: it does not fit. */
function oneFits(pattern: string, p: number, character: string): number | undefined {
  const element = pattern[p];
  if (element === undefined) return undefined;
  if (element === "?") return p + 1;
  if (element === "[") {
    const set = readSet(pattern, p, character);
    // A bracket that is never closed stands for itself.
    if (set !== undefined) return set.hasIt ? set.end : undefined;
  }
  if (element === "\\") return pattern[p + 1] === character ? p + 2 : undefined;
  return element === character ? p + 1 : undefined;
}

function readSet(pattern: string, start: number, character: string): { hasIt: boolean; end: number } | undefined {
  let p = start + 1;
  const isNegated = pattern[p] === "!" || pattern[p] === "^";
  if (isNegated) p += 1;
  let hasIt = false;
  for (let isFirst = true; isFirst || pattern[p] !== "]"; isFirst = false) {
    const from = pattern[p];
    if (from === undefined) return undefined;
    const hasEnd = pattern[p + 1] === "-" && pattern[p + 2] !== undefined && pattern[p + 2] !== "]";
    const to = hasEnd ? (pattern[p + 2] as string) : from;
    if (character >= from && character <= to) hasIt = true;
    p += hasEnd ? 3 : 1;
  }
  return { hasIt: hasIt !== isNegated, end: p + 1 };
}
