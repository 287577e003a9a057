import {
  type Checks,
  checkNumber,
  checkOctets,
  checkPart,
  checkRequired,
  checkString,
  checkText,
  checkWhole,
  checkWholeOrInfinity,
  checkWord,
  kindOf,
  meant,
  refuse,
} from "../../checks/index.ts";
import { LONGEST_TIMER_MS } from "../../host/index.ts";
import type { Fault, FaultName, FaultTarget, PlainFaultName } from "./fault-types.ts";

const targets: { readonly [T in NonNullable<FaultTarget["on"]>]: true } = {
  "as-rep": true,
  "tgs-rep": true,
  "as-req": true,
  "tgs-req": true,
  error: true,
  any: true,
};

const targetChecks: Checks<FaultTarget & { readonly name: unknown }> = {
  name: () => {},
  on: [checkWord, ...Object.keys(targets)],
  count: [checkWholeOrInfinity, 1],
};

// Int32 (RFC 4120 section 5.2.4)
const int32 = [checkWhole, -(2 ** 31), 2 ** 31 - 1] as const;
const uint32 = [checkWhole, 0, 2 ** 32 - 1] as const;

type Parts<N extends FaultName> = Omit<Extract<Fault, { readonly name: N }>, keyof FaultTarget | "name">;

/** What some faults have beside their name. */
const parts: { readonly [N in Exclude<FaultName, PlainFaultName>]: Checks<Parts<N>> } = {
  "krb-error": { code: int32, text: checkString, eData: checkOctets, seconds: int32 },
  "wrong-realm": { realm: checkText },
  referral: { realm: checkText },
  iterations: { iterations: uint32 },
  slow: { ms: [checkNumber, 0, LONGEST_TIMER_MS] },
  "length-word": { value: uint32 },
};

/** A fault that never happens makes a test pass for nothing: it is refused here. */
export function checkFault(fault: Fault, names: { readonly [name: string]: unknown }): void {
  if (kindOf(fault) !== "an object") refuse("the fault", fault, "an object");
  const { name } = fault;
  if (typeof name !== "string") refuse("the fault's name", name, "the name of a fault");
  if (!Object.hasOwn(names, name)) {
    throw new TypeError(`the fault's name is not one that there is: ${meant(name, Object.keys(names))}`);
  }
  const own: Checks<object> = Object.hasOwn(parts, name) ? parts[name as keyof typeof parts] : {};
  const nameOf = (field: string): string => `the fault's ${field}`;
  checkPart<object>("the fault", fault, { ...targetChecks, ...own }, nameOf);
  // Every fault that has parts needs the first of them.
  const [first] = Object.keys(own);
  if (first !== undefined) checkRequired(fault, own as Checks<Fault>, first as keyof Fault);
}
