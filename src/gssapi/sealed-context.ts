import { assignFields, isKerberosError } from "../errors.ts";
import type { Principal, ServiceTicket } from "../krb5/index.ts";
import type { TicketAuthorization, VerifiedPac } from "../pac/index.ts";
import type { ContextFlags, SealingContext, UnwrapOptions } from "./context.ts";
import { asContextFailure, defectiveToken, noContext } from "./failure.ts";
import type { LegacyTokens, TokensOfEnctype } from "./legacy-tokens.ts";
import { type ProtectionParameters, SealedMessages } from "./sealed-messages.ts";
import type { SealedTokens } from "./tokens.ts";

/** One side of the AP exchange: what differs between initiator and acceptor. It never sees a message. */
export interface Handshake {
  readonly peer: Principal | undefined;
  readonly self: Principal | undefined;
  readonly expires: Date | undefined;
  /** What an acceptor took of the initiator's credentials. */
  readonly delegated?: readonly ServiceTicket[] | undefined;
  /** What an acceptor keeps of the ticket, and what that says of the client. */
  readonly ticket?: ServiceTicket | undefined;
  readonly authorization?: TicketAuthorization | undefined;
  /** Takes the peer's token, gives ours, and what is agreed when nothing more is to come. */
  step(token: Uint8Array | undefined, signal: AbortSignal | undefined): Promise<HandshakeStep>;
  /** Forgets the keys that it still has. */
  wipe(): void;
}

/** The result of {@link Handshake.step}. */
export interface HandshakeStep {
  readonly token: Uint8Array | undefined;
  readonly established?: ProtectionParameters;
}

const NO_FLAGS: ContextFlags = {
  mutual: false,
  replay: false,
  sequence: false,
  confidentiality: false,
  integrity: false,
  delegation: false,
  channelBound: false,
};

/**
 * A {@link SealingContext} of either side: the life of a context, from the first token to the first failure. Keys are
 * in private fields, so that no inspection, log or JSON of a context shows one.
 */
export class SealedContext implements SealingContext {
  readonly #handshake: Handshake;
  readonly #legacy: TokensOfEnctype | undefined;
  #messages: SealedTokens | undefined;
  #flags: ContextFlags = NO_FLAGS;
  #hasAcceptorSubkey = false;
  #isStepping = false;
  /** Why the context is dead, and what every later call throws; undefined while it lives. */
  #death: { readonly cause: unknown } | undefined;

  constructor(handshake: Handshake, legacy?: LegacyTokens) {
    this.#handshake = handshake;
    this.#legacy = legacy as TokensOfEnctype | undefined;
  }

  get isEstablished(): boolean {
    return this.#messages !== undefined;
  }

  get flags(): ContextFlags {
    return this.#flags;
  }

  get peer(): Principal | undefined {
    return this.#handshake.peer;
  }

  get self(): Principal | undefined {
    return this.#handshake.self;
  }

  get expires(): Date | undefined {
    return this.#handshake.expires;
  }

  get delegated(): readonly ServiceTicket[] | undefined {
    return this.#handshake.delegated;
  }

  get ticket(): ServiceTicket | undefined {
    return this.#handshake.ticket;
  }

  get pac(): VerifiedPac | undefined {
    return this.#handshake.authorization?.pac;
  }

  get sids(): readonly string[] | undefined {
    return this.#handshake.authorization?.sids;
  }

  get indicators(): readonly string[] | undefined {
    return this.#handshake.authorization?.indicators;
  }

  get etype(): number | undefined {
    return this.#messages?.etype;
  }

  get hasAcceptorSubkey(): boolean {
    return this.#hasAcceptorSubkey;
  }

