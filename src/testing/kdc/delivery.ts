/** An answer with the way in which it is sent. */
export interface Delivery {
  /** Without framing. Absent: nothing is sent. */
  readonly octets: Uint8Array | undefined;
  readonly delayMs: number;
  /**
   * `"drop"`: a stream is closed with nothing sent; `"half"`: half of it, then closed; `"dribble"`: one octet at a
   * time.
   */
  readonly manner: "whole" | "drop" | "half" | "dribble";
  /** Replaces the length before the message on a stream. */
  readonly lengthWord?: number;
}

/** Nothing is sent. */
export const noDelivery: Delivery = { octets: undefined, delayMs: 0, manner: "whole" };
