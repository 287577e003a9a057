import { RemctlError, TransportError } from "../../errors.ts";
import { abortedError, fitsTimer, onAbort } from "../../host/index.ts";

/** Room for one session: an empty one is for a session to be opened, the other kind has one that is warm. */
export interface Place<T> {
  readonly host: Host<T>;
  item: T | undefined;
  /** Since when it is free, by `performance.now()`; meaningless while it is in use. */
  idleSinceMs: number;
  /**
   * The same by `Date.now()`: a machine that is frozen (a function between two calls) stops the other clock with it.
   */
  idleSinceClockMs: number;
  isOpening: boolean;
}

/** What is kept for one server and principal. */
interface Host<T> {
  readonly key: string;
  /** The one used last is last, and is used next: those at the front become old enough to be closed. */
  readonly idle: Place<T>[];
  readonly waiters: Set<Waiter<T>>;
  /** All of the host's places. */
  places: number;
}

interface Waiter<T> {
  readonly sinceMs: number;
  readonly grant: (place: Place<T>) => void;
  readonly refuse: (error: unknown) => void;
}

/** Options for {@link Places}. */
export interface PlacesOptions<T> {
  readonly maxSessions: number;
  readonly maxSessionsPerHost: number;
  readonly maxOpening: number;
  readonly maxWaiting: number;
  /** Closes what a place holds; its room is free when that is done. */
  readonly close: (item: T) => Promise<void>;
}

/** How a wait for a place is bounded. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** The host as the error names it. */
  readonly name: string;
  /** The caller had a place already, and found that what was in it is of no use: it goes before the others. */
  readonly isReturning?: boolean;
}

/** A waiter of another host is let pass before the host's own if it came that much earlier. */
const patienceMs = 100;

/**
 * Counts the sessions of a pool and the calls that wait for one: no more than so many in all, for a host, and being
 * opened. Nothing is idle while somebody waits who could have its room. First come, first served, but that a warm
 * session goes to the next call for its own host unless another has waited markedly longer. It does no input or output
 * itself.
 */
export class Places<T> {
  readonly #options: PlacesOptions<T>;
  readonly #hosts = new Map<string, Host<T>>();
  readonly #waitingHosts = new Set<Host<T>>();
  /** Free places with an item; the one that has been free for the longest is first. */
  readonly #idle = new Set<Place<T>>();
  readonly #taken = new Set<Place<T>>();
  #total = 0;
  #opening = 0;
  #closing = 0;
  #waiting = 0;
  #refusal: (() => unknown) | undefined;
  #onEmpty: (() => void)[] = [];

  constructor(options: PlacesOptions<T>) {
    this.#options = options;
  }

  /** All places: in use, idle, and those of sessions that are being closed. */
  get total(): number {
    return this.#total;
  }

