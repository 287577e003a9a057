import { onAbort } from "../host/index.ts";

/** RFC 8305 section 8: the delay between connection attempts. */
const attemptDelayMs = 250;
/** More addresses than a name has in earnest are not tried. */
const maxAddresses = 16;

/** The order of RFC 8305 section 4: the families in turn, beginning with that of the first, each in its own order. */
export function interleave(addresses: readonly string[]): readonly string[] {
  const isFirst = (address: string): boolean => address.includes(":") === addresses[0]?.includes(":");
  const first = addresses.filter(isFirst);
  const second = addresses.filter((address) => !isFirst(address));
  const order: string[] = [];
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    for (const address of [first[i], second[i]]) if (address !== undefined) order.push(address);
  }
  return order.slice(0, maxAddresses);
}

/**
 * Connects to the first address that answers (RFC 8305 section 5): one attempt after another, the next after 250 ms or
 * as soon as one fails. The others are given up; one that succeeds too late is discarded. Throws an Error that names
 * every address with its reason and has the `code` of the first, like the host's own error.
 */
export function race<T>(
  addresses: readonly string[],
  connect: (address: string, signal: AbortSignal) => Promise<T>,
  discard: (late: T) => void,
  options: { readonly signal?: AbortSignal | undefined; readonly what: string },
): Promise<T> {
  const { signal, what } = options;
  return new Promise<T>((resolve, reject) => {
    const controller = new AbortController();
    const waiting = [...addresses];
    const failed: string[] = [];
    const errors: unknown[] = [];
    let running = 0;
    let isDone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = (settle: () => void): void => {
      isDone = true;
      clearTimeout(timer);
      forget();
      settle();
      controller.abort();
    };
    const next = (): void => {
      clearTimeout(timer);
      if (isDone) return;
      const address = waiting.shift();
      if (address === undefined) {
        if (running > 0) return;
        const { code } = errors[0] as { readonly code?: unknown };
        const error = new AggregateError(errors, `${what}: ${failed.join("; ")}`);
        end(() => reject(typeof code === "string" ? Object.assign(error, { code }) : error));
        return;
      }
      running += 1;
      connect(address, controller.signal).then(
        (value) => {
          running -= 1;
          if (isDone) discard(value);
          else end(() => resolve(value));
        },
        (error: unknown) => {
          running -= 1;
          failed.push(`${address}: ${error instanceof Error ? error.message : String(error)}`);
          errors.push(error);
          next();
        },
      );
      if (waiting.length > 0) timer = setTimeout(next, attemptDelayMs);
    };
    let forget = (): void => {};
    forget = onAbort(signal, () => end(() => reject(signal?.reason)));
    next();
  });
}
