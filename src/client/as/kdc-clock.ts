import type { KrbError } from "../../krb5/index.ts";
import type { Trace } from "../../trace.ts";
import { LAST_KDC_TIME_MS } from "../kdc-request.ts";

/**
 * The KDC's clock, as its errors tell it. Nobody vouches for that: it counts for the times that are asked for and for a
 * proof that is a time (rule P7), and for nothing that outlives the exchange.
 */
export class KdcClock {
  /** Milliseconds to add to the local clock. */
  offsetMs = 0;
  readonly #now: () => number;
  readonly #trace: Trace;

  constructor(now: () => number, trace: Trace) {
    this.#now = now;
    this.#trace = trace;
  }

  get timeMs(): number {
    return this.#now() + this.offsetMs;
  }

  note({ stime }: KrbError, realm: string): void {
    this.offsetMs = Math.min(stime.getTime(), LAST_KDC_TIME_MS) - this.#now();
    if (Math.abs(this.offsetMs) <= 2000) return;
    this.#trace({ type: "clock-offset", realm, seconds: Math.round(this.offsetMs / 1000) });
  }
}
