import {
  type Checks,
  checkFunction,
  checkList,
  checkNumber,
  checkOctets,
  checkOptions,
  checkPart,
  checkSignal,
  checkText,
} from "../../checks/index.ts";
import { abortedError } from "../../host/index.ts";
import { checkParsedPrincipal } from "../../krb5/index.ts";
import { checkCredential } from "../credential.ts";
import type { CacheOptions, ConfigEntry, NewCacheContents } from "./types.ts";

const cacheChecks: Checks<CacheOptions> = { signal: checkSignal };

const entryChecks: Checks<ConfigEntry> = { key: checkText, server: checkParsedPrincipal, value: checkOctets };

const contentsChecks: Checks<NewCacheContents> = {
  principal: checkParsedPrincipal,
  credentials: [checkList, checkCredential],
  config: [checkList, (name, value) => checkEntry(name, value)],
  // Any clock that Date has.
  clockOffsetMs: [checkNumber, -8.64e15, 8.64e15],
};

/** What each method of a cache is given. */
const argumentChecks: Readonly<Record<"initialize" | "store" | "remove" | "setConfig", (value: unknown) => void>> = {
  initialize(value) {
    checkPart("contents", value, contentsChecks);
    checkParsedPrincipal("contents.principal", (value as NewCacheContents).principal);
  },
  store: (value) => checkCredential("credential", value),
  remove: (value) => checkFunction("which", value),
  setConfig: (value) => checkEntry("entry", value),
};

/**
 * Checks the options of a method of a cache. Throws TypeError: the caller's mistake; TransportError `ABORTED` where the
 * signal has aborted: a method that cannot be stopped halfway is not begun.
 */
export function checkCacheOptions(options: CacheOptions = {}): void {
  checkOptions("the method of the cache", options, cacheChecks);
  if (options.signal?.aborted) throw abortedError("using the credential cache", options.signal);
}

/** Checks what a method of a cache is given, of whatever type the cache is. Throws TypeError: the caller's mistake. */
export function checkCacheCall(method: keyof typeof argumentChecks, value: unknown, options?: CacheOptions): void {
  checkCacheOptions(options);
  argumentChecks[method](value);
}

function checkEntry(name: string, value: unknown): void {
  checkPart(name, value, entryChecks);
  checkText(`${name}.key`, (value as ConfigEntry).key);
}
