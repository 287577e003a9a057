import type { SessionOptions } from "../session/options.ts";
import type { HostOutcome, HostsProgress } from "./outcomes.ts";

/** Options for {@link runOnHosts} beside hosts and command. */
export interface RunOnHostsOptions extends Pick<SessionOptions, "maxArguments" | "maxCommandBytes" | "argumentKinds"> {
  /** How many hosts at once. Default 32. */
  readonly concurrency?: number | undefined;
  /** Ends all that runs; what was not begun is not. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Takes each outcome as it comes. If it gives a promise, one host fewer runs until that settles. What it throws ends
   * the run: commands that are under way end, no host is begun, and the run rejects with it.
   */
  readonly onResult?: ((outcome: HostOutcome) => unknown) | undefined;
  /** Hears how far it is: when a host is begun, and when it is done, after `onResult`. As `onResult` if it throws. */
  readonly onProgress?: ((progress: HostsProgress) => void) | undefined;
}
