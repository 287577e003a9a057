import { checkFunction, checkOptions } from "../../checks/index.ts";
import { hasCode, isKerberosError, RemctlError } from "../../errors.ts";
import { fitsTimer, onAbort, withDeadline } from "../../host/index.ts";
import type { RemctlArgument } from "../command/argument.ts";
import { checkArguments } from "../command/arguments.ts";
import type { RemctlResult } from "../output/result.ts";
import { afterRun, type RemctlRun } from "../output/run.ts";
import type { RemctlSession } from "../session/session.ts";
import { poolCallChecks, poolCloseChecks, poolRunChecks } from "./option-checks.ts";
import type { PoolCallOptions, PoolOptions, PoolRunOptions, ResolvedPoolOptions } from "./options.ts";
import { type Place, Places } from "./places.ts";
import { resolvePoolOptions } from "./resolve-options.ts";
import { type RemctlHost, type RemctlTarget, resolveTarget, targetKey, targetName } from "./target.ts";

/**
 * Opens a session with a server. `signal` is for the opening alone: the session serves others after it. What it throws
 * goes to the call that needed the session.
 */
export type PoolConnect = (target: RemctlTarget, options: { readonly signal: AbortSignal }) => Promise<RemctlSession>;

/** How many sessions a pool has at this moment, and how many calls wait for one. */
export interface PoolCounts {
  /** All: in use, idle, being opened and being closed. */
  readonly sessions: number;
  /** Open, and with no call. */
  readonly idle: number;
  /** Being opened. */
  readonly opening: number;
  /** Calls that wait for a session. */
  readonly waiting: number;
}

type PooledPlace = Place<RemctlSession>;

/** A place that a call has, with an open session in it. */
interface Lease {
  readonly place: PooledPlace;
  readonly session: RemctlSession;
  /** It served another call before. */
  readonly isWarm: boolean;
}

/** One call: where to, and how long it may take. */
interface Call {
  readonly target: RemctlTarget;
  readonly signal: AbortSignal | undefined;
  readonly waitUntilMs: number;
  readonly endsAtMs: number;
}

/**
 * Sessions that stay open between commands, for each server and principal, within limits. A session is used again only
 * if it is in order: open, nothing unasked received, its ticket not about to end, and, after a time without use, alive
 * (NOOP).
 *
 * Nothing is ever sent twice. A session found dead before anything of the command was sent is replaced; after that the
 * call fails with `commandState`, as everywhere.
 *
 * ```ts
 * await using pool = client.pool({ maxSessionsPerHost: 4 });
 * const results = await Promise.all(names.map((name) => pool.run("server.example.org", ["account", "show", name])));
 * ```
 */
export class RemctlPool {
  readonly #connect: PoolConnect;
  readonly #options: ResolvedPoolOptions;
  readonly #places: Places<RemctlSession>;
  readonly #closed = new AbortController();
  #sweepTimer: ReturnType<typeof setTimeout> | undefined;
  #sweepAtMs = Number.POSITIVE_INFINITY;
  #closing: Promise<void> | undefined;

  /** `client.pool()` makes one of a client. Throws TypeError and RangeError for options that cannot work. */
  constructor(connect: PoolConnect, options: PoolOptions = {}) {
    checkFunction("connect", connect);
    this.#connect = connect;
    this.#options = resolvePoolOptions(options);
    this.#places = new Places({ ...this.#options, close: (session) => session.close() });
  }

  /** How many sessions there are, and how many calls wait. */
  get counts(): PoolCounts {
    const { total, idle, opening, waiting } = this.#places;
    return { sessions: total, idle: idle.size, opening, waiting };
  }

  /**
   * Runs a command on a session of the pool and collects its output; see {@link RemctlSession.run}. `totalTimeoutMs`
   * counts from the call.
   *
   * @param host the server: a name, or a target with a port, a service and a principal
   * @param args the command
   * @param options bounds of this call
   * @returns the exit status, and all of the output
   * @throws what connecting and {@link RemctlSession.run} throw; TransportError `TIMEOUT` or `ABORTED` if no session
   *   was free in time; RemctlError `REMCTL_POOL_FULL` or `REMCTL_POOL_CLOSED`. All have `commandState`
   */
  async run(host: RemctlHost, args: readonly RemctlArgument[], options: PoolRunOptions = {}): Promise<RemctlResult> {
    checkOptions("pool.run", options, poolRunChecks);
    checkArguments(args);
    const { waitTimeoutMs: _, ...rest } = options;
    const call = this.#call(host, options);
    return this.#use(call, (session) => session.run(args, { ...rest, ...left(call) }));
  }

