import { equal } from "../bytes/index.ts";
import { type Checks, checkBoolean, checkOptions } from "../checks/index.ts";
import { assignFields, isKerberosError } from "../errors.ts";
import {
  type AcceptorOptions,
  acceptorChecks,
  createAcceptor,
  defectiveToken,
  type LoadProvider,
  type SecurityContext,
} from "../gssapi/index.ts";
import { formatPrincipal } from "../krb5/index.ts";
import { describeToken, mechanismOf, mechanismOfFrame, tokenWords } from "./describe.ts";
import { badListMic, noCommonMechanism, rejected, verifyListMic } from "./failure.ts";
import { createNegotiationHints } from "./hints.ts";
import { isKerberos, KRB5, NTLM, oidText, SPNEGO } from "./mechanisms.ts";
import { NegotiatedContext, type Negotiation, type SpnegoContext } from "./negotiated-context.ts";
import { decodeInit, decodeResponse, encodeResponse, type NegTokenInit, type NegTokenResp, STATE } from "./tokens.ts";

/** Options for {@link createSpnegoAcceptor}: those of `createAcceptor`, and what is negotiated. */
export interface SpnegoAcceptorOptions extends AcceptorOptions {
  /**
   * Take a token of krb5 itself where one of SPNEGO is expected, and answer in the same way. Default true: some clients
   * of HTTP Negotiate send it, and servers take it.
   */
  readonly acceptRaw?: boolean | undefined;
  /**
   * Exchange MICs of the list of mechanisms, whatever the initiator prefers. Default false: where it does not prefer
   * krb5, as it has to be (RFC 4178 section 5). A raw token has no list.
   */
  readonly requireMic?: boolean | undefined;
}

export const spnegoAcceptorChecks: Checks<SpnegoAcceptorOptions> = {
  ...acceptorChecks,
  acceptRaw: checkBoolean,
  requireMic: checkBoolean,
};

/**
 * Begins a negotiated GSS-API context as its acceptor (RFC 4178, MS-SPNG): what `krb5-remctl/spnego` exports, with what
 * loads the host's cryptography. Default: plain JavaScript.
 *
 * @param shown the service as errors name it, where the option is a function that was made of a name
 */
export function createSpnegoAcceptor(
  options: SpnegoAcceptorOptions,
  load?: LoadProvider,
  shown?: string,
): SpnegoContext {
  checkOptions("createSpnegoAcceptor", options, spnegoAcceptorChecks);
  const { acceptRaw = true, requireMic = false, ...own } = options;
  const inner = createAcceptor(own, load);
  const parts = { inner, acceptRaw, requireMic, service: shown ?? serviceWords(options.service) };
  return new NegotiatedContext(inner, new AcceptorNegotiation(parts), false);
}

interface Parts {
  readonly inner: SecurityContext;
  readonly acceptRaw: boolean;
  readonly requireMic: boolean;
  /** The service, for an error. */
  readonly service: string;
}

