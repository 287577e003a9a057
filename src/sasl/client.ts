import { checkOptions, checkRequired } from "../checks/index.ts";
import { createInitiator, type InitiatorOptions } from "../gssapi/index.ts";
import { checkMechanism, clientChecks, type SaslClientOptions, type SaslMechanism } from "./client-options.ts";
import { Exchange, type Mechanism, type SaslStepOptions } from "./exchange.ts";
import { disposed, protocolError } from "./failure.ts";
import { Gs2Client } from "./gs2-client.ts";
import { encodeGs2Header, gs2Bindings, namedBindings } from "./gs2-header.ts";
import { GssapiClient } from "./gssapi-client.ts";
import { wantedLayers } from "./layers.ts";
import type { SecurityLayer } from "./security-layer.ts";
import { MAX_SIZE, UNSAID_SIZE } from "./size-message.ts";

/** The client's side of one exchange (RFC 4422). Its first failure ends it: later calls reject with the same error. */
export interface SaslClient {
  /** The name of the mechanism, for the protocol's command. */
  readonly mechanism: SaslMechanism;
  /** Whether the server has proved who it is, and the layer is agreed: only then may its success be believed. */
  readonly isComplete: boolean;
  /** What protects all octets after the server's success, in both directions; undefined: nothing. */
  readonly layer: SecurityLayer | undefined;
  /**
   * Takes a challenge and gives the response, which may be empty and is sent all the same. Without a challenge, or with
   * the empty one of a server that speaks first, it gives the initial response.
   *
   * @param challenge the octets of the server's challenge
   * @param options a signal that ends the wait
   * @returns the octets of the response
   * @throws what the credential throws; GssError `SASL_PROTOCOL` for a challenge that the mechanism does not have,
   *   `SASL_LAYER` if the server offers none of the layers; what a context throws for a server that proves nothing
   */
  step(challenge?: Uint8Array, options?: SaslStepOptions): Promise<Uint8Array>;
  /**
   * Takes the server's word that the exchange succeeded, with the data that came with it, if any did (RFC 4422 section
   * 3.6), and gives the layer. To be called before anything is believed or sent.
   *
   * @param data the octets that came with the success
   * @param options a signal that ends the wait
   * @returns the layer that protects all that follows; undefined: none was chosen
   * @throws GssError `SASL_PROTOCOL` if the server has not proved who it is, or still has something to ask
   */
  finish(data?: Uint8Array, options?: SaslStepOptions): Promise<SecurityLayer | undefined>;
  /** Forgets the keys, those of the layer among them. */
  dispose(): void;
}

/**
 * Begins a SASL exchange as the client of GSSAPI (RFC 4752), GSS-SPNEGO, GS2-KRB5 or GS2-KRB5-PLUS (RFC 5801). It makes
 * and takes octets; the protocol that carries them is the caller's. Nothing is asked of the credential before the first
 * step.
 *
 * Without TLS the octets after the exchange are encrypted, or there is an error: name `layers: ["none"]` for a protocol
 * that has no security layers, for example IMAP or Kafka.
 *
 * @param options the service, where its ticket comes from, and what shall protect the octets
 * @returns the client, before its first step
 * @throws TypeError and RangeError for options that make no client: the caller's mistakes
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createSaslClient } from "krb5-remctl/sasl";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const sasl = createSaslClient({ service: "ldap", host: "ldap.example.org", credential });
 * await send(await sasl.step());
 * while (!sasl.isComplete) await send(await sasl.step(await receive()));
 * const layer = await sasl.finish();
 * ```
 */
export function createSaslClient(options: SaslClientOptions): SaslClient {
  checkOptions("createSaslClient", options, clientChecks);
  if (options.target === undefined) checkRequired(options, clientChecks, "service", "host");
  const { mechanism = "GSSAPI" } = options;
  return new Client(mechanism, new Exchange(mechanismOf(mechanism, options)));
}

function mechanismOf(mechanism: SaslMechanism, options: SaslClientOptions): Mechanism {
  const {
    service,
    host,
    target,
    credential,
    enctypes,
    legacyTokens,
    now,
    onTrace,
    channelBindings,
    spnego,
    authorizationId = "",
  } = options;
  const layers = wantedLayers(options);
  checkMechanism(mechanism, layers, options);
  const isSealed = layers.includes("confidentiality");
  const initiator: InitiatorOptions = {
    target: target === undefined ? `${service}@${host}` : target,
    credential,
    enctypes,
    legacyTokens,
    now,
    onTrace,
    channelBindings,
    flags: { confidentiality: isSealed },
  };
  if (mechanism === "GSSAPI" || mechanism === "GSS-SPNEGO") {
    const hasLayerOfFlags = mechanism === "GSS-SPNEGO";
    const context =
      hasLayerOfFlags && spnego !== undefined
        ? // The flags are the layer: what is not wanted first is not asked for.
          spnego({
            ...initiator,
            flags: { confidentiality: layers[0] === "confidentiality", integrity: layers[0] !== "none" },
          })
        : createInitiator(initiator);
    const { maxReceiveBytes = hasLayerOfFlags ? MAX_SIZE : UNSAID_SIZE } = options;
    return new GssapiClient({ context, layers, maxReceiveBytes, authorizationId, hasLayerOfFlags });
  }
  const bindings = channelBindings && namedBindings(channelBindings);
  const isBound = mechanism === "GS2-KRB5-PLUS";
  // RFC 5801 section 5: with bindings at hand, a client that does not use them says that the server did not offer it.
  const flag = bindings === undefined ? "n" : isBound ? bindings : "y";
  const header = encodeGs2Header({ flag, authorizationId });
  const context = createInitiator({
    ...initiator,
    channelBindings: gs2Bindings(header, isBound ? bindings : undefined),
    flags: { confidentiality: false },
  });
  return new Gs2Client(context, header);
}

class Client implements SaslClient {
  readonly mechanism: SaslMechanism;
  readonly #exchange: Exchange;

  constructor(mechanism: SaslMechanism, exchange: Exchange) {
    this.mechanism = mechanism;
    this.#exchange = exchange;
  }

  get isComplete(): boolean {
    return this.#exchange.isComplete;
  }

  get layer(): SecurityLayer | undefined {
    return this.#exchange.layer;
  }

  async step(challenge?: Uint8Array, options?: SaslStepOptions): Promise<Uint8Array> {
    return (await this.#exchange.run(challenge, options)) ?? new Uint8Array(0);
  }

  async finish(data?: Uint8Array, options?: SaslStepOptions): Promise<SecurityLayer | undefined> {
    const exchange = this.#exchange;
    // Rule SS3 in SECURITY.md.
    const output = data?.length ? await exchange.run(data, options) : undefined;
    if (exchange.isComplete && !output?.length) return exchange.layer;
    throw exchange.die(
      protocolError("the server reports success before the exchange is complete: it has not proved who it is"),
    );
  }

  dispose(): void {
    this.#exchange.die(disposed());
  }
}