  /**
   * Runs a command and gives its output as it comes; see {@link RemctlSession.stream}. The session is free again when
   * the command ends: take the output, or discard it. {@link RemctlRun.cancel} closes it and frees its place.
   *
   * @param host the server: a name, or a target with a port, a service and a principal
   * @param args the command
   * @param options bounds of this call
   * @returns the command that runs
   * @throws as {@link run}, before anything is sent
   */
  async stream(host: RemctlHost, args: readonly RemctlArgument[], options: PoolCallOptions = {}): Promise<RemctlRun> {
    checkOptions("pool.stream", options, poolCallChecks);
    checkArguments(args);
    const { waitTimeoutMs: _, ...rest } = options;
    const call = this.#call(host, options);
    for (;;) {
      const lease = await this.#lease(call);
      try {
        const run = lease.session.stream(args, { ...rest, ...left(call) });
        afterRun(run, () => this.#giveBack(lease));
        return run;
      } catch (error) {
        void this.#giveBack(lease);
        if (!diedBefore(lease, error)) throw error;
      }
    }
  }

  /**
   * Lends a session for several commands in a row. It goes back to the pool when the promise of `use` settles; a
   * command that runs then is cut off.
   *
   * @param host the server: a name, or a target with a port, a service and a principal
   * @param use works with the session
   * @param options bounds of the wait for the session
   * @returns what `use` gives
   * @throws what `use` throws, and as {@link run} if no session was to be had
   */
  async withSession<T>(
    host: RemctlHost,
    use: (session: RemctlSession) => Promise<T> | T,
    options: PoolCallOptions = {},
  ): Promise<T> {
    checkOptions("pool.withSession", options, poolCallChecks);
    checkFunction("use", use);
    const lease = await this.#lease(this.#call(host, options));
    try {
      return await use(lease.session);
    } finally {
      void this.#giveBack(lease);
    }
  }

  /**
   * Takes no more calls: those that wait for a session, or for one to open, fail with `REMCTL_POOL_CLOSED`. Resolves
   * when no session is open; it never rejects, and may be called again.
   *
   * @param options `graceMs`: how long commands that run may go on, in milliseconds. Default: to their end
   * @throws RangeError for a `graceMs` below 0, TypeError for one that is not a number: the caller's mistakes
   */
  close(
    options: {
      /** How long commands that run may still take. */
      readonly graceMs?: number | undefined;
    } = {},
  ): Promise<void> {
    checkOptions("pool.close", options, poolCloseChecks);
    const { graceMs } = options;
    this.#closing ??= this.#drain();
    if (!fitsTimer(graceMs)) return this.#closing;
    const timer = setTimeout(() => {
      for (const { item } of this.#places.taken) void item?.close();
    }, graceMs);
    return this.#closing.finally(() => clearTimeout(timer));
  }

  /** Closes the pool at the end of an `await using`; see {@link RemctlPool.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#sweepTimer);
    this.#places.refuseAll(poolClosed);
    this.#closed.abort(poolClosed());
    for (const place of [...this.#places.idle]) void this.#places.retire(place);
    await this.#places.whenEmpty();
  }

  #call(host: RemctlHost, options: PoolCallOptions): Call {
    const { signal, totalTimeoutMs = Number.POSITIVE_INFINITY } = options;
    const { waitTimeoutMs = this.#options.waitTimeoutMs } = options;
    const now = performance.now();
    return {
      target: resolveTarget(host),
      signal,
      waitUntilMs: now + waitTimeoutMs,
      endsAtMs: now + totalTimeoutMs,
    };
  }

  async #use<T>(call: Call, use: (session: RemctlSession) => Promise<T>): Promise<T> {
    for (;;) {
      const lease = await this.#lease(call);
      try {
        return await use(lease.session);
      } catch (error) {
        if (!diedBefore(lease, error)) throw error;
      } finally {
        void this.#giveBack(lease);
      }
    }
  }

  /** A session that is in order, warm or new. */
  async #lease(call: Call): Promise<Lease> {
    try {
      for (let isReturning = false; ; isReturning = true) {
        const place = await this.#take(call, isReturning);
        const session = place.item;
        if (session === undefined) return { place, session: await this.#open(place, call), isWarm: false };
        if (await this.#isFit(place, session, call.signal)) return { place, session, isWarm: true };
        await this.#places.retire(place);
      }
    } catch (error) {
      // Nothing was sent that a server could run.
      if (isKerberosError(error)) error.commandState = "not-sent";
      throw error;
    }
  }

  #take(call: Call, isReturning: boolean): Promise<PooledPlace> {
    const { target, signal } = call;
    const timeoutMs = Math.max(Math.min(call.waitUntilMs, call.endsAtMs) - performance.now(), 1);
    return this.#places.take(targetKey(target), { signal, timeoutMs, name: targetName(target), isReturning });
  }

  async #open(place: PooledPlace, call: Call): Promise<RemctlSession> {
    const { target, signal } = call;
    const what = `connecting to ${targetName(target)}`;
    // New signals: the caller's may abort when the session is another's.
    const either = new AbortController();
    const forget = [signal, this.#closed.signal].map((one) => onAbort(one, () => either.abort(one?.reason)));
    try {
      const session = await withDeadline((inner) => this.#connect(target, { signal: inner }), {
        signal: either.signal,
        timeoutMs: leftMs(call),
        what,
        discard: (late) => void late.close(),
      });
      this.#places.fill(place, session);
      return session;
    } catch (error) {
      this.#places.drop(place);
      throw this.#closed.signal.aborted && !signal?.aborted ? poolClosed() : error;
    } finally {
      for (const forgetOne of forget) forgetOne();
    }
  }

  /** Whether a warm session can be trusted with a command. What arrived unasked has closed it already. */
  async #isFit(place: PooledPlace, session: RemctlSession, signal: AbortSignal | undefined): Promise<boolean> {
    if (!session.isOpen || this.#usableMs(session) <= 0) return false;
    const idleMs = Math.max(performance.now() - place.idleSinceMs, Date.now() - place.idleSinceClockMs);
    if (idleMs < this.#options.noopAfterMs) return true;
    const { noopTimeoutMs } = this.#options;
    try {
      await session.noop({ signal, idleTimeoutMs: noopTimeoutMs, totalTimeoutMs: noopTimeoutMs });
      return session.isOpen;
    } catch {
      // It is dead, or its server knows no NOOP and cannot be asked.
      return false;
    }
  }

  /** Resolves when the lease's session is for others, or its place free. */
  async #giveBack({ place, session }: Lease): Promise<void> {
    const isKept = session.isOpen && !session.isBusy && this.#usableMs(session) > 0 && !this.#closed.signal.aborted;
    if (!isKept) {
      await this.#places.retire(place);
      return;
    }
    this.#places.release(place);
    this.#scheduleSweep(Math.min(this.#options.idleCloseMs, this.#usableMs(session)));
  }

  /** How long a session's ticket lets it be used. */
  #usableMs({ expires }: RemctlSession): number {
    if (expires === undefined) return Number.POSITIVE_INFINITY;
    return expires.getTime() - this.#options.expiryMarginMs - this.#options.now();
  }