  get opening(): number {
    return this.#opening;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Free places with a session, the one that has been free for the longest first. */
  get idle(): ReadonlySet<Place<T>> {
    return this.#idle;
  }

  /** Places that somebody has. */
  get taken(): ReadonlySet<Place<T>> {
    return this.#taken;
  }

  /**
   * Waits for a place. Who gets one gives it back with {@link release} or {@link drop}. Throws TransportError `TIMEOUT`
   * or `ABORTED`, RemctlError `REMCTL_POOL_FULL`, and what {@link refuseAll} says.
   */
  take(key: string, options: WaitOptions): Promise<Place<T>> {
    return new Promise((resolve, reject) => {
      if (this.#refusal !== undefined) throw this.#refusal();
      const { signal, name } = options;
      const what = `waiting for a session with ${name}`;
      if (signal?.aborted) throw abortedError(what, signal);
      const host = this.#host(key);
      let timer: ReturnType<typeof setTimeout> | undefined;
      let forget = (): void => {};
      let isWaiting = true;
      const leave = (): void => {
        isWaiting = false;
        clearTimeout(timer);
        forget();
        this.#leave(host, waiter);
      };
      const waiter: Waiter<T> = {
        sinceMs: performance.now(),
        grant: (place) => {
          leave();
          resolve(place);
        },
        refuse: (error) => {
          leave();
          this.#forget(host);
          reject(error);
        },
      };
      this.#join(host, waiter, options.isReturning === true);
      this.#dispatch();
      if (!isWaiting) return;
      if (this.#waiting > this.#options.maxWaiting && options.isReturning !== true) {
        const others = this.#waiting - 1;
        waiter.refuse(
          new RemctlError(
            "REMCTL_POOL_FULL",
            `${others} calls wait for a session already, the limit: raise maxWaiting or maxSessionsPerHost`,
          ),
        );
        return;
      }
      if (fitsTimer(options.timeoutMs)) {
        timer = setTimeout(() => waiter.refuse(this.#timedOut(host, what, options.timeoutMs)), options.timeoutMs);
      }
      forget = onAbort(signal, () => waiter.refuse(abortedError(what, signal)));
    });
  }

  /** An empty place has its session. */
  fill(place: Place<T>, item: T): void {
    place.item = item;
    this.#opened(place);
    this.#dispatch();
  }

  /** The session in the place is free for others. */
  release(place: Place<T>): void {
    if (this.#isOwedToOthers(place.host)) {
      this.#close(place);
    } else {
      this.#taken.delete(place);
      place.idleSinceMs = performance.now();
      place.idleSinceClockMs = Date.now();
      place.host.idle.push(place);
      this.#idle.add(place);
    }
    this.#dispatch();
  }

  /** The place is empty, for good. */
  drop(place: Place<T>): void {
    this.#opened(place);
    this.#vacate(place);
    this.#dispatch();
  }

  /** Closes what is in a place, in use or idle; then the place is empty, for good. */
  async retire(place: Place<T>): Promise<void> {
    await this.#close(place);
  }

  /** From now on nobody gets a place: who waits, and who comes, gets an error. */
  refuseAll(refusal: () => unknown): void {
    this.#refusal = refusal;
    for (const host of [...this.#waitingHosts]) for (const waiter of [...host.waiters]) waiter.refuse(refusal());
  }

  /** Resolves when nobody has a place. */
  whenEmpty(): Promise<void> {
    if (this.#total === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  #host(key: string): Host<T> {
    let host = this.#hosts.get(key);
    if (host === undefined) {
      host = { key, idle: [], waiters: new Set(), places: 0 };
      this.#hosts.set(key, host);
    }
    return host;
  }

  #join(host: Host<T>, waiter: Waiter<T>, isFirst: boolean): void {
    const others = isFirst ? [...host.waiters] : [];
    if (isFirst) host.waiters.clear();
    host.waiters.add(waiter);
    for (const other of others) host.waiters.add(other);
    this.#waitingHosts.add(host);
    this.#waiting++;
  }

  #leave(host: Host<T>, waiter: Waiter<T>): void {
    host.waiters.delete(waiter);
    this.#waiting--;
    if (host.waiters.size === 0) this.#waitingHosts.delete(host);
  }

  /** Gives what is free to those who wait. */
  #dispatch(): void {
    for (const host of this.#waitingHosts) {
      for (const waiter of host.waiters) {
        const place = host.idle.pop();
        if (place === undefined) break;
        this.#idle.delete(place);
        this.#taken.add(place);
        waiter.grant(place);
      }
    }
    for (;;) {
      const host = this.#nextToOpen();
      if (host === undefined || !this.#hasRoom()) return;
      host.places++;
      this.#total++;
      this.#opening++;
      const place: Place<T> = { host, item: undefined, idleSinceMs: 0, idleSinceClockMs: 0, isOpening: true };
      this.#taken.add(place);
      first(host).grant(place);
    }
  }

  /** The host whose first waiter came first, of those that may have one more session. */
  #nextToOpen(): Host<T> | undefined {
    let next: Host<T> | undefined;
    for (const host of this.#waitingHosts) {
      if (host.places >= this.#options.maxSessionsPerHost) continue;
      if (next === undefined || first(host).sinceMs < first(next).sinceMs) next = host;
    }
    return next;
  }

  /** Whether one more session may be opened. If it may not, what is idle is closed to make room. */
  #hasRoom(): boolean {
    if (this.#opening >= this.#options.maxOpening) return false;
    if (this.#total < this.#options.maxSessions) return true;
    const wanted = this.#wanted();
    for (const place of this.#idle) {
      if (this.#closing >= wanted) break;
      this.#close(place);
    }
    return false;
  }

  /** How many sessions would be opened if there were room. */
  #wanted(): number {
    let wanted = 0;
    for (const { waiters, places } of this.#waitingHosts) {
      wanted += Math.min(waiters.size, this.#options.maxSessionsPerHost - places);
    }
    return wanted;
  }

  /** Whether the room of a session is owed to a host that waits for longer than this one's own calls. */
  #isOwedToOthers(host: Host<T>): boolean {
    if (this.#total < this.#options.maxSessions || host.waiters.size === 0) return false;
    const latestMs = first(host).sinceMs - patienceMs;
    let owed = 0;
    for (const other of this.#waitingHosts) {
      if (other.places >= this.#options.maxSessionsPerHost) continue;
      if (first(other).sinceMs < latestMs) owed++;
    }
    return owed > this.#closing;
  }

  async #close(place: Place<T>): Promise<void> {
    const { host, item } = place;
    if (this.#idle.delete(place)) host.idle.splice(host.idle.indexOf(place), 1);
    this.#taken.delete(place);
    this.#closing++;
    try {
      if (item !== undefined) await this.#options.close(item);
    } finally {
      this.#closing--;
      this.drop(place);
    }
  }

  #opened(place: Place<T>): void {
    if (place.isOpening) this.#opening--;
    place.isOpening = false;
  }

  #vacate(place: Place<T>): void {
    const { host } = place;
    this.#taken.delete(place);
    place.item = undefined;
    host.places--;
    this.#total--;
    this.#forget(host);
    if (this.#total === 0) for (const done of this.#onEmpty.splice(0)) done();
  }

  #forget(host: Host<T>): void {
    if (host.places === 0 && host.waiters.size === 0) this.#hosts.delete(host.key);
  }

  #timedOut(host: Host<T>, what: string, timeoutMs: number): TransportError {
    const counts = `${host.places} with this host, ${this.#total} in all, ${this.#waiting - 1} other calls wait`;
    return new TransportError(
      "TIMEOUT",
      `${what}: none was free within ${Math.ceil(timeoutMs)} ms (sessions: ${counts}); raise maxSessionsPerHost or maxSessions`,
    );
  }
}

function first<T>(host: Host<T>): Waiter<T> {
  for (const waiter of host.waiters) return waiter;
  throw new TypeError("no call waits for this host");
}
