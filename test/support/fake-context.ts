import { concat } from "../../src/bytes/index.ts";
import { GssError } from "../../src/errors.ts";
import type { ContextFlags, SecurityContext, UnwrapOptions, WrapOptions } from "../../src/gssapi/context.ts";

const all: ContextFlags = {
  mutual: true,
  replay: true,
  sequence: true,
  confidentiality: true,
  integrity: true,
  delegation: false,
  channelBound: false,
};

const headerBytes = 8;

function sumOf(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => (sum + octet) & 0xff, 0);
}

/**
 * A security context with no cryptography, behind the same interface: a token is a header (0x05 0x04, flags, 0xff, a sequence
 * number of four octets) and the message as it is. It refuses what the real one refuses: another direction, a number that is
 * not the next, an unsealed message where sealing is required.
 */
export class FakeContext implements SecurityContext {
  readonly mechanism = "1.2.3";
  isEstablished = false;
  readonly peer = undefined;
  readonly self = undefined;
  readonly expires = undefined;
  readonly etype = undefined;
  readonly hasAcceptorSubkey = false;
  readonly wrapOverhead = headerBytes;
  /** Set by `dispose`. */
  isDisposed = false;
  flags: ContextFlags;
  readonly #isAcceptor: boolean;
  readonly #legs: number;
  #steps = 0;
  #sent = 0;
  #received = 0;

  /** `legs` is how many tokens the initiator sends: 1 as krb5 does. */
  constructor(
    isAcceptor: boolean,
    options: { readonly flags?: Partial<ContextFlags> | undefined; readonly legs?: number | undefined } = {},
  ) {
    this.#isAcceptor = isAcceptor;
    this.#legs = options.legs ?? 1;
    this.flags = { ...all, ...options.flags };
  }

  async step(token?: Uint8Array): Promise<Uint8Array | undefined> {
    this.#alive();
    const leg = ++this.#steps;
    if (token === undefined) return new TextEncoder().encode("REQ 1");
    const want = this.#isAcceptor ? `REQ ${leg}` : `REP ${leg - 1}`;
    const text = new TextDecoder().decode(token);
    if (text !== want) {
      this.dispose();
      throw new GssError("GSS_DEFECTIVE_TOKEN", "GSS_S_DEFECTIVE_TOKEN", `not ${want}`);
    }
    if (this.#isAcceptor) {
      this.isEstablished = leg === this.#legs;
      return new TextEncoder().encode(`REP ${leg}`);
    }
    this.isEstablished = leg - 1 === this.#legs;
    // MIT's initiator gives an empty token at the end: the session must not send it.
    return this.isEstablished ? new Uint8Array(0) : new TextEncoder().encode(`REQ ${leg}`);
  }

  wrap(octets: Uint8Array, options: WrapOptions = {}): Uint8Array {
    this.#alive();
    const header = Uint8Array.of(5, 4, (this.#isAcceptor ? 1 : 0) | (options.conf === false ? 0 : 2), 0xff, 0, 0, 0, 0);
    new DataView(header.buffer).setUint32(4, this.#sent++);
    return concat(header, octets);
  }

  wrapInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number {
    const token = this.wrap(concat(...parts));
    out.set(token, offset);
    return token.length;
  }

  unwrap(token: Uint8Array, options: UnwrapOptions = {}): Uint8Array {
    this.#alive();
    const refuse = (code: "GSS_DEFECTIVE_TOKEN" | "GSS_DUPLICATE_TOKEN" | "GSS_GAP_TOKEN" | "GSS_BAD_MIC"): never => {
      this.dispose();
      throw new GssError(code, code.replace("GSS_", "GSS_S_"), `fake context: ${code}`);
    };
    if (token.length < headerBytes || token[0] !== 5 || token[1] !== 4) return refuse("GSS_DEFECTIVE_TOKEN");
    const flags = token[2] as number;
    if (((flags & 1) === 1) === this.#isAcceptor) return refuse("GSS_BAD_MIC");
    if (options.requireConf === true && (flags & 2) === 0) return refuse("GSS_DEFECTIVE_TOKEN");
    const number = new DataView(token.buffer, token.byteOffset).getUint32(4);
    if (number < this.#received) return refuse("GSS_DUPLICATE_TOKEN");
    if (number > this.#received) return refuse("GSS_GAP_TOKEN");
    this.#received++;
    return token.subarray(headerBytes);
  }

  /** A number of the sequence, and the octets' sum. */
  getMic(octets: Uint8Array): Uint8Array {
    this.#alive();
    const mic = Uint8Array.of(4, 4, this.#isAcceptor ? 1 : 0, 0xff, 0, 0, 0, 0, sumOf(octets));
    new DataView(mic.buffer).setUint32(4, this.#sent++);
    return mic;
  }

  verifyMic(octets: Uint8Array, mic: Uint8Array): void {
    this.#alive();
    const isRight =
      mic.length === 9 &&
      mic[0] === 4 &&
      mic[2] === (this.#isAcceptor ? 0 : 1) &&
      new DataView(mic.buffer, mic.byteOffset).getUint32(4) === this.#received &&
      mic[8] === sumOf(octets);
    this.#received++;
    if (isRight) return;
    this.dispose();
    throw new GssError("GSS_BAD_MIC", "GSS_S_BAD_MIC", "fake context: GSS_BAD_MIC");
  }

  wrapSizeLimit(maxTokenBytes: number): number {
    return maxTokenBytes - headerBytes;
  }

  dispose(): void {
    this.isDisposed = true;
  }

  #alive(): void {
    if (this.isDisposed) throw new GssError("GSS_NO_CONTEXT", "GSS_S_NO_CONTEXT", "the context is gone");
  }
}
