import { concat } from "../bytes/index.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import type { Mechanism, Turn } from "./exchange.ts";
import { protocolError } from "./failure.ts";
import { withoutFraming } from "./gs2-header.ts";

/** The client of GS2-KRB5 and GS2-KRB5-PLUS (RFC 5801), whose context is bound to `header`. */
export class Gs2Client implements Mechanism {
  readonly #context: SecurityContext;
  readonly #header: Uint8Array;
  #hasBegun = false;

  constructor(context: SecurityContext, header: Uint8Array) {
    this.#context = context;
    this.#header = header;
  }

  async turn(input: Uint8Array | undefined, signal: AbortSignal | undefined): Promise<Turn> {
    const context = this.#context;
    if (context.isEstablished) throw protocolError("the server sent a challenge after the end of the exchange");
    const token = await context.step(input, { signal });
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      return { output: concat(this.#header, withoutFraming(token as Uint8Array)) };
    }
    // Mutual authentication was asked for (RFC 5801 section 5), so that only the server's proof leads here.
    return { output: undefined, end: { layer: undefined } };
  }

  dispose(): void {
    this.#context.dispose();
  }
}
