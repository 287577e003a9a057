import { encodeBase64 } from "../bytes/index.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import { formatPrincipal } from "../krb5/index.ts";
import { type Callback, checkParameter, settle } from "./callback.ts";
import { decodeLenient } from "./lenient-base64.ts";
import { NativeError, nativeError, noTokenError } from "./native-error.ts";

/** The server side of a context, as npm `kerberos` has it: tokens are base64. */
export class KerberosServer {
  readonly #context: SecurityContext;
  readonly #isNamed: boolean;
  #failure: unknown;
  #hasFailed = false;
  #response: string | null = null;

  /**
   * `initializeServer` makes one.
   *
   * @param context the acceptor
   * @param isNamed whether one service was named
   */
  constructor(context: SecurityContext, isNamed: boolean) {
    this.#context = context;
    this.#isNamed = isNamed;
  }

  /** Who the client is, as `alice@EXAMPLE.ORG`, when the context is complete. */
  get username(): string | null {
    const { isEstablished, peer } = this.#context;
    return isEstablished && peer !== undefined ? formatPrincipal(peer) : null;
  }

  /** What the last step gave, in base64. */
  get response(): string | null {
    return this.#response;
  }

  /** Which service the client asked for, if the server was made for any (an empty name). */
  get targetName(): string | null {
    const { isEstablished, self } = this.#context;
    return isEstablished && !this.#isNamed && self !== undefined ? formatPrincipal(self) : null;
  }

  /** Whether the context is established. */
  get contextComplete(): boolean {
    return this.#context.isEstablished;
  }

  /**
   * Takes the client's token, and gives the one to send back.
   *
   * @param challenge the token in base64
   * @param callback takes the outcome instead of a promise
   * @returns the token in base64; null where nothing is to be sent
   * @throws NativeError with the native words, our `code` and our error as `cause`
   */
  step(challenge: string, callback?: Callback<string | null>): Promise<string | null> {
    return settle(
      async () => {
        checkParameter("challenge", challenge);
        if (this.#hasFailed) throw this.#failure;
        this.#response = null;
        if (challenge === "") throw new NativeError("No challenge parameter in request from client");
        try {
          const octets = decodeLenient(challenge);
          // An acceptor of SPNEGO that is given nothing would begin.
          if (octets.length === 0) throw noTokenError();
          const token = await this.#context.step(octets);
          if (token !== undefined && token.length > 0) this.#response = encodeBase64(token);
          return this.#response;
        } catch (error) {
          this.#failure = nativeError(error);
          this.#hasFailed = true;
          throw this.#failure;
        }
      },
      challenge,
      callback,
    );
  }
}
