import {
  type Checks,
  checkDate,
  checkFunction,
  checkMethods,
  checkNumber,
  checkOctets,
  checkString,
  refuse,
} from "../../checks/index.ts";
import { checkParsedPrincipal } from "../../krb5/index.ts";
import type { StoreCacheOptions } from "./store-options.ts";

/** For a cache in a store; those that a client sets are a part of them. */
export const storeCacheChecks: Checks<StoreCacheOptions> = {
  store: [checkMethods, "get", "set", "delete", "add?", "deleteIf?"],
  key: checkStoreKey,
  principal: checkParsedPrincipal,
  secret: checkOctets,
  notBefore: checkDate,
  prefix: checkString,
  randomBytes: checkFunction,
  restSeconds: [checkNumber, 0],
  lockSeconds: [checkNumber, 0],
  onTrace: checkFunction,
};

/** Keys are never quoted. */
function checkStoreKey(name: string, value: unknown): void {
  const keys = Array.isArray(value) ? value : [value];
  if (keys.length === 0) throw new RangeError(`${name} is an empty array: give at least one key`);
  for (const key of keys) {
    if (!(key instanceof Uint8Array)) refuse(name, key, "16 or 32 random octets as a Uint8Array, or an array of them");
    if (key.length !== 16 && key.length !== 32) {
      throw new RangeError(`${name} has ${key.length} octets: a key of a store has 16 or 32 random octets`);
    }
  }
}
