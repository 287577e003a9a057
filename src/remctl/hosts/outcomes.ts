import type { AnyKerberosError } from "../../errors.ts";
import type { RemctlResult } from "../output/result.ts";
import type { RemctlTarget } from "../pool/target.ts";

/** How a command ended on one host: with a result, whatever its exit status, or with an error. */
export type HostOutcome = HostResult | HostFailure;

/** A command that ended with a result. */
export interface HostResult {
  /** The host, as it was named. */
  readonly host: string;
  /** The entry as it was given: a name stands for `{ host }`. */
  readonly target: RemctlTarget;
  /** Its place among the hosts, from 0. */
  readonly index: number;
  /** From the beginning of the connecting to the end of the command. */
  readonly milliseconds: number;
  /** The exit status, and the output. */
  readonly result: RemctlResult;
  /** Not set: see {@link HostFailure}. */
  readonly error?: undefined;
}

/** A command that ended with an error. */
export interface HostFailure extends Omit<HostResult, "result" | "error"> {
  /** Not set: see {@link HostResult}. */
  readonly result?: undefined;
  /**
   * With `commandState`. `REMCTL_TARGET`, with a TypeError or RangeError as the `cause`, for an entry that is not a
   * host, and for what a function that makes the commands throws.
   */
  readonly error: AnyKerberosError;
}

/** How far a run has come. */
export interface HostsProgress {
  /** How many hosts there are, if that is known: not while an iterator still gives some. */
  readonly total: number | undefined;
  /** Hosts where the command is under way. */
  readonly running: number;
  /** Hosts that are done: the sum of the next three. */
  readonly done: number;
  /** Exit status 0. */
  readonly succeeded: number;
  /** Another exit status. */
  readonly nonZero: number;
  /** No exit status. */
  readonly failed: number;
}

/** What came of a run on many hosts. */
export interface HostsSummary extends Omit<HostsProgress, "total" | "running"> {
  /** How long all of it took. */
  readonly milliseconds: number;
  /**
   * Whether the signal ended it. Hosts of an array that were not begun have then failed with `ABORTED` and
   * `commandState` `"not-sent"`; an iterator is not asked for those that it had not given yet.
   */
  readonly isAborted: boolean;
  /** What failed, in the order in which it did. */
  readonly failures: readonly { readonly host: string; readonly index: number; readonly error: AnyKerberosError }[];
  /** Every outcome, in the order of the hosts; empty if `onResult` took them. */
  readonly outcomes: readonly HostOutcome[];
}

/** Counts outcomes, and keeps them if nobody else takes them. */
export class HostsTally {
  total: number | undefined;
  running = 0;
  readonly #startedAtMs = performance.now();
  readonly #keep: boolean;
  readonly #outcomes: HostOutcome[] = [];
  readonly #failures: { readonly host: string; readonly index: number; readonly error: AnyKerberosError }[] = [];
  #succeeded = 0;
  #nonZero = 0;

  constructor(total: number | undefined, keep: boolean) {
    this.total = total;
    this.#keep = keep;
  }

  add(outcome: HostOutcome): void {
    const { host, index, result, error } = outcome;
    if (error !== undefined) this.#failures.push({ host, index, error });
    else if (result.status === 0) this.#succeeded++;
    else this.#nonZero++;
    if (this.#keep) this.#outcomes[index] = outcome;
  }

  progress(): HostsProgress {
    return { total: this.total, running: this.running, ...this.#counts() };
  }

  summary(isAborted: boolean): HostsSummary {
    return {
      ...this.#counts(),
      milliseconds: performance.now() - this.#startedAtMs,
      isAborted,
      failures: this.#failures,
      outcomes: this.#outcomes,
    };
  }

  #counts(): Pick<HostsProgress, "done" | "succeeded" | "nonZero" | "failed"> {
    const failed = this.#failures.length;
    const [succeeded, nonZero] = [this.#succeeded, this.#nonZero];
    return { done: succeeded + nonZero + failed, succeeded, nonZero, failed };
  }
}
