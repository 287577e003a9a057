import { equal } from "../bytes/index.ts";
import { type Checks, checkBoolean, checkOptions, checkRequired } from "../checks/index.ts";
import {
  createInitiator,
  defectiveToken,
  type InitiatorOptions,
  initiatorChecks,
  type SecurityContext,
} from "../gssapi/index.ts";
import { badListMic, rejected, verifyListMic } from "./failure.ts";
import { isKerberos, KRB5, MICROSOFT_KRB5, oidText } from "./mechanisms.ts";
import { NegotiatedContext, type Negotiation, type SpnegoContext } from "./negotiated-context.ts";
import {
  decodeInit,
  decodeResponse,
  encodeInit,
  encodeMechanisms,
  encodeResponse,
  type NegTokenResp,
  STATE,
} from "./tokens.ts";

/** Options for {@link createSpnegoInitiator}: those of `createInitiator`, and what is negotiated. */
export interface SpnegoInitiatorOptions extends InitiatorOptions {
  /**
   * Refuse an acceptor that sends no MIC of the list of mechanisms. Default false: it has to where another mechanism
   * than the first is agreed on, and most send none else.
   */
  readonly requireMic?: boolean | undefined;
  /**
   * Offer krb5 under Microsoft's object identifier, 1.2.840.48018.1.2.2, before its own. Default false: its own alone.
   * For a server that knows no other.
   */
  readonly microsoftOidFirst?: boolean | undefined;
}

export const spnegoInitiatorChecks: Checks<SpnegoInitiatorOptions> = {
  ...initiatorChecks,
  requireMic: checkBoolean,
  microsoftOidFirst: checkBoolean,
};

/**
 * Begins a negotiated GSS-API context as its initiator (RFC 4178): offers krb5 with its first token, so that one round
 * trip is enough. It is used as a context of `createInitiator` is; the integrity flag is asked for unless `flags` says
 * that it is not wanted.
 *
 * @param options whose context, with whom, and what is asked of the negotiation
 * @returns the context, before its first step, which takes no token, or what a server said first. A step rejects with
 *   what the krb5 mechanism says; with GssError `SPNEGO_REJECTED` if the acceptor refused without a reason,
 *   `SPNEGO_BAD_MIC` if the list of mechanisms was changed, `GSS_DEFECTIVE_TOKEN` for octets that are not an answer
 * @throws TypeError for options that make no initiator: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createSpnegoInitiator } from "krb5-remctl/spnego";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const context = createSpnegoInitiator({ target: "HTTP@www.example.org", credential });
 * let token = await context.step();
 * while (token !== undefined) {
 *   await send(token);
 *   token = context.isEstablished ? undefined : await context.step(await receive());
 * }
 * ```
 */
export function createSpnegoInitiator(options: SpnegoInitiatorOptions): SpnegoContext {
  checkOptions("createSpnegoInitiator", options, spnegoInitiatorChecks);
  checkRequired(options, spnegoInitiatorChecks, "target", "credential");
  const { requireMic = false, microsoftOidFirst = false, flags, ...own } = options;
  // RFC 4178 section 5: without integrity no MIC protects a longer list than ours. SASL's layer is that of the flags.
  const inner = createInitiator({ ...own, flags: { integrity: true, ...flags } });
  const offered = microsoftOidFirst ? [MICROSOFT_KRB5, KRB5] : [KRB5];
  return new NegotiatedContext(inner, new InitiatorNegotiation(inner, offered, requireMic), true);
}

class InitiatorNegotiation implements Negotiation {
  readonly #inner: SecurityContext;
  readonly #offered: readonly Uint8Array[];
  readonly #list: Uint8Array;
  /** The first token of the mechanism: sent once, or again to an acceptor that wants it under its other name. */
  #optimistic: Uint8Array | undefined;
  #agreed: Uint8Array | undefined;
  #isMicRequired: boolean;
  #isMicSent = false;
  wasReselected = false;
  isComplete = false;
  readonly framing = "spnego";

  constructor(inner: SecurityContext, offered: readonly Uint8Array[], requireMic: boolean) {
    this.#inner = inner;
    this.#offered = offered;
    this.#list = encodeMechanisms(offered);
    this.#isMicRequired = requireMic;
  }

