/** What waits for a signal, and the one event listener that it carries for all of them. */
interface Waiting {
  readonly listeners: Set<() => void>;
  readonly callAll: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `listener` once when `signal` aborts, and gives the function that takes it back. A signal that is aborted
 * already calls at once. However many operations share a signal, it carries one event listener: Node warns of a leak
 * at eleven, and a thousand commands under one signal are not a leak.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    listener();
    return () => {};
  }
  // Each call has an entry, so that the same function given twice is called, and taken back, twice.
  const entry = (): void => listener();
  const waiting = waitingFor.get(signal) ?? wait(signal);
  const { listeners, callAll } = waiting;
  if (listeners.size === 0) signal.addEventListener("abort", callAll);
  listeners.add(entry);
  return () => {
    if (listeners.delete(entry) && listeners.size === 0) signal.removeEventListener("abort", callAll);
  };
}

/** The listener knows its signal by itself: workerd before August 2025 calls one with no `this`. */
function wait(signal: AbortSignal): Waiting {
  const listeners = new Set<() => void>();
  const callAll = (): void => {
    waitingFor.delete(signal);
    signal.removeEventListener("abort", callAll);
    for (const listener of listeners) listener();
    listeners.clear();
  };
  const waiting = { listeners, callAll };
  waitingFor.set(signal, waiting);
  return waiting;
}
