import { type Checks, checkFunction, checkOptions } from "../checks/index.ts";
import {
  type AcceptorOptions,
  acceptorChecks,
  createAcceptor,
  type LoadProvider,
  type SecurityContext,
} from "../gssapi/index.ts";
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
 * Begins a SASL exchange as the server: what `krb5-remctl/sasl` exports, with what loads the host's cryptography.
 * Default: plain JavaScript.
 */
export function createSaslServer(options: SaslServerOptions, load?: LoadProvider): SaslServer {
  checkOptions("createSaslServer", options, serverChecks);
  const { mechanism = "GSSAPI" } = options;
  return new Server(mechanism, options, load);
}

class Server implements SaslServer {
  readonly mechanism: SaslMechanism;
  readonly #exchange: Exchange;
  #context: SecurityContext | undefined;

  constructor(name: SaslMechanism, options: SaslServerOptions, load: LoadProvider | undefined) {
    this.mechanism = name;
    this.#exchange = new Exchange(this.#mechanismOf(name, options, load));
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

  #mechanismOf(name: SaslMechanism, options: SaslServerOptions, load: LoadProvider | undefined): Mechanism {
    const { mechanism, layers: _, tls, spnego, maxReceiveBytes, authorize: asked, ...acceptor } = options;
    const layers = wantedLayers(options);
    checkMechanism(name, layers, options);
    const authorize = (client: Principal, authorizationId: string | undefined) =>
      requireAuthorized(asked, client, authorizationId);
    // Whatever the mechanism, a mistake in the options shows now.
    const context = (name === "GSS-SPNEGO" ? spnego : undefined)?.(acceptor) ?? createAcceptor(acceptor, load);
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
      accept: (channelBindings) => createAcceptor({ ...acceptor, channelBindings, requireChannelBindings: true }, load),
      bindings: channelBindings && namedBindings(channelBindings),
      authorize,
      onContext: (made) => {
        this.#context = made;
      },
    });
  }
}
