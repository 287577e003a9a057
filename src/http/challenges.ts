/** One challenge of a `WWW-Authenticate` field (RFC 9110 section 11.6.1), without its parameters. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** What follows the scheme, where that is one word. */
  readonly token: string | undefined;
  /** What follows it is neither a word nor parameters; what stands behind is not read. */
  readonly isBroken: boolean;
}

/** A server that means well never sends more: hosts refuse 16 to 256 KiB before this does. */
export const MAX_FIELD = 262_144;

const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const TOKEN68 = /[\w\-.~+/]+=*/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;

/**
 * Reads the challenges of a field's value, or of several values with commas between them, as `Headers` joins them (RFC
 * 9110 section 11.6.1). In one pass: a stranger's field costs its length. It never throws.
 */
export function parseChallenges(value: string): readonly Challenge[] {
  const found: Challenge[] = [];
  const text = value.slice(0, MAX_FIELD);
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const word = pattern.exec(text)?.[0] ?? "";
    at += word.length;
    return word;
  };
  const skip = (characters: string): void => {
    while (at < text.length && characters.includes(text.charAt(at))) at++;
  };
  const breakOff = (): readonly Challenge[] => {
    const last = found.pop();
    return last === undefined ? found : [...found, { ...last, isBroken: true }];
  };
  for (;;) {
    const from = at;
    skip(" \t,");
    const isFirst = found.length === 0 || text.slice(from, at).includes(",");
    if (at === text.length) return found;
    const word = take(TOKEN);
    if (word === "") return breakOff();
    const afterWord = at;
    skip(" \t");
    if (text[at] === "=" && found.length > 0) {
      // A parameter of the challenge before.
      at++;
      skip(" \t");
      if (take(QUOTED) === "" && take(TOKEN) === "") return breakOff();
      continue;
    }
    if (!isFirst) return breakOff();
    let token: string | undefined;
    const mark = at;
    if (at > afterWord && take(TOKEN68) !== "") {
      token = text.slice(mark, at);
      skip(" \t");
      // Else it is the name of the first parameter.
      if (at < text.length && text[at] !== ",") token = undefined;
      if (token === undefined) {
        at = mark;
        if (!takeParameter(take, skip, () => text[at++] === "=")) {
          found.push({ scheme: word.toLowerCase(), token, isBroken: true });
          return found;
        }
      }
    }
    found.push({ scheme: word.toLowerCase(), token, isBroken: false });
  }
}

/** `name = value`. */
function takeParameter(
  take: (pattern: RegExp) => string,
  skip: (characters: string) => void,
  takeEquals: () => boolean,
): boolean {
  if (take(TOKEN) === "") return false;
  skip(" \t");
  if (!takeEquals()) return false;
  skip(" \t");
  return take(QUOTED) !== "" || take(TOKEN) !== "";
}
