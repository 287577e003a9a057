import type { PreauthMechanism } from "./mechanism.ts";

const METHODS = ["canAnswer", "begin"] as const;

/**
 * Checks the option `preauth`: a list of mechanisms, none of them twice.
 *
 * @param given The option as the caller gave it.
 * @throws TypeError or RangeError: the caller's mistake.
 */
export function checkMechanisms(given: readonly PreauthMechanism[] | undefined): void {
  if (given === undefined) return;
  if (!Array.isArray(given)) throw new TypeError("preauth is not a list: give mechanisms, for example [encTimestamp]");
  const types = new Set<number>();
  for (const [index, mechanism] of given.entries()) {
    const { type, name } = (mechanism ?? {}) as Partial<PreauthMechanism>;
    const isMechanism = Number.isInteger(type) && METHODS.every((method) => typeof mechanism[method] === "function");
    if (!isMechanism) {
      const hint = typeof mechanism === "function" ? ": it is a function, which has to be called" : "";
      throw new TypeError(`preauth[${index}] is not a mechanism${hint}`);
    }
    if (types.has(type as number)) throw new RangeError(`preauth[${index}]: ${name} is in the list already`);
    types.add(type as number);
  }
}
