/**
 * Checks of what callers give: options by name and by value. A mistake of the caller is a TypeError or RangeError that
 * names the option, what came and what is expected, and never quotes a value that may be a secret.
 *
 * Layer 0: it may import no other room.
 */
export { kindOf, refuse } from "./kind.ts";
export { meant } from "./nearest.ts";
export { checkAbove, checkNumber, checkWhole, checkWholeOrInfinity } from "./numbers.ts";
export {
  type Checks,
  checkOptions,
  checkPart,
  checkRequired,
  checkValues,
  type OptionHint,
  optionElsewhere,
} from "./options.ts";
export {
  type Check,
  checkBoolean,
  checkDate,
  checkFunction,
  checkList,
  checkMethods,
  checkObject,
  checkOctets,
  checkSignal,
  checkString,
  checkText,
  checkWord,
} from "./values.ts";