class AcceptorNegotiation implements Negotiation {
  readonly #parts: Parts;
  /** What is waited for: the offer, with or without hints sent before it, the mechanism's token, the list's MIC. */
  #awaits: "offer" | "offer after hints" | "token" | "mic" = "offer";
  #list: Uint8Array = new Uint8Array(0);
  #agreed: Uint8Array | undefined;
  #isMicRequired: boolean;
  framing: "spnego" | "raw" | undefined;
  wasReselected = false;
  isComplete = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#isMicRequired = parts.requireMic;
  }

  get negotiated(): string | undefined {
    return this.#agreed && oidText(this.#agreed);
  }

  async step(token: Uint8Array, options: StepOptions): Promise<Uint8Array | undefined> {
    try {
      switch (this.#awaits) {
        case "offer":
        case "offer after hints":
          return await this.#first(token, options);
        case "token":
          return await this.#takeLater(this.#answer(token), options);
        case "mic":
          return this.#takeMic(this.#answer(token));
      }
    } catch (error) {
      throw this.#withAnswer(error);
    }
  }

  async #first(token: Uint8Array, options: StepOptions): Promise<Uint8Array | undefined> {
    if (token.length === 0 && this.#awaits === "offer") {
      this.#awaits = "offer after hints";
      return createNegotiationHints();
    }
    const frame = mechanismOfFrame(token);
    if (frame !== undefined && equal(frame.oid, KRB5)) return await this.#takeRaw(token, options);
    if (frame !== undefined && equal(frame.oid, SPNEGO)) {
      this.framing = "spnego";
      return await this.#agree(decodeInit(token), options);
    }
    const is = describeToken(token);
    // No answer: who speaks NTLM alone does not read one of SPNEGO.
    if (is.kind === "ntlm") throw noCommonMechanism([mechanismOf(NTLM)], this.#parts.service);
    throw defectiveToken(`an offer of SPNEGO was expected, this is ${tokenWords(is)}`);
  }

  async #takeRaw(token: Uint8Array, options: StepOptions): Promise<Uint8Array | undefined> {
    if (!this.#parts.acceptRaw)
      throw defectiveToken("a token of krb5 came where SPNEGO is expected (acceptRaw is false)");
    this.framing = "raw";
    this.#agreed = KRB5;
    const reply = await this.#parts.inner.step(token, options);
    this.isComplete = true;
    return reply;
  }

  async #agree(offer: NegTokenInit, options: StepOptions): Promise<Uint8Array | undefined> {
    const { mechanisms, list, token, mic } = offer;
    const agreed = mechanisms.find(isKerberos);
    if (agreed === undefined) {
      throw noCommonMechanism(mechanisms.map(mechanismOf), this.#parts.service);
    }
    // Of the two identifiers that krb5 has, the one that was offered first: Windows takes no other (MS-SPNG section
    // 3.1.5.2).
    this.#agreed = agreed.slice();
    this.#list = list.slice();
    const isPreferred = agreed === mechanisms[0];
    this.wasReselected = !isPreferred;
    this.#isMicRequired ||= !isPreferred;
    if (isPreferred && token !== undefined) return await this.#take(token, mic, this.#agreed, options);
    // The key that it would be made with is missing.
    if (mic !== undefined) throw badListMic("a MIC of the mechanism list came before the mechanism's first token");
    this.#awaits = "token";
    const state = this.#isMicRequired ? STATE.requestMic : STATE.incomplete;
    return encodeResponse({ state, mechanism: this.#agreed });
  }

  async #takeLater({ token, mic }: NegTokenResp, options: StepOptions): Promise<Uint8Array> {
    if (token === undefined) throw defectiveToken("the initiator sent no token of the mechanism that was agreed on");
    return await this.#take(token, mic, undefined, options);
  }

  /** The mechanism's token, which is its last from this initiator; `agreed` is sent in the first answer. */
  async #take(
    token: Uint8Array,
    mic: Uint8Array | undefined,
    agreed: Uint8Array | undefined,
    options: StepOptions,
  ): Promise<Uint8Array> {
    const { inner } = this.#parts;
    const reply = await inner.step(token, options);
    if (mic !== undefined) {
      verifyListMic(inner, this.#list, mic);
      this.#isMicRequired = true;
    } else if (this.#isMicRequired && reply === undefined && agreed === undefined) {
      throw badListMic(NO_MIC);
    }
    const isDone = mic !== undefined || !this.#isMicRequired;
    this.#awaits = "mic";
    this.isComplete = isDone;
    return encodeResponse({
      state: isDone ? STATE.completed : agreed === undefined ? STATE.incomplete : STATE.requestMic,
      mechanism: agreed,
      token: reply,
      mic: this.#isMicRequired ? inner.getMic(this.#list) : undefined,
    });
  }

  #takeMic({ token, mic }: NegTokenResp): undefined {
    if ((token?.length ?? 0) > 0) throw defectiveToken("a token came for a mechanism that has all it needs");
    if (mic === undefined) throw badListMic(NO_MIC);
    verifyListMic(this.#parts.inner, this.#list, mic);
    this.isComplete = true;
  }

  #answer(octets: Uint8Array): NegTokenResp {
    const answer = decodeResponse(octets);
    const { state, mechanism } = answer;
    if (state === STATE.reject) throw rejected("initiator");
    // RFC 4178 section 4.2.2: the acceptor alone requests one.
    if (state === STATE.requestMic) throw defectiveToken("the initiator requests a MIC, which acceptors do");
    if (mechanism !== undefined && !equal(mechanism, this.#agreed as Uint8Array)) {
      throw defectiveToken("the initiator names another mechanism than the one that was agreed on");
    }
    return answer;
  }

  /** The refusal with what is sent to the initiator: `reject`, and what the mechanism has to say. */
  #withAnswer(error: unknown): unknown {
    if (this.framing !== "spnego" || !isKerberosError(error)) return error;
    const mechanism = this.#awaits.startsWith("offer") ? this.#agreed : undefined;
    const { token } = error as { readonly token?: Uint8Array };
    assignFields(error, { token: encodeResponse({ state: STATE.reject, mechanism, token }) });
    return error;
  }
}

const NO_MIC = "the initiator sent no MIC of the mechanism list, and has to: something may have changed the list";

type StepOptions = Parameters<Negotiation["step"]>[1];

/** The service as a person names it. */
export function serviceWords(service: AcceptorOptions["service"]): string {
  // The service of any host: `HTTP`.
  if (typeof service === "string") return /[/@]/.test(service) ? service : `${service}/HOST`;
  if (service === undefined || typeof service === "function") return "this service";
  if ("components" in service) return formatPrincipal(service);
  return service.slice(0, 3).map(serviceWords).join(" or ");
}