  /** One timer for all that is idle: for the one that is to be closed first. */
  #scheduleSweep(delayMs: number): void {
    const atMs = performance.now() + delayMs;
    if (this.#closing !== undefined || !fitsTimer(delayMs) || atMs >= this.#sweepAtMs) return;
    clearTimeout(this.#sweepTimer);
    this.#sweepAtMs = atMs;
    this.#sweepTimer = setTimeout(() => this.#sweep(), delayMs);
  }

  /** Closes what has been idle for long enough, and what is of no use any more. */
  #sweep(): void {
    this.#sweepAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const place of [...this.#places.idle]) {
      const session = place.item;
      const idleLeftMs = place.idleSinceMs + this.#options.idleCloseMs - nowMs;
      const leftMs = session?.isOpen === true ? Math.min(idleLeftMs, this.#usableMs(session)) : 0;
      // A host's timer may fire up to a millisecond early.
      if (leftMs <= 1) void this.#places.retire(place);
      else nextMs = Math.min(nextMs, leftMs);
    }
    this.#scheduleSweep(nextMs);
  }
}

/** The session was found closed before an octet of the command was sent, and it was not opened for this call. */
function diedBefore({ isWarm }: Lease, error: unknown): boolean {
  return isWarm && hasCode(error, "REMCTL_SESSION_CLOSED") && error.commandState === "not-sent";
}

function leftMs({ endsAtMs }: Call): number | undefined {
  return endsAtMs === Number.POSITIVE_INFINITY ? undefined : Math.max(endsAtMs - performance.now(), 1);
}

/** What is left of the call's total, as an option. */
function left(call: Call): { readonly totalTimeoutMs?: number } {
  const totalTimeoutMs = leftMs(call);
  return totalTimeoutMs === undefined ? {} : { totalTimeoutMs };
}

function poolClosed(): RemctlError {
  const error = new RemctlError("REMCTL_POOL_CLOSED", "the pool is closed: make another");
  error.commandState = "not-sent";
  return error;
}
