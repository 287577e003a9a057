import { TransportError } from "../errors.ts";
import { abortedError, onAbort } from "../host/index.ts";
import type { Delivery } from "./kdc/index.ts";
import type { Sleep } from "./serve.ts";

/** What ends the wait for an answer. */
export interface Wait {
  readonly realm: string;
  readonly sleep: Sleep;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  /** Aborts when the realm is closed. */
  readonly closing: AbortSignal;
}

/**
 * The octets of a delivery, when they are due. A KDC that says nothing is waited for, as a client's own transport
 * would, until the caller or the realm ends it. Throws TransportError `ABORTED` and `CONNECTION_CLOSED`.
 */
export async function awaitDelivery({ octets, delayMs, manner }: Delivery, wait: Wait): Promise<Uint8Array> {
  const { realm, sleep, signal, closing } = wait;
  const forgets: (() => void)[] = [];
  const answered = new Promise<Uint8Array>((resolve, reject) => {
    const answer = (): void => {
      if (manner === "drop" || manner === "half") {
        reject(new TransportError("CONNECTION_CLOSED", "the test KDC closed the connection, as it was told to"));
      } else if (octets !== undefined) resolve(octets);
    };
    // Before the wait for a slow answer: what ends that ends this too.
    forgets.push(
      onAbort(signal, () => reject(abortedError(`asking the test KDC of ${realm}`, signal))),
      onAbort(closing, () => {
        // A slow answer comes at once.
        answer();
        reject(
          new TransportError(
            "CONNECTION_CLOSED",
            `the test realm ${realm} was closed before its KDC had answered: close it after the last call`,
          ),
        );
      }),
    );
    if (delayMs > 0) sleep(delayMs).then(answer);
    else answer();
  });
  try {
    return await answered;
  } finally {
    for (const forget of forgets) forget();
  }
}
