import { onAbort } from "../host/index.ts";
import {
  type Dispatch,
  type DispatchController,
  type Dispatched,
  type DispatchedFields,
  type DispatchHandler,
  LastingController,
  withField,
} from "./dispatch.ts";
import type { AnswerHeaders, NegotiateExchange } from "./exchange.ts";
import { fieldOf } from "./incoming.ts";
import type { Negotiator } from "./negotiator.ts";
import { isSpent } from "./redirect.ts";
import { type OwnConnections, refuseBound, severalTokens, spentBody } from "./refusals.ts";

/** What all requests of an interceptor share. */
export interface DispatchRules {
  readonly negotiator: Negotiator;
  /** Whether a token may go with a request that nobody asked for one. */
  readonly mayForesee: boolean;
  readonly connections: OwnConnections;
}

/** What is read of an answer that is not given on; more costs its connection. */
const MAX_DISCARDED = 65_536;

/** One request of undici with its token: it stands between the dispatcher and the handler. */
export class DispatchedExchange implements DispatchHandler {
  readonly #rules: DispatchRules;
  readonly #url: URL;
  readonly #request: Dispatched;
  readonly #dispatch: Dispatch;
  readonly #handler: DispatchHandler;
  readonly #controller = new LastingController();
  #negotiation: NegotiateExchange | undefined;
  #hasStarted = false;
  #isOver = false;
  /** Octets of an answer that asks for a token; undefined for one that is given on. */
  #discarded: number | undefined;
  /** What came while a proof is looked at. */
  #waiting: (() => void)[] | undefined;

  constructor(rules: DispatchRules, url: URL, request: Dispatched, dispatch: Dispatch, handler: DispatchHandler) {
    this.#rules = rules;
    this.#url = url;
    this.#request = request;
    this.#dispatch = dispatch;
    this.#handler = handler;
  }

  /** Sends the request. Gives what undici's `dispatch` gives. */
  start(): boolean {
    const { negotiator, mayForesee } = this.#rules;
    const isForeseen = negotiator.isExpected(this.#url) || (isSpent(this.#request.body) && mayForesee);
    if (!isForeseen) return this.#dispatch(this.#request, this);
    // Before anything is dispatched: else the caller's signal could not end the wait for a ticket.
    this.#hasStarted = true;
    this.#handler.onRequestStart?.(this.#controller, {});
    void this.#sendToken();
    return true;
  }

  async #sendToken(): Promise<void> {
    const { signal } = this.#controller.ending;
    // Between two attempts undici has nothing that it could end.
    const forget = onAbort(signal, () => this.#fail(signal.reason));
    try {
      this.#negotiation = await this.#rules.negotiator.begin(this.#url, { signal });
      forget();
      if (this.#isOver) return;
      this.#dispatch(withField(this.#request, "authorization", this.#negotiation.authorization), this);
    } catch (error) {
      forget();
      this.#fail(error);
    }
  }

  /** Ends the request with an error, once, and the connection with it. */
  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.#handler.onResponseError?.(this.#controller, error);
    this.#controller.abort(error);
  }

  onRequestStart(controller: DispatchController, context: unknown): void {
    this.#controller.follow(controller);
    if (this.#hasStarted || controller.aborted) return;
    this.#hasStarted = true;
    this.#handler.onRequestStart?.(this.#controller, context);
  }

  onRequestUpgrade(_: DispatchController, status: number, headers: DispatchedFields, socket: unknown): void {
    this.#afterProof(status, headers, () =>
      this.#handler.onRequestUpgrade?.(this.#controller, status, headers, socket),
    );
  }

  onResponseStart(controller: DispatchController, status: number, headers: DispatchedFields, text?: string): void {
    const give = () => this.#handler.onResponseStart?.(this.#controller, status, headers, text);
    // Interim answers say nothing of tokens.
    if (status < 200) return void give();
    if (this.#negotiation !== undefined) {
      controller.pause();
      this.#afterProof(status, headers, give, () => this.#controller.paused || controller.resume());
      return;
    }
    try {
      if (!this.#rules.negotiator.isAsked(this.#url, answerHeaders(headers), status)) return void give();
      if (isSpent(this.#request.body)) throw spentBody();
      this.#discarded = 0;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Rules H4 and H7 in SECURITY.md: an answer is given on when it has been looked at, in the order that it came. */
  #afterProof(status: number, fields: DispatchedFields, give: () => void, goOn: () => void = () => {}): void {
    const negotiation = this.#negotiation;
    if (negotiation === undefined) {
      give();
      return;
    }
    const headers = answerHeaders(fields);
    this.#waiting = [give];
    const check = async (): Promise<void> => {
      const { signal } = this.#controller.ending;
      if ((await negotiation.verify(headers, status, { signal })) !== undefined) throw severalTokens();
      refuseBound(headers, this.#rules.connections);
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      if (this.#isOver) return;
      for (const one of waiting) one();
      goOn();
    };
    check().catch((error) => this.#fail(error));
  }

  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    if (this.#discarded === undefined) {
      this.#inOrder(() => this.#handler.onResponseData?.(this.#controller, chunk));
    } else {
      this.#discarded += chunk.length;
      if (this.#discarded > MAX_DISCARDED) controller.abort(new Error("the answer that asks for a token is too long"));
    }
  }

  onResponseEnd(_: DispatchController, trailers: DispatchedFields): void {
    if (this.#isAskedAgain()) return;
    this.#inOrder(() => {
      this.#isOver = true;
      this.#handler.onResponseEnd?.(this.#controller, trailers);
    });
  }

  onResponseError(_: DispatchController, error: Error): void {
    if (this.#controller.aborted || !this.#isAskedAgain()) this.#fail(error);
  }

  /** The end of an answer that asks for a token: the request is sent once more. */
  #isAskedAgain(): boolean {
    if (this.#discarded === undefined) return false;
    this.#discarded = undefined;
    void this.#sendToken();
    return true;
  }

  #inOrder(give: () => void): void {
    if (this.#isOver) return;
    if (this.#waiting === undefined) give();
    else this.#waiting.push(give);
  }
}

function answerHeaders(headers: DispatchedFields): AnswerHeaders {
  return { get: (name) => fieldOf({ headers }, name) ?? null };
}
