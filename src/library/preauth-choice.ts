import { refuse } from "../checks/index.ts";
import type { ExchangesOptions } from "../client/index.ts";
import { checkMechanisms, type PreauthMechanism } from "../preauth/index.ts";
import type { ExchangeOptions } from "./kerberos-options.ts";

/** What the option `preauth` says, and which mechanisms there are where it names none. */
export function preauthChoice(
  choice: ExchangeOptions["preauth"],
  usual: () => readonly PreauthMechanism[] | undefined,
): Pick<ExchangesOptions, "preauth" | "isTimestampFirst"> {
  const isTimestampFirst = choice === "timestamp-first";
  return { preauth: isTimestampFirst || choice === undefined ? usual() : choice, isTimestampFirst };
}

/** Checks the option. Throws TypeError and RangeError: the caller's mistakes. */
export function checkPreauth(name: string, value: unknown): void {
  if (value === "timestamp-first") return;
  if (typeof value === "string") refuse(name, value, 'a list of mechanisms, or "timestamp-first"');
  checkMechanisms(value as readonly PreauthMechanism[]);
}
