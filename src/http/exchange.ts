import { GssError } from "../errors.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import { type Fields, readNegotiation, writeNegotiation } from "./field.ts";

/** Reads a field of an answer: `Headers` is one. */
export interface AnswerHeaders {
  /** The value of a field, several joined by commas; null if it is not there. */
  get(name: string): string | null;
}

/** One request and its answers, as far as Negotiate goes. */
export interface NegotiateExchange {
  /** The value of `Authorization` for the first request. */
  readonly authorization: string;
  /**
   * Takes an answer, before its body is used. Resolves with the field of one more request, which must go over the same
   * connection, or with undefined: the answer is the caller's, whatever its status.
   */
  verify(
    headers: AnswerHeaders,
    status: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<{ readonly authorization: string } | undefined>;
}

/** An exchange over a context whose first token is made. */
export class Exchange implements NegotiateExchange {
  readonly authorization: string;
  readonly #context: SecurityContext;
  readonly #fields: Fields;
  readonly #isProofNeeded: boolean;

  constructor(context: SecurityContext, token: Uint8Array, fields: Fields, isProofNeeded: boolean) {
    this.#context = context;
    this.#fields = fields;
    this.#isProofNeeded = isProofNeeded;
    this.authorization = writeNegotiation(token);
  }

  async verify(
    headers: AnswerHeaders,
    status: number,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ readonly authorization: string } | undefined> {
    const { signal } = options;
    const stepping = signal === undefined ? {} : { signal };
    let next: { readonly authorization: string } | undefined;
    try {
      const token = readNegotiation(headers.get(this.#fields.challenge))?.token;
      if (status === 431) throw this.#tooLarge(status);
      next = status === this.#fields.status ? await this.#goOn(token, stepping) : undefined;
      if (status !== this.#fields.status) await this.#finish(token, status, stepping);
      if (next === undefined) this.#requireProof(status);
    } catch (error) {
      this.#context.dispose();
      throw error;
    }
    if (next === undefined) this.#context.dispose();
    return next;
  }

  /** The server asks again: with a token it goes on, or says why it refuses; without one it has refused. */
  async #goOn(
    token: Uint8Array | undefined,
    options: { readonly signal?: AbortSignal },
  ): Promise<{ readonly authorization: string } | undefined> {
    // Rule H6 in SECURITY.md: a context takes three tokens at the most, so that who asks for ever is refused.
    if (token === undefined || this.#context.isEstablished) return undefined;
    const answer = await this.#context.step(token, options);
    return answer === undefined ? undefined : { authorization: writeNegotiation(answer) };
  }

  /** Rule H4 in SECURITY.md: a proof that came is checked. */
  async #finish(
    token: Uint8Array | undefined,
    status: number,
    options: { readonly signal?: AbortSignal },
  ): Promise<void> {
    const context = this.#context;
    if (token !== undefined) {
      await context.step(token, options);
      if (!context.isEstablished) {
        throw new GssError(
          "GSS_DEFECTIVE_TOKEN",
          "GSS_S_DEFECTIVE_TOKEN",
          `the ${this.#fields.peer} answers ${status} before the exchange of tokens is complete: look at its log`,
        );
      }
    }
  }

  /** Rule H5 in SECURITY.md, for each answer that is the caller's: what an unproven server says of a refusal, too. */
  #requireProof(status: number): void {
    if (!this.#isProofNeeded || this.#context.isEstablished) return;
    throw new GssError(
      "HTTP_NOT_MUTUAL",
      "GSS_S_FAILURE",
      `the ${this.#fields.peer} did not prove who it is (HTTP ${status} without a token), and mutual is "required": do not use the answer`,
    );
  }

  #tooLarge(status: number): GssError {
    return new GssError(
      "HTTP_TOKEN_TOO_LARGE",
      "GSS_S_FAILURE",
      `the ${this.#fields.peer} takes no header as large as the token's (HTTP ${status}, ${this.authorization.length} characters): ` +
        "raise its limit (Node --max-http-header-size, Apache LimitRequestFieldSize, Windows MaxFieldLength), " +
        "or have the account in fewer groups",
    );
  }
}
