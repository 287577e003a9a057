import { KRB_ERROR } from "../../iana/index.ts";
import { decide, draftError, encodeOutcome, fastOf, type Outcome, receive } from "./answer.ts";
import { type Delivery, noDelivery } from "./delivery.ts";
import { KdcFailure } from "./failure.ts";
import { FaultBox } from "./fault-box.ts";
import type { KdcState } from "./state.ts";

/** How a request came. */
export interface RequestContext {
  readonly transport: "tcp" | "udp";
}

/** The KDC of one realm: octets in, octets out, no I/O. */
export class TestKdc {
  readonly #state: KdcState;
  readonly faults: FaultBox = new FaultBox();

  constructor(state: KdcState) {
    this.#state = state;
  }

  /**
   * The answer to one request without framing (RFC 4120 sections 3.1.3 and 3.3.3), or undefined where the KDC says
   * nothing. It does not throw, whatever the octets.
   */
  handle(request: Uint8Array, context: RequestContext = { transport: "tcp" }): Uint8Array | undefined {
    const { octets, manner } = this.deliver(request, context);
    return manner === "half" ? octets?.subarray(0, octets.length >> 1) : octets;
  }

  /** As {@link TestKdc.handle}, with what faults want of the delivery. */
  deliver(octets: Uint8Array, { transport }: RequestContext): Delivery {
    const received = receive(octets);
    if (received === undefined) return noDelivery;
    try {
      const decided = decide(this.#state, received);
      const { outcome, finish } = this.faults.apply(this.#state, received, decided);
      const delivery = finish(this.#encode(outcome));
      if (transport === "tcp" || (delivery.octets?.length ?? 0) <= this.#state.policy.maxDatagramBytes) return delivery;
      const tooBig = new KdcFailure(KRB_ERROR.KRB_ERR_RESPONSE_TOO_BIG, "ask over TCP");
      return {
        ...delivery,
        octets: encodeOutcome({ type: "error", draft: draftError(this.#state, received.request, tooBig) }),
      };
    } catch {
      return noDelivery;
    }
  }

  /** What a request gets that announces more octets than are taken (RFC 4120 section 7.2.2). */
  refuseTooLong(): Uint8Array {
    const tooLong = new KdcFailure(KRB_ERROR.KRB_ERR_FIELD_TOOLONG, "the request is too long");
    return encodeOutcome({ type: "error", draft: draftError(this.#state, undefined, tooLong) });
  }

  /** What cannot be encoded is the KDC's own failure: the client hears so. */
  #encode(outcome: Outcome): Uint8Array {
    try {
      return encodeOutcome(outcome);
    } catch (error) {
      const request = outcome.type === "reply" ? outcome.draft.request : undefined;
      return encodeOutcome({ type: "error", draft: draftError(this.#state, request, error), fast: fastOf(outcome) });
    }
  }
}
