import { type KerberosError, TransportError } from "../errors.ts";

/** The longest delay that every host's timer takes; a longer limit is no limit. */
const longestTimerMs = 0x7fff_ffff;

/** What bounds a {@link Deadline}. Durations are milliseconds; undefined or Infinity is no bound. */
export interface DeadlineOptions {
  /** The longest single wait without progress. */
  readonly idleTimeoutMs?: number | undefined;
  /** The longest time from the making of the deadline to {@link Deadline.end}. */
  readonly totalTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is being waited for, as a noun phrase for the error: "the output of the command". */
  readonly what: string;
  /** Called once at expiry, after the pending wait was rejected. */
  readonly onExpire?: (error: KerberosError) => void;
}

/**
 * Bounds the waits of one operation by an idle time, a total time and a signal. One timer serves all idle waits: a wait
 * notes when it began, and the timer, when it fires, looks whether the present wait is old enough. So a wait costs
 * one clock reading, not a timer. One wait at a time. After {@link end} no timer and no listener is left.
 */
export class Deadline {
  readonly #what: string;
  readonly #idleTimeoutMs: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;
  readonly #onExpire: ((error: KerberosError) => void) | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;
  #totalTimer: ReturnType<typeof setTimeout> | undefined;
  #waitingSince: number | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #error: KerberosError | undefined;

  constructor(options: DeadlineOptions) {
    this.#what = options.what;
    this.#idleTimeoutMs = bounded(options.idleTimeoutMs);
    this.#onExpire = options.onExpire;
    const { signal } = options;
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => this.expire(aborted(this.#what, signal));
      signal.addEventListener("abort", this.#onAbort, { once: true });
      if (signal.aborted) this.#error = aborted(this.#what, signal);
    }
    const totalTimeoutMs = bounded(options.totalTimeoutMs);
    if (totalTimeoutMs !== undefined && this.#error === undefined) {
      this.#totalTimer = setTimeout(
        () => this.expire(new TransportError("TIMEOUT", `${this.#what}: not done after ${totalTimeoutMs} ms in all`)),
        totalTimeoutMs,
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
      this.#idleTimer ??= setTimeout(this.#onIdle, this.#idleTimeoutMs);
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

  /** Ends the deadline early with `error`: the pending wait and every later one rejects with it. */
  expire(error: KerberosError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    const reject = this.#reject;
    this.end();
    reject?.(error);
    this.#onExpire?.(error);
  }

  /** Takes away timers and listeners. A wait that is pending goes on unbounded. */
  end(): void {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#totalTimer);
    this.#idleTimer = undefined;
    this.#totalTimer = undefined;
    this.#settled();
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #settled(): void {
    this.#reject = undefined;
    this.#waitingSince = undefined;
  }

  readonly #onIdle = (): void => {
    const limit = this.#idleTimeoutMs as number;
    this.#idleTimer = undefined;
    if (this.#waitingSince === undefined) return;
    // Timers may fire up to a millisecond early.
    const left = limit - (performance.now() - this.#waitingSince);
    if (left > 1) this.#idleTimer = setTimeout(this.#onIdle, left);
    else this.expire(new TransportError("TIMEOUT", `${this.#what}: nothing happened for ${limit} ms`));
  };
}

/** What {@link withDeadline} takes. */
export interface WithDeadlineOptions<T> {
  /** Milliseconds for the whole operation; undefined or Infinity is no bound. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is being done, as a noun phrase for the error: "connecting to tcp://kdc.example.org:88". */
  readonly what: string;
  /** Receives a result that came after the deadline, to close it. */
  readonly onLate?: (value: T) => void;
}

/**
 * Does one operation within a time and a signal. `start` gets a signal that is aborted at the deadline. Throws
 * TransportError `TIMEOUT` or `ABORTED` (with the signal's reason as cause), or what `start` throws.
 *
 * ```ts
 * const connection = await withDeadline((signal) => dial(host, port, { signal }), {
 *   timeoutMs: 10_000,
 *   what: `connecting to ${host}`,
 *   onLate: (late) => late.abort(),
 * });
 * ```
 */
export async function withDeadline<T>(
  start: (signal: AbortSignal) => PromiseLike<T>,
  options: WithDeadlineOptions<T>,
): Promise<T> {
  const controller = new AbortController();
  const deadline = new Deadline({
    totalTimeoutMs: options.timeoutMs,
    signal: options.signal,
    what: options.what,
    onExpire: (error) => controller.abort(error),
  });
  let operation: PromiseLike<T> | undefined;
  try {
    deadline.throwIfExpired();
    operation = start(controller.signal);
    return await deadline.wait(operation);
  } catch (error) {
    if (error === deadline.error) operation?.then(options.onLate ?? ignore, ignore);
    throw error;
  } finally {
    deadline.end();
  }
}

function bounded(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined || timeoutMs > longestTimerMs ? undefined : timeoutMs;
}

function aborted(what: string, signal: AbortSignal): TransportError {
  return new TransportError("ABORTED", `${what}: aborted by the caller`, [], { cause: signal.reason });
}

function ignore(): void {}
