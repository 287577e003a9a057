import { LONGEST_TIMER_MS } from "../../host/index.ts";
import { checkNumber, checkObject, checkText, checkWhole } from "./check.ts";
import type { Fault, FaultTarget } from "./fault-types.ts";

const targets: { readonly [T in NonNullable<FaultTarget["on"]>]: true } = {
  "as-rep": true,
  "tgs-rep": true,
  "as-req": true,
  "tgs-req": true,
  error: true,
  any: true,
};

/** What some faults need beside their name. */
const needs: { readonly [name: string]: (fault: { readonly [field: string]: unknown }) => void } = {
  // Int32 (RFC 4120 section 5.2.4)
  "krb-error": ({ code, seconds = 0 }) => {
    checkWhole("the fault's code", code, -(2 ** 31), 2 ** 31 - 1);
    checkWhole("the fault's seconds", seconds, -(2 ** 31), 2 ** 31 - 1);
  },
  "wrong-realm": ({ realm }) => checkText("the fault's realm", realm),
  referral: ({ realm }) => checkText("the fault's realm", realm),
  iterations: ({ iterations }) => checkWhole("the fault's iterations", iterations, 0, 2 ** 32 - 1),
  slow: ({ ms }) => checkNumber("the fault's ms", ms, 0, LONGEST_TIMER_MS),
  "length-word": ({ value }) => checkWhole("the fault's value", value, 0, 2 ** 32 - 1),
};

/** A fault that never happens makes a test pass for nothing: it is refused here. */
export function checkFault(fault: Fault, names: { readonly [name: string]: unknown }): void {
  checkObject("a fault", fault);
  const { name, on = "any", count = 1 } = fault;
  if (!Object.hasOwn(names, name)) throw new TypeError(`no fault is called ${String(name)}`);
  if (!Object.hasOwn(targets, on)) {
    throw new TypeError(`a fault's on is one of ${Object.keys(targets).join(", ")}, not ${String(on)}`);
  }
  if (count !== Number.POSITIVE_INFINITY) checkWhole("the fault's count", count, 1, Number.MAX_SAFE_INTEGER);
  if (Object.hasOwn(needs, name)) needs[name]?.({ ...fault });
}
