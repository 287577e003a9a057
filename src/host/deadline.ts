import { TransportError } from "../errors.ts";
import { onAbort } from "./on-abort.ts";
import { afterSilence, fitsTimer } from "./timers.ts";

/** Options for {@link withDeadline}. */
export interface DeadlineOptions<T> {
  /** Milliseconds until the operation is given up; undefined or Infinity: never. */
  readonly timeoutMs?: number | undefined;
  /** Gives the operation up when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Subject of the error's sentence, for example `connecting to server.example.org:4373`; a function is called when it
   * is needed.
   */
  readonly what: string | (() => string);
  /** Takes back what the operation gave although it had been given up: a connection that opened too late. */
  readonly discard?: (late: T) => void;
}

/**
 * Runs an operation until it settles, its time is up or its signal aborts, whichever comes first; the signal that it
 * is handed aborts in the last two cases, and what it does after that is ignored. No timer and no listener
 * stays behind.
 *
 * Throws {@link TransportError} `TIMEOUT` or `ABORTED` (its `cause` is the signal's reason), else what `run` throws.
 * `RangeError` if `timeoutMs` is not above 0: the caller's mistake.
 *
 * ```ts
 * const stream = await withDeadline((signal) => dial("server.example.org", 4373, { signal }), {
 *   timeoutMs: 10_000,
 *   what: "connecting to server.example.org:4373",
 *   discard: (late) => void late.close?.(),
 * });
 * ```
 */
export function withDeadline<T>(
  run: (signal: AbortSignal) => Promise<T> | T,
  { timeoutMs, signal, what, discard }: DeadlineOptions<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (timeoutMs !== undefined && !(timeoutMs > 0))
      throw new RangeError(`timeoutMs is ${timeoutMs}: it must be above 0`);
    const subject = (): string => (typeof what === "string" ? what : what());
    if (signal?.aborted) throw abortedError(subject(), signal);
    const controller = new AbortController();
    let stop: (() => void) | undefined;
    let settled = false;
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      stop?.();
      forget();
      return true;
    };
    const giveUp = (error: TransportError): void => {
      if (!settle()) return;
      reject(error);
      controller.abort(error);
    };
    const forget = onAbort(signal, () => giveUp(abortedError(subject(), signal)));
    if (fitsTimer(timeoutMs)) {
      stop = afterSilence(timeoutMs, () =>
        giveUp(new TransportError("TIMEOUT", `${subject()}: nothing within ${timeoutMs} ms; raise the timeout`)),
      );
    }
    new Promise<T>((started) => started(run(controller.signal))).then(
      (value) => {
        if (settle()) resolve(value);
        else discardQuietly(discard, value);
      },
      (error: unknown) => {
        if (settle()) reject(error);
      },
    );
  });
}

function discardQuietly<T>(discard: ((late: T) => void) | undefined, late: T): void {
  try {
    discard?.(late);
  } catch {
    // Nothing waits for it any more.
  }
}

/** The error of an operation whose caller's signal aborted. */
export function abortedError(what: string, signal: AbortSignal | undefined): TransportError {
  return new TransportError("ABORTED", `${what}: aborted by the caller; call again if that was not meant`, [], {
    cause: signal?.reason,
  });
}

/**
 * What `work` gives, unless `signal` aborts first: for what is the caller's (a replay cache, a credential), and need
 * not know of signals. Rejects with {@link abortedError} then, which `end` hears of; what becomes of the work is not
 * looked at.
 */
export function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  what: string,
  end?: (error: TransportError) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const takeBack = onAbort(signal, () => {
      const error = abortedError(what, signal);
      end?.(error);
      reject(error);
    });
    work.then(resolve, reject).finally(takeBack);
  });
}