  async step(
    token?: Uint8Array,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Uint8Array | undefined> {
    this.#refuseDead();
    if (this.#isStepping) throw new TypeError("step() is still at work: await it before the next one");
    if (this.#messages !== undefined) {
      throw this.die(defectiveToken("a context token came after the context was established"));
    }
    this.#isStepping = true;
    try {
      const step = await this.#handshake.step(token, options.signal);
      // dispose() may have come while the step waited for a ticket or a replay cache: what it made then goes too.
      if (this.#death !== undefined) {
        step.established?.key.wipe();
        this.#handshake.wipe();
      }
      this.#refuseDead();
      if (step.established !== undefined) this.#establish(step.established);
      return step.token;
    } catch (error) {
      throw this.die(error);
    } finally {
      this.#isStepping = false;
    }
  }

  wrapInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number {
    const messages = this.live();
    requireOctets(out, ...parts);
    this.requireConfidentiality();
    let needed = messages.sealedOverhead;
    for (const part of parts) needed += part.length;
    if (!(offset >= 0 && out.length - offset >= needed)) {
      throw new RangeError(`the token needs ${needed} octets and there are ${out.length - offset}`);
    }
    return this.guard(() => messages.sealInto(out, offset, parts));
  }

  get wrapOverhead(): number {
    return this.live().sealedOverhead;
  }

  unwrap(token: Uint8Array, options: UnwrapOptions = {}): Uint8Array {
    const messages = this.live();
    requireOctets(token);
    const { requireConf = false, farewell } = options;
    if (farewell === undefined) return this.guard(() => messages.unwrap(token, requireConf));
    requireOctets(farewell);
    this.requireConfidentiality();
    return this.guard(() => {
      try {
        return messages.unwrap(token, requireConf);
      } catch (error) {
        throw withFarewell(error, messages, farewell);
      }
    });
  }

  dispose(): void {
    if (this.#death === undefined) this.die(undefined);
  }

  /** What seals the messages. */
  protected protect(parameters: ProtectionParameters): SealedTokens {
    return new SealedMessages(parameters);
  }

  #establish(parameters: ProtectionParameters): void {
    const legacy = this.#legacy;
    const isLegacy = legacy?.etype === parameters.key.encType.etype;
    this.#messages = isLegacy ? legacy.protect(parameters) : this.protect(parameters);
    this.#flags = parameters.flags;
    this.#hasAcceptorSubkey = parameters.hasAcceptorSubkey;
  }

  /** Rules W1 and C7 in SECURITY.md: nothing before the peer is verified, nothing after a failure. */
  protected live(): SealedTokens {
    this.#refuseDead();
    if (this.#messages === undefined) {
      throw noContext("the context is not established yet: step() has to finish first");
    }
    return this.#messages;
  }

  #refuseDead(): void {
    if (this.#death === undefined) return;
    const { cause } = this.#death;
    if (cause === undefined) throw noContext("the context was disposed of");
    throw cause;
  }

  /** A caller's mistake, so that it does not end the context. */
  protected requireConfidentiality(): void {
    if (!this.#flags.confidentiality) {
      throw new TypeError("flags.confidentiality is false: it must be true to seal");
    }
  }

  /** Runs one operation on a message; whatever it throws ends the context. */
  protected guard<T>(operation: () => T): T {
    try {
      return operation();
    } catch (error) {
      throw this.die(error);
    }
  }

  /** Ends the context for good, with its keys; gives the error to throw. */
  protected die(error: unknown): unknown {
    if (this.#death !== undefined) return error;
    const failure = asContextFailure(error);
    this.#death = { cause: failure };
    this.#messages?.wipe();
    this.#messages = undefined;
    this.#flags = NO_FLAGS;
    this.#handshake.wipe();
    return failure;
  }
}

/** The same refusal with a sealed message for the peer. The other direction's numbers are in order still. */
function withFarewell(error: unknown, messages: SealedTokens, farewell: Uint8Array): unknown {
  if (!isKerberosError(error)) return error;
  assignFields(error, { token: sealed(messages, farewell) });
  return error;
}

/** The sealed token of a message, in new octets. */
export function sealed(messages: SealedTokens, octets: Uint8Array): Uint8Array {
  const out = new Uint8Array(octets.length + messages.sealedOverhead);
  const length = messages.sealInto(out, 0, [octets]);
  return length === out.length ? out : out.subarray(0, length);
}

export function requireOctets(...values: readonly unknown[]): void {
  for (const value of values) if (!(value instanceof Uint8Array)) throw new TypeError("a Uint8Array was expected");
}
