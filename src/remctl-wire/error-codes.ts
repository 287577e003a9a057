/** Error codes of MESSAGE_ERROR (remctl protocol section 2.6; 9 since its 2014 revision; 10 only in remctld). */
export const REMCTL_ERROR = {
  internal: 1,
  badToken: 2,
  unknownMessage: 3,
  badCommand: 4,
  unknownCommand: 5,
  access: 6,
  tooManyArgs: 7,
  tooMuchData: 8,
  unexpectedMessage: 9,
  noHelp: 10,
} as const;

const names: Readonly<Record<number, string>> = {
  1: "ERROR_INTERNAL",
  2: "ERROR_BAD_TOKEN",
  3: "ERROR_UNKNOWN_MESSAGE",
  4: "ERROR_BAD_COMMAND",
  5: "ERROR_UNKNOWN_COMMAND",
  6: "ERROR_ACCESS",
  7: "ERROR_TOOMANY_ARGS",
  8: "ERROR_TOOMUCH_DATA",
  9: "ERROR_UNEXPECTED_MESSAGE",
  10: "ERROR_NO_HELP",
};

/**
 * Gives the name of a remctl error code (remctl protocol section 3.5).
 *
 * @param code the number that a server sent
 * @returns the name; `ERROR_<number>` for one that is not known
 * @example
 * ```ts
 * import { remctlErrorName } from "krb5-remctl";
 *
 * remctlErrorName(5); // "ERROR_UNKNOWN_COMMAND"
 * ```
 */
export function remctlErrorName(code: number): string {
  return names[code] ?? `ERROR_${code}`;
}
