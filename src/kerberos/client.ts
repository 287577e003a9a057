import { concat, encodeBase64, encodeText } from "../bytes/index.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import { formatPrincipal } from "../krb5/index.ts";
import { type Callback, checkParameter, settle } from "./callback.ts";
import { decodeLenient } from "./lenient-base64.ts";
import { isOverError, nativeError, noTokenError } from "./native-error.ts";

/** Options of {@link KerberosClient.wrap}. */
export interface WrapOptions {
  /** The authorization identity of the SASL reply. */
  readonly user?: string | undefined;
  /** Encrypt the message. Default false. */
  readonly protect?: boolean | undefined;
}

/** Octets of an authorization identity that the native module has room for. */
const MAX_USER_BYTES = 4_091;
/** RFC 4752 section 3.1: no security layer. */
const NO_LAYER = 1;
/** RFC 4121 section 4.2.2: the message of a Wrap token is encrypted. */
const SEALED = 2;

/** The client side of a context, as npm `kerberos` has it: tokens are base64. */
export class KerberosClient {
  readonly #context: SecurityContext;
  #failure: unknown;
  #hasFailed = false;
  #response: string | null = null;
  #responseConf = 0;

  /**
   * `initializeClient` makes one.
   *
   * @param context the initiator
   */
  constructor(context: SecurityContext) {
    this.#context = context;
  }

  /** Who the client is, when the context is complete. */
  get username(): string | null {
    const { isEstablished, self } = this.#context;
    return isEstablished && self !== undefined ? formatPrincipal(self) : null;
  }

  /** What the last operation gave, in base64. */
  get response(): string | null {
    return this.#response;
  }

  /** 1 if the last message that was unwrapped was encrypted. */
  get responseConf(): number {
    return this.#responseConf;
  }

  /** Whether the context is established. */
  get contextComplete(): boolean {
    return this.#context.isEstablished;
  }

  /**
   * Takes the server's token, and gives the one to send. After a failure each call ends in that same failure: drivers
   * call again and report the last one.
   *
   * @param challenge the token in base64; an empty text at first
   * @param callback takes the outcome instead of a promise
   * @returns the token in base64; null where nothing is to be sent
   * @throws NativeError with the native words, our `code` and our error as `cause`
   */
  step(challenge: string, callback?: Callback<string | null>): Promise<string | null> {
    return this.#operate(challenge, [callback], async () => {
      this.#response = null;
      if (this.#context.isEstablished) throw isOverError();
      const token = await this.#context.step(challenge === "" ? undefined : decodeLenient(challenge));
      return token === undefined || token.length === 0 ? null : encodeBase64(token);
    });
  }

  /**
   * Opens a message of the server.
   *
   * @param challenge the token in base64
   * @param callback takes the outcome instead of a promise
   * @returns the message in base64; null for an empty one
   * @throws NativeError as {@link step}
   */
  unwrap(challenge: string, callback?: Callback<string | null>): Promise<string | null> {
    return this.#operate(challenge, [callback], async () => {
      this.#response = null;
      this.#responseConf = 0;
      const token = decodeLenient(challenge);
      if (token.length === 0) throw noTokenError();
      const message = this.#context.unwrap(token);
      this.#responseConf = ((token[2] ?? 0) & SEALED) === 0 ? 0 : 1;
      return message.length === 0 ? null : encodeBase64(message);
    });
  }

  /**
   * Wraps the last message of a SASL login (RFC 4752 section 3.1): no security layer, the size that the server said,
   * and who the user is to be. As in the native module it is never `challenge` itself that is wrapped.
   *
   * @param challenge the server's message, as {@link unwrap} gave it
   * @param options the authorization identity, and whether the message is encrypted; null counts as none
   * @param callback takes the outcome instead of a promise
   * @returns the token in base64
   * @throws NativeError as {@link step}
   */
  wrap(
    challenge: string,
    options?: WrapOptions | null | Callback<string>,
    callback?: Callback<string>,
  ): Promise<string> {
    const { user, protect } = typeof options === "object" && options !== null ? options : {};
    const check = (): void => {
      if (protect === undefined || typeof protect === "boolean") return;
      throw new TypeError("options.protect must be a boolean.");
    };
    const reply = async (): Promise<string> => {
      this.#response = null;
      const size = new Uint8Array(3);
      const offer = decodeLenient(challenge);
      if (offer.length >= 4) size.set(offer.subarray(1, 4));
      const name = encodeText(typeof user === "string" ? user : "").subarray(0, MAX_USER_BYTES);
      const message = concat(Uint8Array.of(NO_LAYER), size, name);
      return encodeBase64(this.#context.wrap(message, { conf: protect ?? false }));
    };
    return this.#operate(challenge, [options, callback], reply, check) as Promise<string>;
  }

  #operate(
    challenge: unknown,
    more: readonly unknown[],
    body: () => Promise<string | null>,
    check?: () => void,
  ): Promise<string | null> {
    const checked = async (): Promise<string | null> => {
      checkParameter("challenge", challenge);
      check?.();
      if (this.#hasFailed) throw this.#failure;
      try {
        this.#response = await body();
        return this.#response;
      } catch (error) {
        this.#failure = nativeError(error);
        this.#hasFailed = true;
        throw this.#failure;
      }
    };
    return settle(checked, challenge, ...more);
  }
}
