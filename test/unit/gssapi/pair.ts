import { type CryptoProvider, createEncTypeSet, type EncTypeSet, strongEncTypes } from "../../../src/crypto/index.ts";
import { createNodeCryptoProvider, type NodeCrypto } from "../../../src/crypto/providers/node.ts";
import { GssError } from "../../../src/errors.ts";
import type { ContextFlags, SecurityContext } from "../../../src/gssapi/context.ts";
import { Krb5Context } from "../../../src/gssapi/krb5-context.ts";
import { MessageProtection } from "../../../src/gssapi/message-protection.ts";
import type { Handshake } from "../../../src/gssapi/sealed-context.ts";

export const ETYPES = [17, 18, 19, 20] as const;

export const ALL_FLAGS: ContextFlags = {
  mutual: true,
  replay: true,
  sequence: true,
  confidentiality: true,
  integrity: true,
  delegation: false,
  channelBound: false,
};

/** `node:crypto`: what these tests run on is not what they test. */
export const provider: CryptoProvider = createNodeCryptoProvider(
  process.getBuiltinModule("node:crypto") as unknown as NodeCrypto,
);

export const encTypes: EncTypeSet = createEncTypeSet(strongEncTypes, provider);

export interface PairOptions {
  readonly etype?: number;
  readonly flags?: Partial<ContextFlags>;
  readonly hasAcceptorSubkey?: boolean;
  readonly initiatorSequence?: number | bigint;
  readonly acceptorSequence?: number | bigint;
  readonly provider?: CryptoProvider;
}

function parameters(isInitiator: boolean, options: PairOptions): ConstructorParameters<typeof MessageProtection>[0] {
  const set = options.provider === undefined ? encTypes : createEncTypeSet(strongEncTypes, options.provider);
  const etype = options.etype ?? 18;
  const octets = Uint8Array.from({ length: set.get(etype).keyBytes }, (_, i) => 31 * i + etype);
  const [ours, theirs] = [options.initiatorSequence ?? 1000, options.acceptorSequence ?? 0xfffffff0];
  return {
    isInitiator,
    key: set.importKey(etype, octets),
    hasAcceptorSubkey: options.hasAcceptorSubkey ?? true,
    flags: { ...ALL_FLAGS, ...options.flags },
    sendSequence: isInitiator ? ours : theirs,
    receiveSequence: isInitiator ? theirs : ours,
  };
}

/** Both ends of the messages of one context. */
export function protectionPair(options: PairOptions = {}): {
  initiator: MessageProtection;
  acceptor: MessageProtection;
} {
  return {
    initiator: new MessageProtection(parameters(true, options)),
    acceptor: new MessageProtection(parameters(false, options)),
  };
}

/** Both ends of an established context, with no AP exchange. */
export async function contextPair(
  options: PairOptions = {},
): Promise<{ initiator: SecurityContext; acceptor: SecurityContext }> {
  const end = async (isInitiator: boolean): Promise<SecurityContext> => {
    const handshake: Handshake = {
      peer: undefined,
      self: undefined,
      expires: undefined,
      step: async () => ({ token: undefined, established: parameters(isInitiator, options) }),
      wipe: () => {},
    };
    const context = new Krb5Context(handshake);
    await context.step();
    return context;
  };
  return { initiator: await end(true), acceptor: await end(false) };
}

/** Seals one message. */
export function seal(from: MessageProtection, message: Uint8Array): Uint8Array {
  const out = new Uint8Array(message.length + from.sealedOverhead);
  from.sealInto(out, 0, [message]);
  return out;
}

/** The code of the GssError that `run` throws; anything else that it throws is a fault. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GssError) return error.code;
    throw error;
  }
  return "accepted";
}

/** A copy with one octet XORed. */
export function flip(octets: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = octets.slice();
  copy[at] = (copy[at] as number) ^ mask;
  return copy;
}

/** 0, 1, 2, ... */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}
