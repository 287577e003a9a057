import { type Checks, checkFunction, checkWholeOrInfinity } from "../../checks/index.ts";
import { connectionChecks } from "../session/option-checks.ts";
import type { RunOnHostsOptions } from "./options.ts";

const { signal, maxArguments, maxCommandBytes, argumentKinds } = connectionChecks;

export const hostsChecks: Checks<RunOnHostsOptions> = {
  signal,
  maxArguments,
  maxCommandBytes,
  argumentKinds,
  concurrency: [checkWholeOrInfinity, 1],
  onResult: checkFunction,
  onProgress: checkFunction,
};
