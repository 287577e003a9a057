import { type Attempt, TransportError } from "../errors.ts";
import { onAbort } from "../host/index.ts";

/** RFC 8305 section 8: the delay between connection attempts. */
const attemptDelayMs = 250;
/** More addresses than a name has in earnest are not tried. */
const maxAddresses = 16;

/** The order of RFC 8305 section 4: the families in turn, IPv6 first, each in its own order. */
export function interleave(ipv6: readonly string[], ipv4: readonly string[]): readonly string[] {
  const order: string[] = [];
  for (let i = 0; i < Math.max(ipv6.length, ipv4.length); i++) {
    for (const address of [ipv6[i], ipv4[i]]) if (address !== undefined) order.push(address);
  }
  return order.slice(0, maxAddresses);
}

/**
 * Connects to the first address that answers (RFC 8305 section 5): one attempt after another, the next after 250 ms or as soon as
 * one fails. The others are given up; one that succeeds too late is discarded. Throws TransportError `CONNECT` with every attempt.
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
    const failed: Attempt[] = [];
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
        const cause = errors.length === 1 ? errors[0] : new AggregateError(errors, "no address answered");
        end(() => reject(new TransportError("CONNECT", what, failed, { cause })));
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
          failed.push({ endpoint: address, reason: error instanceof Error ? error.message : String(error) });
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
