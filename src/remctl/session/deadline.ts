import { type KerberosError, TransportError } from "../../errors.ts";
import { abortedError, afterSilence, fitsTimer, onAbort } from "../../host/index.ts";

/** What bounds a {@link Deadline}. Durations are milliseconds; undefined or Infinity sets no bound. */
export interface DeadlineOptions {
  /** The longest single wait without progress. */
  readonly idleTimeoutMs?: number | undefined;
  /** The longest time from the making of the deadline to {@link Deadline.end}. */
  readonly totalTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is being waited for, as a noun phrase for the error: "the answer to the command". */
  readonly what: string;
  /** Called once at expiry, after the pending wait was rejected. */
  readonly onExpire?: (error: KerberosError) => void;
}

/**
 * Bounds the waits of one command by an idle time, a total time and a signal. One timer serves all idle waits: a wait
 * notes when it began, and the timer, when it fires, looks whether the present wait is old enough. So a packet costs
 * one clock reading, not a timer. One wait at a time. After {@link Deadline.end} no timer and no listener is left.
 */
export class Deadline {
  readonly #what: string;
  readonly #idleTimeoutMs: number | undefined;
  readonly #onExpire: ((error: KerberosError) => void) | undefined;
  readonly #forget: () => void;
  #stopIdle: (() => void) | undefined;
  #stopTotal: (() => void) | undefined;
  #lastTimer: ReturnType<typeof setTimeout> | undefined;
  #lastError: KerberosError | undefined;
  #isEnded = false;
  #waitingSince: number | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #error: KerberosError | undefined;

  constructor(options: DeadlineOptions) {
    const { what, signal } = options;
    this.#what = what;
    this.#idleTimeoutMs = bounded(options.idleTimeoutMs);
    this.#onExpire = options.onExpire;
    if (signal?.aborted) {
      this.#error = abortedError(what, signal);
      this.#forget = ignore;
      return;
    }
    this.#forget = onAbort(signal, () => this.expire(abortedError(what, signal)));
    const totalTimeoutMs = bounded(options.totalTimeoutMs);
    if (totalTimeoutMs !== undefined) {
      this.#stopTotal = afterSilence(totalTimeoutMs, () =>
        this.expire(
          new TransportError(
            "TIMEOUT",
            `${what}: not done within the total of ${totalTimeoutMs} ms; raise the timeout`,
          ),
        ),
      );
    }
  }

  /** Why the deadline is over, if it is. */
  get error(): KerberosError | undefined {
    return this.#error;
  }

  throwIfExpired(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  /** Waits for `operation` within all bounds. Throws TransportError `TIMEOUT` or `ABORTED`. */
  wait<T>(operation: PromiseLike<T>): Promise<T> {
    if (this.#idleTimeoutMs !== undefined && this.#error === undefined) {
      this.#waitingSince = performance.now();
      this.#stopIdle ??= afterSilence(this.#idleTimeoutMs, this.#onIdle);
    }
    return this.hold(operation);
  }

  /** As {@link wait}, but the idle time does not count: it is the caller's own side that is slow. */
  hold<T>(operation: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#error !== undefined) {
        operation.then(ignore, ignore);
        reject(this.#error);
        return;
      }
      this.#reject = reject;
      operation.then(
        (value) => {
          this.#settled();
          resolve(value);
        },
        (error) => {
          this.#settled();
          reject(error);
        },
      );
    });
  }

  /**
   * Ends the deadline early with `error`: the pending wait and every later one rejects with it. After {@link end}:
   * nothing.
   */
  expire(error: KerberosError): void {
    if (this.#isEnded) return;
    this.#error = error;
    const reject = this.#reject;
    this.end();
    reject?.(error);
    this.#onExpire?.(error);
  }

  /** Ends the deadline with `error` after at most `delayMs`: a last wait for what may explain it. */
  expireSoon(error: KerberosError, delayMs: number): void {
    if (this.#isEnded || this.#lastError !== undefined) return;
    this.#lastError = error;
    this.#lastTimer = setTimeout(() => this.expire(error), delayMs);
  }

  /** Takes away timers and listeners. */
  end(): void {
    this.#isEnded = true;
    this.#stopIdle?.();
    this.#stopTotal?.();
    clearTimeout(this.#lastTimer);
    this.#settled();
    this.#forget();
  }

  #settled(): void {
    this.#reject = undefined;
    this.#waitingSince = undefined;
  }

  readonly #onIdle = (): void => {
    const limit = this.#idleTimeoutMs as number;
    this.#stopIdle = undefined;
    if (this.#waitingSince === undefined) return;
    // A host's timer may fire up to a millisecond early.
    const left = limit - (performance.now() - this.#waitingSince);
    if (left > 1) this.#stopIdle = afterSilence(left, this.#onIdle);
    else
      this.expire(
        this.#lastError ??
          new TransportError(
            "TIMEOUT",
            `${this.#what}: nothing came for ${limit} ms: raise the limit, or look at the peer`,
          ),
      );
  };
}

function bounded(timeoutMs: number | undefined): number | undefined {
  return fitsTimer(timeoutMs) ? timeoutMs : undefined;
}

function ignore(): void {}
