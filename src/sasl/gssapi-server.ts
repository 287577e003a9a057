import type { SecurityContext } from "../gssapi/index.ts";
import type { Principal } from "../krb5/index.ts";
import type { Mechanism, Turn } from "./exchange.ts";
import { layerError, protocolError } from "./failure.ts";
import { type Layer, layersIn, maskOf, named } from "./layers.ts";
import { createLayer, layerOfFlags } from "./security-layer.ts";
import { decodeSizeMessage, encodeSizeMessage, UNSAID_SIZE } from "./size-message.ts";

const NOTHING = new Uint8Array(0);

/** Decides whether a client may act as it asks; it throws if not. */
export type RequireAuthorized = (client: Principal, authorizationId: string | undefined) => Promise<void>;

/** What a server's side of GSSAPI and GSS-SPNEGO is made of. */
export interface GssapiServerParts {
  readonly context: SecurityContext;
  readonly layers: readonly Layer[];
  readonly maxReceiveBytes: number;
  readonly authorize: RequireAuthorized;
  /** The layer is that of the context's flags, without a negotiation. */
  readonly hasLayerOfFlags: boolean;
}

/** The server of RFC 4752 section 3.2. GSS-SPNEGO ends with its context, as Active Directory's clients expect. */
export class GssapiServer implements Mechanism {
  readonly #parts: GssapiServerParts;
  #state: "new" | "establishing" | "established" | "offered" | "complete" = "new";

  constructor(parts: GssapiServerParts) {
    this.#parts = parts;
  }

  async turn(input: Uint8Array = NOTHING, signal: AbortSignal | undefined): Promise<Turn> {
    const state = this.#state;
    if (state === "new" && input.length === 0) {
      // The client has no initial response (RFC 4422 section 5): an empty challenge asks for it.
      this.#state = "establishing";
      return { output: NOTHING };
    }
    if (state === "new" || state === "establishing") return this.#accept(input, signal);
    if (state === "established") {
      // RFC 4752 section 3.1: the client has no token to send, and says so.
      if (input.length > 0) throw protocolError("the client sent a token after the context was established");
      return this.#offer();
    }
    if (state === "offered") return this.#agree(input);
    throw protocolError("the client sent a response after the end of the exchange");
  }

  dispose(): void {
    this.#parts.context.dispose();
  }

  async #accept(token: Uint8Array, signal: AbortSignal | undefined): Promise<Turn> {
    const { context, hasLayerOfFlags } = this.#parts;
    const output = await context.step(token, { signal });
    this.#state = "establishing";
    if (!context.isEstablished) return { output: output ?? NOTHING };
    if (hasLayerOfFlags) return this.#endByFlags(output);
    this.#state = "established";
    return output === undefined ? this.#offer() : { output };
  }

  /** The layers that the client's context has the flags for, and that are acceptable here. */
  #offered(): Layer[] {
    const { context, layers } = this.#parts;
    const { confidentiality, integrity } = context.flags;
    return layers.filter((one) => one === "none" || (one === "integrity" ? integrity : confidentiality));
  }

  #offer(): Turn {
    const { context, layers, maxReceiveBytes } = this.#parts;
    const offered = this.#offered();
    if (offered.length === 0) throw layerError(`the client's context has no flag for ${named(layers)}`);
    this.#state = "offered";
    // RFC 4752 section 3.2: 0 without a layer.
    const maxTokenBytes = offered.some((one) => one !== "none") ? maxReceiveBytes : 0;
    const offer = encodeSizeMessage({ mask: maskOf(offered), maxTokenBytes, authorizationId: "" });
    return { output: context.wrap(offer, { conf: false }) };
  }

  /** Rule SS2 in SECURITY.md. */
  async #agree(response: Uint8Array): Promise<Turn> {
    const { context, maxReceiveBytes, authorize } = this.#parts;
    const { mask, maxTokenBytes, authorizationId } = decodeSizeMessage(context.unwrap(response));
    const [chosen = "none"] = layersIn(mask);
    if (mask !== maskOf([chosen]) || !this.#offered().includes(chosen)) {
      throw layerError(`the client chose ${named(layersIn(mask))} where ${named(this.#offered())} was offered`);
    }
    // Some clients say a size without a layer too (the JDK's): it is of no use, and harmless.
    const layer = createLayer(context, chosen, { maxSendBytes: maxTokenBytes, maxReceiveBytes });
    const asWhom = authorizationId === "" ? undefined : authorizationId;
    await authorize(context.peer as Principal, asWhom);
    this.#state = "complete";
    return { output: undefined, end: { layer, authorizationId: asWhom } };
  }

  async #endByFlags(output: Uint8Array | undefined): Promise<Turn> {
    const { context, layers, maxReceiveBytes, authorize } = this.#parts;
    const chosen = layerOfFlags(context);
    if (!layers.includes(chosen))
      throw layerError(`the client's context gives ${chosen} and ${named(layers)} is wanted`);
    const layer = createLayer(context, chosen, { maxSendBytes: UNSAID_SIZE, maxReceiveBytes });
    await authorize(context.peer as Principal, undefined);
    this.#state = "complete";
    return { output, end: { layer } };
  }
}
