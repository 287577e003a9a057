import {
  type Checks,
  checkAbove,
  checkBoolean,
  checkFunction,
  checkMethods,
  checkSignal,
  checkString,
  checkWhole,
  checkWholeOrInfinity,
  refuse,
} from "../../checks/index.ts";
import type { CallOptions, RemctlClientOptions, RunOptions, StreamOptions } from "./options.ts";

export const callChecks: Checks<CallOptions> = {
  signal: checkSignal,
  idleTimeoutMs: [checkAbove, 0],
  totalTimeoutMs: [checkAbove, 0],
};

export const streamChecks: Checks<StreamOptions> = { ...callChecks, isLast: checkBoolean };

export const runChecks: Checks<RunOptions> = { ...streamChecks, maxOutputBytes: [checkWholeOrInfinity, 0] };

/** For the options of a connection and its session, but for the function that they report to. */
export const connectionChecks: Checks<Omit<RemctlClientOptions, "trace">> = {
  ...callChecks,
  port: [checkWhole, 1, 65_535],
  localAddress: checkString,
  connectTimeoutMs: [checkAbove, 0],
  maxOutputBytes: [checkWholeOrInfinity, 0],
  maxArguments: [checkWhole, 0, 0xffff_ffff],
  maxCommandBytes: [checkWholeOrInfinity, 0],
  protocol: [checkWhole, 1, 2],
  allowVersion1: checkBoolean,
  protocols: (name, value) => checkParts(name, value, "version1()", "exchange"),
  argumentKinds: (name, value) => checkParts(name, value, "streamedArguments()", "check"),
  outputKinds: (name, value) => checkParts(name, value, "streamedOutput()", "begin"),
  legacyTokens: [checkMethods, "protect"],
  pipelineDepth: [checkWhole, 1, 1_024],
};

/** The same, with that function. */
export const sessionChecks: Checks<RemctlClientOptions> = { ...connectionChecks, trace: checkFunction };

/** A list of parts that functions of this package make, each of which has a method. */
function checkParts(name: string, value: unknown, maker: string, method: string): void {
  const isPart = (one: unknown): boolean => typeof (Object(one) as Record<string, unknown>)[method] === "function";
  if (!Array.isArray(value) || !value.every(isPart)) refuse(name, value, `an array of what ${maker} gives`);
}
