import type { SecurityContext } from "../gssapi/index.ts";
import type { Mechanism, Turn } from "./exchange.ts";
import { layerError, protocolError } from "./failure.ts";
import { type Layer, layersIn, maskOf, named } from "./layers.ts";
import { createLayer, layerOfFlags, type SecurityLayer } from "./security-layer.ts";
import { decodeOffer, encodeSizeMessage, UNSAID_SIZE } from "./size-message.ts";

const NOTHING = new Uint8Array(0);

/** What a client's side of GSSAPI and GSS-SPNEGO is made of. */
export interface GssapiClientParts {
  readonly context: SecurityContext;
  /** Best first. */
  readonly layers: readonly Layer[];
  readonly maxReceiveBytes: number;
  readonly authorizationId: string;
  /** The layer is that of the context's flags, unless the server offers some: two dialects of GSS-SPNEGO. */
  readonly hasLayerOfFlags: boolean;
}

/** The client of RFC 4752 section 3.1. GSS-SPNEGO is the same over another context, or ends with the context. */
export class GssapiClient implements Mechanism {
  readonly #parts: GssapiClientParts;
  #hasAnswered = false;

  constructor(parts: GssapiClientParts) {
    this.#parts = parts;
  }

  async turn(input: Uint8Array | undefined, signal: AbortSignal | undefined): Promise<Turn> {
    const { context, hasLayerOfFlags } = this.#parts;
    if (!context.isEstablished) {
      // RFC 4752 section 3.1: an empty response is sent in place of a token that is missing.
      const output = (await context.step(input, { signal })) ?? NOTHING;
      if (!context.isEstablished || !hasLayerOfFlags) return { output };
      return { output, end: { layer: this.#layerOfFlags() } };
    }
    if (this.#hasAnswered) throw protocolError("the server sent a challenge after the end of the exchange");
    this.#hasAnswered = true;
    return this.#answer(input ?? NOTHING);
  }

  dispose(): void {
    this.#parts.context.dispose();
  }

  /** Rules SS1 and SS2 in SECURITY.md: one layer of those that both ends take, and never a weaker one. */
  #answer(challenge: Uint8Array): Turn {
    const { context, layers, maxReceiveBytes, authorizationId } = this.#parts;
    const { mask, maxTokenBytes } = decodeOffer(context.unwrap(challenge));
    const offered = layersIn(mask);
    const chosen = layers.find((one) => offered.includes(one));
    if (chosen === undefined) {
      throw layerError(
        `the server offers ${named(offered)} and ${named(layers)} is wanted: name an offered one in layers`,
      );
    }
    const layer = createLayer(context, chosen, { maxSendBytes: maxTokenBytes, maxReceiveBytes });
    const reply = encodeSizeMessage({
      mask: maskOf([chosen]),
      // RFC 4752 section 3.1: 0 without a layer.
      maxTokenBytes: layer === undefined ? 0 : maxReceiveBytes,
      authorizationId,
    });
    return { output: context.wrap(reply, { conf: false }), end: { layer } };
  }

  /** The dialect of Cyrus SASL and Active Directory: what the flags are is the layer, and no sizes are exchanged. */
  #layerOfFlags(): SecurityLayer | undefined {
    const { context, layers, maxReceiveBytes } = this.#parts;
    const layer = layerOfFlags(context);
    if (layers.includes(layer)) return createLayer(context, layer, { maxSendBytes: UNSAID_SIZE, maxReceiveBytes });
    throw layerError(`the context gives ${layer} and ${named(layers)} is wanted`);
  }
}
