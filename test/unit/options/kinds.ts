// What is wrong for an option, by what the option is. A marker stands for a secret: it is in no error.

export const MARKER = "S3CRET-m4rker-of-the-tests";

const notNumbers = [MARKER, [MARKER], { [MARKER]: MARKER }, null];
const notFunctions = [MARKER, { MARKER }, 5, null];

/** Values that each kind of option refuses. */
export const KINDS = {
  text: ["", 5, [MARKER], { MARKER }, null],
  string: [5, [MARKER], { MARKER }, null],
  flag: [MARKER, 1, [MARKER], null],
  callback: notFunctions,
  object: [MARKER, 5, [MARKER], null],
  signal: [MARKER, { MARKER }, 5, null],
  date: [MARKER, 5, new Date(Number.NaN), null],
  octets: [MARKER, [1, 2], null],
  list: [MARKER, { MARKER }, 5, null],
  texts: [MARKER, [5], [undefined], [""], null],
  word: [MARKER, 5, [MARKER], null],
  port: [...notNumbers, 0, 65_536, 1.5, Number.NaN],
  portOrAny: [...notNumbers, -1, 65_536, 1.5, Number.NaN],
  above0: [...notNumbers, 0, -1, Number.NaN],
  from0: [...notNumbers, -1, Number.NaN],
  from1: [...notNumbers, 0, Number.NaN],
  whole0: [...notNumbers, -1, 1.5, Number.NaN],
  whole1: [...notNumbers, 0, -1, 1.5, Number.NaN],
  int32: [...notNumbers, 2 ** 31, 1.5, Number.NaN],
  host: ["", "server:4373", "https://server/", "two words", "[::1]", 5, [MARKER], null],
  principal: [5, { MARKER }, [MARKER], null],
  parsed: [MARKER, 5, { MARKER }, null],
  enctypes: [MARKER, [], [MARKER], [99], [{ MARKER }], null],
  anyEnctypes: [MARKER, [], [MARKER], [1.5], [{ MARKER }], null],
  servers: [5, [undefined], [5], [""], { R: 5 }, { R: [undefined] }, null],
  objects: [MARKER, [MARKER], [null], { MARKER }, null],
  mechanisms: [MARKER, "timestamp", [MARKER], [{ MARKER }], [null], null],
} satisfies Record<string, readonly unknown[]>;

/** A kind, or the very values. */
export type Kind = keyof typeof KINDS | readonly unknown[];

export const wrongValues = (kind: Kind): readonly unknown[] => (typeof kind === "string" ? KINDS[kind] : kind);
