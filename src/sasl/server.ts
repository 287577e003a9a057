import { type Checks, checkFunction, checkOptions } from "../checks/index.ts";
import { type AcceptorOptions, acceptorChecks, createAcceptor, type SecurityContext } from "../gssapi/index.ts";
import type { Principal } from "../krb5/index.ts";
import { type Authorize, requireAuthorized } from "./authorization.ts";
import { checkMechanism, commonChecks, type SaslMechanism } from "./client-options.ts";
import { Exchange, type Mechanism, type SaslStepOptions } from "./exchange.ts";
import { disposed } from "./failure.ts";
import { namedBindings } from "./gs2-header.ts";
import { Gs2Server } from "./gs2-server.ts";
import { GssapiServer } from "./gssapi-server.ts";
import { type LayerOptions, wantedLayers } from "./layers.ts";
import type { SecurityLayer } from "./security-layer.ts";
import { MAX_SIZE, UNSAID_SIZE } from "./size-message.ts";

/** Options for {@link createSaslServer}. */
export interface SaslServerOptions extends LayerOptions, Omit<AcceptorOptions, "channelBindings"> {
  /** Default `"GSSAPI"`. */
  readonly mechanism?: SaslMechanism | undefined;
  /**
   * Decides whether a client may act as it asks. Default: as itself alone, by the text of its principal, and not if it
   * is anonymous.
   */
  readonly authorize?: Authorize | undefined;
  /**
   * The longest token of a security layer that is taken, from 1,024 to 16,777,215 octets. Default 65,536; with
   * GSS-SPNEGO, where no client hears of it, the most.
   */
  readonly maxReceiveBytes?: number | undefined;
  /** `createSpnegoAcceptor` of `krb5-remctl/spnego`, which GSS-SPNEGO needs. */
  readonly spnego?: ((options: AcceptorOptions) => SecurityContext) | undefined;
}

/** The server's side of one exchange (RFC 4422). Its first failure ends it: later calls reject with the same error. */
export interface SaslServer {
  /** The name of the mechanism. */
  readonly mechanism: SaslMechanism;
  /** Whether the client is who it says, and may act as it asks: only then is success to be reported. */
  readonly isComplete: boolean;
  /** What protects all octets after the success is reported, in both directions; undefined: nothing. */
  readonly layer: SecurityLayer | undefined;
  /** The client's principal; undefined before the exchange is complete. */
  readonly client: Principal | undefined;
  /** Whom the client acts as, if it asked for that and may; undefined: as itself. */
  readonly authorizationId: string | undefined;
  /** The context, for what it holds: its flags, what the client delegated. Messages go through `layer`. */
  readonly context: SecurityContext | undefined;
  /**
   * Takes a response of the client: none, or an empty one, if it sent no initial response.
   *
   * @param response the octets of the client's response
   * @param options a signal that ends the wait
   * @returns while {@link SaslServer.isComplete} is false, the next challenge, which may be empty and is sent all the
   *   same; once it is true, what to send with the success, undefined if there is nothing
   * @throws what a context's step throws; GssError `SASL_PROTOCOL`, `SASL_LAYER`, `SASL_NOT_AUTHORIZED`. The client is
   *   to hear that the exchange failed, and not why
   */
  step(response?: Uint8Array, options?: SaslStepOptions): Promise<Uint8Array | undefined>;
  /** Forgets the keys, those of the layer among them. */
  dispose(): void;
}

const serverChecks: Checks<SaslServerOptions> = { ...acceptorChecks, ...commonChecks, authorize: checkFunction };

/**
 * Begins a SASL exchange as the server of GSSAPI (RFC 4752), GSS-SPNEGO, GS2-KRB5 or GS2-KRB5-PLUS (RFC 5801). It makes
 * and takes octets; the protocol that carries them is the caller's. One server serves one exchange.
 *
 * Without TLS the octets after the exchange are encrypted, or there is an error: name `layers` for anything else.
 *
 * @param options the service's keys, what shall protect the octets, and who may act as whom
 * @returns the server, before its first step
 * @throws CredentialError `KEYTAB` for octets that are not a keytab, TypeError and RangeError for other options that
 *   make no server: the caller's mistakes
 * @example
 * ```ts
 * import { createSaslServer } from "krb5-remctl/sasl";
 *
 * const sasl = createSaslServer({ keytab: octets, layers: ["confidentiality", "integrity"] });
 * let challenge = await sasl.step(await receive());
 * while (!sasl.isComplete) {
 *   await send(challenge ?? new Uint8Array(0));
 *   challenge = await sasl.step(await receive());
 * }
 * ```
 */
export function createSaslServer(options: SaslServerOptions): SaslServer {
  checkOptions("createSaslServer", options, serverChecks);
  const { mechanism = "GSSAPI" } = options;
  return new Server(mechanism, options);
}

class Server implements SaslServer {
  readonly mechanism: SaslMechanism;
  readonly #exchange: Exchange;
  #context: SecurityContext | undefined;

  constructor(name: SaslMechanism, options: SaslServerOptions) {
    this.mechanism = name;
    this.#exchange = new Exchange(this.#mechanismOf(name, options));
  }

  get isComplete(): boolean {
    return this.#exchange.isComplete;
  }

  get layer(): SecurityLayer | undefined {
    return this.#exchange.layer;
  }

  get client(): Principal | undefined {
    return this.isComplete ? this.#context?.peer : undefined;
  }

  get authorizationId(): string | undefined {
    return this.#exchange.authorizationId;
  }

  get context(): SecurityContext | undefined {
    return this.isComplete ? this.#context : undefined;
  }

  async step(response?: Uint8Array, options?: SaslStepOptions): Promise<Uint8Array | undefined> {
    return await this.#exchange.run(response, options);
  }

  dispose(): void {
    this.#exchange.die(disposed());
  }

  #mechanismOf(name: SaslMechanism, options: SaslServerOptions): Mechanism {
    const { mechanism, layers: _, tls, spnego, maxReceiveBytes, authorize: asked, ...acceptor } = options;
    const layers = wantedLayers(options);
    checkMechanism(name, layers, options);
    const authorize = (client: Principal, authorizationId: string | undefined) =>
      requireAuthorized(asked, client, authorizationId);
    // Whatever the mechanism, a mistake in the options shows now.
    const context = (name === "GSS-SPNEGO" ? spnego : undefined)?.(acceptor) ?? createAcceptor(acceptor);
    if (name === "GSSAPI" || name === "GSS-SPNEGO") {
      this.#context = context;
      const hasLayerOfFlags = name === "GSS-SPNEGO";
      const most = maxReceiveBytes ?? (hasLayerOfFlags ? MAX_SIZE : UNSAID_SIZE);
      return new GssapiServer({ context, layers, maxReceiveBytes: most, authorize, hasLayerOfFlags });
    }
    const { channelBindings } = acceptor;
    return new Gs2Server({
      isPlus: name === "GS2-KRB5-PLUS",
      // RFC 5801 section 5.1: they are always there.
      accept: (channelBindings) => createAcceptor({ ...acceptor, channelBindings, requireChannelBindings: true }),
      bindings: channelBindings && namedBindings(channelBindings),
      authorize,
      onContext: (made) => {
        this.#context = made;
      },
    });
  }
}
