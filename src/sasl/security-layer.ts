import { setUint32 } from "../bytes/index.ts";
import { checkOctets } from "../checks/index.ts";
import type { SecurityContext } from "../gssapi/index.ts";
import { type Deframer, FrameReader } from "./deframer.ts";
import { layerError } from "./failure.ts";
import type { Layer } from "./layers.ts";

/** The length before each token. */
const LENGTH_BYTES = 4;

/** What protects the octets of both directions after the exchange (RFC 4422 section 3.7, RFC 4752 section 3.3). */
export interface SecurityLayer {
  /** Whether messages are signed, or encrypted and signed. */
  readonly kind: Exclude<Layer, "none">;
  /** The most octets that one frame carries: the peer takes no longer ones. */
  readonly maxMessageBytes: number;
  /**
   * Protects octets of any length as one or more frames, each a length of four octets and a token. Frames must be sent
   * in the order in which they were made.
   */
  frame(octets: Uint8Array): Uint8Array;
  /** Makes the reader of the peer's frames, once: there is one stream. A second call throws TypeError. */
  createDeframer(): Deframer;
}

/** The sizes of a layer: of tokens. */
export interface LayerSizes {
  /** The longest that the peer takes. */
  readonly maxSendBytes: number;
  /** The longest that we take. */
  readonly maxReceiveBytes: number;
}

/**
 * The layer over a context. Throws GssError `SASL_LAYER` if the peer takes no token that holds an octet (RFC 4752
 * section 3.3).
 */
export function createLayer(context: SecurityContext, kind: Layer, sizes: LayerSizes): SecurityLayer | undefined {
  return kind === "none" ? undefined : new ContextLayer(context, kind, sizes);
}

class ContextLayer implements SecurityLayer {
  readonly kind: SecurityLayer["kind"];
  readonly maxMessageBytes: number;
  readonly #context: SecurityContext;
  readonly #sizes: LayerSizes;
  #hasDeframer = false;

  constructor(context: SecurityContext, kind: SecurityLayer["kind"], sizes: LayerSizes) {
    this.kind = kind;
    this.maxMessageBytes = context.wrapSizeLimit(sizes.maxSendBytes, { conf: kind === "confidentiality" });
    this.#context = context;
    this.#sizes = sizes;
    if (this.maxMessageBytes > 0) return;
    throw layerError(
      `the peer takes tokens of at most ${sizes.maxSendBytes} octets, in which a message has no room: it must take longer ones`,
    );
  }

  frame(octets: Uint8Array): Uint8Array {
    checkOctets("octets", octets);
    const most = this.maxMessageBytes;
    const perFrame = LENGTH_BYTES + this.#sizes.maxSendBytes - most;
    const out = new Uint8Array(octets.length + Math.ceil(octets.length / most) * perFrame);
    let at = 0;
    for (let start = 0; start < octets.length; start += most) {
      const message = octets.length <= most ? octets : octets.subarray(start, start + most);
      const length = this.#wrap(message, out, at + LENGTH_BYTES);
      setUint32(out, at, length);
      at += LENGTH_BYTES + length;
    }
    return out;
  }

  createDeframer(): Deframer {
    if (this.#hasDeframer) throw new TypeError("the layer has a deframer already: give it all octets of the peer");
    this.#hasDeframer = true;
    const requireConf = this.kind === "confidentiality";
    return new FrameReader(this.#context, requireConf, this.#sizes.maxReceiveBytes);
  }

  #wrap(message: Uint8Array, out: Uint8Array, at: number): number {
    if (this.kind === "confidentiality") return this.#context.wrapInto(out, at, message);
    const token = this.#context.wrap(message, { conf: false });
    out.set(token, at);
    return token.length;
  }
}

/** The layer that the flags of a context stand for. */
export function layerOfFlags({ flags }: SecurityContext): Layer {
  return flags.confidentiality ? "confidentiality" : flags.integrity ? "integrity" : "none";
}
