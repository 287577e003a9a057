import { checkValues } from "../../checks/index.ts";
import { type AnyKerberosError, isKerberosError, RemctlError } from "../../errors.ts";
import { abortedError } from "../../host/index.ts";
import type { RemctlArgument } from "../command/argument.ts";
import { encodeArguments } from "../command/arguments.ts";
import type { RemctlResult } from "../output/result.ts";
import { type RemctlHost, type RemctlTarget, resolveTarget } from "../pool/target.ts";
import { resolveClientOptions } from "../session/resolve-options.ts";
import { hostsChecks } from "./option-checks.ts";
import type { RunOnHostsOptions } from "./options.ts";
import { type HostOutcome, type HostsSummary, HostsTally } from "./outcomes.ts";
import { SharedSource, type Source, sizeOf } from "./source.ts";

/** A command for many hosts: the same for all, or made for each. */
export type HostsCommand = readonly RemctlArgument[] | ((target: RemctlTarget) => readonly RemctlArgument[]);

/** Runs one command on one host, in a new session. */
export type RunOnHost = (
  target: RemctlTarget,
  args: readonly RemctlArgument[],
  options: { readonly signal: AbortSignal | undefined },
) => Promise<RemctlResult>;

/**
 * Runs a command on many hosts, so many at once. Every host has exactly one outcome, and what happens to one is nothing
 * to the others. Nothing is tried twice. Memory is for those that run, for failures and, without `onResult`, for the
 * outcomes.
 *
 * Rejects for mistakes of the caller alone: TypeError and RangeError before anything is sent, what `onResult`,
 * `onProgress` or the iterator of the hosts throws. Failures and an abort are in the summary.
 */
export async function runOnHosts(
  run: RunOnHost,
  hosts: Source<RemctlHost>,
  command: HostsCommand,
  options: RunOnHostsOptions = {},
): Promise<HostsSummary> {
  const { signal, onResult, onProgress } = options;
  checkValues(options, hostsChecks);
  const { concurrency = 32 } = options;
  // A command that cannot be sent is one mistake, not one for each host.
  const { maxArguments, maxCommandBytes, argumentKinds } = options;
  const limits = resolveClientOptions({ maxArguments, maxCommandBytes, argumentKinds });
  if (typeof command !== "function") encodeArguments(command, limits);
  const total = sizeOf(hosts);
  const tally = new HostsTally(total, onResult === undefined);
  const source = new SharedSource(hosts, signal);
  let mistake: { readonly error: unknown } | undefined;

  const finish = async (outcome: HostOutcome): Promise<void> => {
    tally.add(outcome);
    try {
      await onResult?.(outcome);
      onProgress?.(tally.progress());
    } catch (error) {
      mistake ??= { error };
      source.end();
    }
  };
  const begin = (): void => {
    tally.running++;
    try {
      onProgress?.(tally.progress());
    } catch (error) {
      mistake ??= { error };
      source.end();
    }
  };
  const work = async (): Promise<void> => {
    for (;;) {
      const next = await source.next();
      if (next === undefined) return;
      begin();
      const outcome = await runOne(run, next.value, next.index, command, signal);
      tally.running--;
      await finish(outcome);
    }
  };

  try {
    const workers = Array.from({ length: Math.min(concurrency, total ?? concurrency, maxWorkers) }, work);
    const ends = await Promise.allSettled(workers);
    for (const end of ends) if (end.status === "rejected") mistake ??= { error: end.reason };
    if (signal?.aborted && mistake === undefined && total !== undefined) {
      for (const outcome of notBegun(hosts as Iterable<RemctlHost>, source.taken, signal)) await finish(outcome);
    }
  } finally {
    source.end();
  }
  if (mistake !== undefined) throw mistake.error;
  return tally.summary(signal?.aborted === true);
}

/** Those that the abort came before. */
function* notBegun(hosts: Iterable<RemctlHost>, begun: number, signal: AbortSignal): Generator<HostOutcome> {
  let index = 0;
  for (const entry of hosts) {
    if (index >= begun) {
      const target = asTarget(entry);
      const error = abortedError(`the command on ${target.host}`, signal);
      error.commandState = "not-sent";
      yield { host: target.host, target, index, milliseconds: 0, error };
    }
    index++;
  }
}

/** Never rejects: whatever goes wrong is this host's. */
async function runOne(
  run: RunOnHost,
  entry: RemctlHost,
  index: number,
  command: HostsCommand,
  signal: AbortSignal | undefined,
): Promise<HostOutcome> {
  const startedAtMs = performance.now();
  let target = asTarget(entry);
  const about = () => ({ host: target.host, target, index, milliseconds: performance.now() - startedAtMs });
  let isRunning = false;
  try {
    target = resolveTarget(entry);
    const args = typeof command === "function" ? command(target) : command;
    isRunning = true;
    const result = await run(target, args, { signal });
    return { ...about(), result };
  } catch (cause) {
    return { ...about(), error: isKerberosError(cause) ? cause : untyped(target.host, cause, isRunning) };
  }
}

/** The error of a host for what is not one of this package: a caller's mistake comes before anything is sent. */
function untyped(host: string, cause: unknown, isRunning: boolean): AnyKerberosError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const error = new RemctlError(
    "REMCTL_TARGET",
    `the command cannot be run on ${host}: ${reason}; look at the error's cause`,
    { cause },
  );
  const isMistake = cause instanceof TypeError || cause instanceof RangeError;
  error.commandState = isRunning && !isMistake ? "maybe-executed" : "not-sent";
  return error;
}

/** What an entry says of its host, checked or not: an outcome names it. */
function asTarget(entry: RemctlHost): RemctlTarget {
  return typeof entry === "object" && entry !== null ? entry : { host: String(entry) };
}

// Of an iterator that does not say how many there are, with no limit of concurrency.
const maxWorkers = 10_000;