  get negotiated(): string | undefined {
    return this.#agreed && oidText(this.#agreed);
  }

  async step(token: Uint8Array, options: StepOptions): Promise<Uint8Array | undefined> {
    if (this.#optimistic === undefined) return await this.#offer(token, options);
    const reply = decodeResponse(token);
    if (reply.state === STATE.reject) throw await this.#rejection(reply, options);
    if (this.#agreed === undefined) {
      const agreed = this.#agree(reply);
      if (
        reply.token === undefined &&
        reply.state !== STATE.completed &&
        !equal(agreed, this.#offered[0] as Uint8Array)
      ) {
        return this.#sendAgain();
      }
    } else {
      this.#checkLater(reply, this.#agreed);
    }
    if (this.#inner.isEstablished) {
      // Old servers send an empty one in place of leaving it out.
      if ((reply.token?.length ?? 0) > 0) throw defectiveToken("a token came for a mechanism that has all it needs");
    } else {
      if (reply.token === undefined) throw defectiveToken("the acceptor did not answer the token of the mechanism");
      await this.#inner.step(reply.token, options);
    }
    return this.#finish(reply);
  }

  async #offer(hints: Uint8Array, options: StepOptions): Promise<Uint8Array> {
    // What a server says before there is a key decides nothing (rule SN5): it has to be a token, and that is all.
    if (hints.length > 0) decodeInit(hints);
    const token = await this.#inner.step(undefined, options);
    this.#optimistic = token ?? new Uint8Array(0);
    return encodeInit({ list: this.#list, token });
  }

  /** The first answer. Without a mechanism in it, it is the one that was tried: some acceptors in Java leave it out. */
  #agree({ mechanism = this.#offered[0] as Uint8Array, state }: NegTokenResp): Uint8Array {
    if (!isKerberos(mechanism)) throw defectiveToken("the acceptor chose a mechanism that was not offered");
    this.#agreed = mechanism.slice();
    if (state === STATE.requestMic) this.#isMicRequired = true;
    return this.#agreed;
  }

  /** RFC 4178 section 4.2.2: what was agreed on stays, and a MIC is requested at once or never. */
  #checkLater({ mechanism, state }: NegTokenResp, agreed: Uint8Array): void {
    if (mechanism !== undefined && !equal(mechanism, agreed)) {
      throw defectiveToken("the acceptor changed the mechanism after it had agreed on one");
    }
    if (state === STATE.requestMic) throw defectiveToken("the acceptor requests a MIC after its first answer");
  }

  /**
   * For an acceptor to which the mechanism's other name is another mechanism: it has not looked at the token. Where
   * that is the last one, the MIC is with it (RFC 4178 section 5, c).
   */
  #sendAgain(): Uint8Array {
    this.wasReselected = true;
    this.#isMicRequired = true;
    return encodeResponse({ token: this.#optimistic, mic: this.#inner.isEstablished ? this.#mic() : undefined });
  }

  #mic(): Uint8Array {
    this.#isMicSent = true;
    return this.#inner.getMic(this.#list);
  }

  /** Rule SN2 in SECURITY.md. */
  #finish({ mic }: NegTokenResp): Uint8Array | undefined {
    if (mic === undefined && this.#isMicRequired) {
      throw badListMic(
        "the acceptor sent no MIC of the mechanism list, and has to: something may have changed the list",
      );
    }
    if (mic !== undefined) verifyListMic(this.#inner, this.#list, mic);
    this.isComplete = true;
    // Who gets a MIC sends one: RFC 4178 section 5, b) I.
    if (mic === undefined || this.#isMicSent) return undefined;
    return encodeResponse({ state: STATE.completed, mic: this.#mic() });
  }

  /** Why the acceptor says no: its KRB-ERROR, if there is one, tells more. */
  async #rejection({ token }: NegTokenResp, options: StepOptions): Promise<unknown> {
    if (token !== undefined && token.length > 0 && !this.#inner.isEstablished) {
      await this.#inner.step(token, options);
    }
    return rejected("acceptor");
  }
}

type StepOptions = Parameters<Negotiation["step"]>[1];
