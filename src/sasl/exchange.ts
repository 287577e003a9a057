import { type Checks, checkOctets, checkOptions, checkSignal } from "../checks/index.ts";
import { untilAborted } from "../host/index.ts";
import { protocolError } from "./failure.ts";
import type { SecurityLayer } from "./security-layer.ts";

/** Options for one step of an exchange. */
export interface SaslStepOptions {
  /** Ends the wait for a ticket, a replay cache or a decision. */
  readonly signal?: AbortSignal | undefined;
}

const stepChecks: Checks<SaslStepOptions> = { signal: checkSignal };

/** What one step of a mechanism gives. */
export interface Turn {
  readonly output: Uint8Array | undefined;
  /** There if the exchange may end here, with the layer that is then on. */
  readonly end?: { readonly layer: SecurityLayer | undefined; readonly authorizationId?: string | undefined };
}

/** One side of a mechanism: what differs between them. It is not asked again after it threw. */
export interface Mechanism {
  turn(input: Uint8Array | undefined, signal: AbortSignal | undefined): Promise<Turn>;
  /** Forgets its keys, and those of the layer. */
  dispose(): void;
}

/** More steps than any mechanism has: a peer that asks for ever is refused. */
const MAX_TURNS = 16;

/** The life of an exchange: one step at a time, and the first failure ends it (rule SS4 in SECURITY.md). */
export class Exchange {
  readonly #mechanism: Mechanism;
  #end: Turn["end"];
  #turns = 0;
  #isStepping = false;
  /** Why the exchange is dead; undefined while it lives. */
  #death: { readonly error: unknown } | undefined;

  constructor(mechanism: Mechanism) {
    this.#mechanism = mechanism;
  }

  get isComplete(): boolean {
    return this.#end !== undefined;
  }

  get layer(): SecurityLayer | undefined {
    return this.#end?.layer;
  }

  /** Whom the client acts as, in a server. */
  get authorizationId(): string | undefined {
    return this.#end?.authorizationId;
  }

  /** Runs one step. Once it failed, later calls reject with the same error, which says why. */
  async run(input: Uint8Array | undefined, options: SaslStepOptions = {}): Promise<Uint8Array | undefined> {
    if (input !== undefined) checkOctets("the message of the peer", input);
    checkOptions("step", options, stepChecks);
    if (this.#isStepping) throw new TypeError("step() is still at work: await it before the next one");
    this.refuseDead();
    this.#isStepping = true;
    try {
      if (++this.#turns > MAX_TURNS) throw protocolError(`the peer asked for more than ${MAX_TURNS} steps`);
      const { signal } = options;
      const turn = await untilAborted(this.#mechanism.turn(input, signal), signal, "the SASL exchange");
      // dispose() may have come while the step waited.
      this.refuseDead();
      this.#end = turn.end;
      return turn.output;
    } catch (error) {
      throw this.die(error);
    } finally {
      this.#isStepping = false;
    }
  }

  /** Ends the exchange with its keys; gives the error to throw. */
  die(error: unknown): unknown {
    this.#death ??= { error };
    this.#end = undefined;
    this.#mechanism.dispose();
    return this.#death.error;
  }

  refuseDead(): void {
    if (this.#death !== undefined) throw this.#death.error;
  }
}
