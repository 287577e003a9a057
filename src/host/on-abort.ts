const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` once when `signal` aborts, and gives the function that takes it back. A signal that is aborted
 * already calls at once. However many operations share a signal, it carries one event listener: Node warns of a leak
 * at eleven, and a thousand commands under one signal are no leak.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    listener();
    return () => {};
  }
  // Each call has an entry of its own, so that the same function given twice is called, and taken back, twice.
  const entry = (): void => listener();
  let listeners = listenersOf.get(signal);
  if (listeners === undefined) {
    listeners = new Set();
    listenersOf.set(signal, listeners);
  }
  if (listeners.size === 0) signal.addEventListener("abort", callAll);
  listeners.add(entry);
  return () => {
    const present = listenersOf.get(signal);
    if (present?.delete(entry) && present.size === 0) signal.removeEventListener("abort", callAll);
  };
}

function callAll(this: AbortSignal): void {
  const listeners = listenersOf.get(this);
  listenersOf.delete(this);
  this.removeEventListener("abort", callAll);
  for (const listener of listeners ?? []) listener();
}
