import { type Checks, checkFunction, checkNumber, checkWholeOrInfinity } from "../../checks/index.ts";
import { callChecks } from "../session/option-checks.ts";
import type { PoolCallOptions, PoolOptions, PoolRunOptions } from "./options.ts";

export const poolChecks: Checks<PoolOptions> = {
  maxSessions: [checkWholeOrInfinity, 1],
  maxSessionsPerHost: [checkWholeOrInfinity, 1],
  maxOpening: [checkWholeOrInfinity, 1],
  maxWaiting: [checkWholeOrInfinity, 0],
  waitTimeoutMs: [checkNumber, 1],
  idleCloseMs: [checkNumber, 0],
  noopAfterMs: [checkNumber, 0],
  noopTimeoutMs: [checkNumber, 1],
  expiryMarginMs: [checkNumber, 0],
  now: checkFunction,
};

export const poolCallChecks: Checks<PoolCallOptions> = { ...callChecks, waitTimeoutMs: [checkNumber, 1] };

export const poolRunChecks: Checks<PoolRunOptions> = { ...poolCallChecks, maxOutputBytes: [checkWholeOrInfinity, 0] };

export const poolCloseChecks: Checks<{ readonly graceMs?: number | undefined }> = { graceMs: [checkNumber, 0] };
