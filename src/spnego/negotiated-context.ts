import { type Checks, checkOctets, checkOptions, checkSignal } from "../checks/index.ts";
import {
  asContextFailure,
  type ContextFlags,
  flagsOfBits,
  noContext,
  type SecurityContext,
  type UnwrapOptions,
  type WrapOptions,
} from "../gssapi/index.ts";
import type { Principal, ServiceTicket } from "../krb5/index.ts";

/**
 * A security context that was negotiated (RFC 4178). It is established when the mechanism's context is, and the MICs of
 * the list of mechanisms are exchanged where they have to be.
 */
export interface SpnegoContext extends SecurityContext {
  /** How the peer framed its tokens: SPNEGO, or the mechanism's own in its place; undefined before it is known. */
  readonly framing: "spnego" | "raw" | undefined;
  /**
   * The object identifier that was agreed on: `1.2.840.113554.1.2.2`, or Microsoft's of the same mechanism,
   * `1.2.840.48018.1.2.2`; undefined before it is known.
   */
  readonly negotiated: string | undefined;
  /** Whether another mechanism than the initiator's first was agreed on: then the list is protected by MICs. */
  readonly wasReselected: boolean;
}

/** What both sides of the negotiation are. */
export interface Negotiation extends Pick<SpnegoContext, "framing" | "negotiated" | "wasReselected"> {
  /** Takes the peer's token and gives ours. `isComplete` is true when nothing more is to come. */
  step(token: Uint8Array, options: StepOptions): Promise<Uint8Array | undefined>;
  readonly isComplete: boolean;
}

type StepOptions = NonNullable<Parameters<SecurityContext["step"]>[1]>;

const stepChecks: Checks<StepOptions> = { signal: checkSignal };
const NO_FLAGS: ContextFlags = flagsOfBits(0);

/** The mechanism's context, behind the negotiation: nothing of it is seen or used before that is complete. */
export class NegotiatedContext implements SpnegoContext {
  readonly #inner: SecurityContext;
  readonly #negotiation: Negotiation;
  readonly #isInitiator: boolean;
  #isStepping = false;
  /** What every later call throws: the first error of the negotiation. */
  #failure: { readonly error: unknown } | undefined;

  constructor(inner: SecurityContext, negotiation: Negotiation, isInitiator: boolean) {
    this.#inner = inner;
    this.#negotiation = negotiation;
    this.#isInitiator = isInitiator;
  }

  get framing(): SpnegoContext["framing"] {
    return this.#negotiation.framing;
  }

  get negotiated(): string | undefined {
    return this.#negotiation.negotiated;
  }

  get wasReselected(): boolean {
    return this.#negotiation.wasReselected;
  }

  get mechanism(): string {
    return this.#inner.mechanism;
  }

  get isEstablished(): boolean {
    return this.#shown?.isEstablished ?? false;
  }

  get flags(): ContextFlags {
    return this.#shown?.flags ?? NO_FLAGS;
  }

  get peer(): Principal | undefined {
    return (this.#isInitiator ? this.#inner : this.#shown)?.peer;
  }

  get self(): Principal | undefined {
    return (this.#isInitiator ? this.#inner : this.#shown)?.self;
  }

  get expires(): Date | undefined {
    return (this.#isInitiator ? this.#inner : this.#shown)?.expires;
  }

  get delegated(): readonly ServiceTicket[] | undefined {
    return this.#shown?.delegated;
  }

  get ticket(): ServiceTicket | undefined {
    return this.#shown?.ticket;
  }

  get pac(): SecurityContext["pac"] {
    return this.#shown?.pac;
  }

  get sids(): readonly string[] | undefined {
    return this.#shown?.sids;
  }

  get indicators(): readonly string[] | undefined {
    return this.#shown?.indicators;
  }

  get etype(): number | undefined {
    return this.#shown?.etype;
  }

  get hasAcceptorSubkey(): boolean {
    return this.#shown?.hasAcceptorSubkey ?? false;
  }

  get wrapOverhead(): number {
    return this.#live().wrapOverhead;
  }

  async step(token?: Uint8Array, options: StepOptions = {}): Promise<Uint8Array | undefined> {
    if (token !== undefined) checkOctets("token", token);
    checkOptions("context.step", options, stepChecks);
    if (this.#isStepping) throw new TypeError("step() is still at work: await it before the next one");
    this.#refuseDead();
    // The mechanism's context refuses a token after its end, and dies of it.
    if (this.#negotiation.isComplete) return await this.#inner.step(token, options);
    this.#isStepping = true;
    try {
      return await this.#negotiation.step(token ?? new Uint8Array(0), options);
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#isStepping = false;
    }
  }

  wrap(octets: Uint8Array, options?: WrapOptions): Uint8Array {
    return this.#live().wrap(octets, options);
  }

  wrapInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number {
    return this.#live().wrapInto(out, offset, ...parts);
  }

  unwrap(token: Uint8Array, options?: UnwrapOptions): Uint8Array {
    return this.#live().unwrap(token, options);
  }

  getMic(octets: Uint8Array): Uint8Array {
    return this.#live().getMic(octets);
  }

  verifyMic(octets: Uint8Array, mic: Uint8Array): void {
    this.#live().verifyMic(octets, mic);
  }

  wrapSizeLimit(maxTokenBytes: number, options?: WrapOptions): number {
    return this.#live().wrapSizeLimit(maxTokenBytes, options);
  }

  dispose(): void {
    this.#inner.dispose();
    // No error is made before somebody asks: each request of HTTP ends so, and a stack trace is dear.
    this.#failure ??= { error: undefined };
  }

  /** Rule SN1 in SECURITY.md: nothing of the mechanism's context counts before the negotiation is complete. */
  get #shown(): SecurityContext | undefined {
    return this.#negotiation.isComplete && this.#failure === undefined ? this.#inner : undefined;
  }

  #refuseDead(): void {
    if (this.#failure !== undefined) throw this.#failure.error ?? noContext("the context was disposed of");
  }

  #live(): SecurityContext {
    this.#refuseDead();
    if (this.#shown === undefined) throw noContext("the context is not established yet: step() has to finish first");
    return this.#shown;
  }

  /** Ends the context for good; gives the error to throw. */
  #fail(error: unknown): unknown {
    if (this.#failure !== undefined) return error;
    const failure = asContextFailure(error);
    this.#failure = { error: failure };
    this.#inner.dispose();
    return failure;
  }
}
