import { describe, expect, it } from "vitest";
import { type CommandState, isSafeToRetry } from "../../../src/entry/index.ts";
import { KdcError, PreauthError, TransportError } from "../../../src/errors.ts";
import { allCodes, errorOf } from "./one-of-each.ts";

/** Codes after which another try may succeed. All others: what is wrong stays wrong. */
const passing = [
  "CONNECT",
  "DNS",
  "KDC_UNREACHABLE",
  "CONNECTION_CLOSED",
  "TIMEOUT",
  "SERVER_KEY_CHANGED",
  "REPLAY",
  "REMCTL_SESSION_BUSY",
  "REMCTL_SESSION_CLOSED",
  "REMCTL_POOL_FULL",
];
const states: readonly (CommandState | undefined)[] = [undefined, "not-sent", "maybe-executed", "completed"];

describe("isSafeToRetry", () => {
  for (const code of allCodes) {
    it.each(states)(`${code}, command %s`, (state) => {
      const error = errorOf(code);
      if (state !== undefined) error.commandState = state;
      const cannotHaveRun = state === undefined || state === "not-sent";
      expect(isSafeToRetry(error)).toBe(passing.includes(code) && cannotHaveRun);
    });
  }

  it("a KDC that says that it is unavailable may be asked again", () => {
    const about = { errorCode: 29, errorName: "KDC_ERR_SVC_UNAVAILABLE" };
    expect(isSafeToRetry(new KdcError("KDC", "not now", about))).toBe(true);
    expect(isSafeToRetry(new KdcError("CLIENT_LOCKED", "locked", about))).toBe(false);
  });

  it("a secret that rests may not, whatever else is said", () => {
    const retryAfter = new Date();
    expect(isSafeToRetry(new PreauthError("WRONG_PASSWORD", "wrong", { retryAfter }))).toBe(false);
    expect(isSafeToRetry(Object.assign(new TransportError("TIMEOUT", "late"), { retryAfter }))).toBe(false);
  });

  it("nor may a mistake, or what is not of this package", () => {
    const abort = new DOMException("stop", "AbortError");
    const like = Object.assign(new Error("refused"), { code: "CONNECT", commandState: "not-sent" });
    for (const error of [new TypeError("x"), new RangeError("x"), abort, like, "CONNECT", undefined, null]) {
      expect(isSafeToRetry(error)).toBe(false);
    }
  });
});
