import type { Principal, ServiceTicket } from "../krb5/index.ts";
import type { VerifiedPac } from "../pac/index.ts";

/** One message to wrap: with or without confidentiality. */
export interface WrapOptions {
  /** Seal (encrypt) the message. Default true if the context has the confidentiality flag. */
  readonly conf?: boolean;
}

/** How strict {@link SecurityContext.unwrap} is. */
export interface UnwrapOptions {
  /** Refuse a message that is not sealed. Default false. */
  readonly requireConf?: boolean;
  /**
   * A last message for the peer, if the token is refused: sealed before the context ends, as `token` of the GssError.
   * Of use where the protocol above has a word for it.
   */
  readonly farewell?: Uint8Array;
}

/** The protections a context has. */
export interface ContextFlags {
  /** The acceptor has proved who it is. */
  readonly mutual: boolean;
  /** A message that comes twice is refused. */
  readonly replay: boolean;
  /** Messages that come in another order than they were sent are refused. */
  readonly sequence: boolean;
  /** Messages can be encrypted. */
  readonly confidentiality: boolean;
  /** Messages can be protected against change. */
  readonly integrity: boolean;
  /** The initiator gave the acceptor a ticket to act with. */
  readonly delegation: boolean;
  /**
   * The acceptor has compared the channel bindings of both ends, and they are the same. Known to the acceptor alone:
   * false in an initiator, which is not told.
   */
  readonly channelBound: boolean;
}

/**
 * A GSS-API security context of the krb5 mechanism (RFC 4121), of either side, with what a protocol needs that seals
 * all messages. Any failure ends the context: every later call throws the same error again, and after `dispose()`
 * GssError `GSS_NO_CONTEXT`. Messages are numbered, so they must be sent in the order in which they were wrapped.
 */
export interface SealingContext {
  /**
   * Takes the peer's token (none in an initiator's first step) and gives the token to send; undefined where
   * nothing is to be sent.
   */
  step(token?: Uint8Array, options?: { readonly signal?: AbortSignal | undefined }): Promise<Uint8Array | undefined>;
  /** Whether both sides have what they need to protect messages. */
  readonly isEstablished: boolean;
  /** The protections that the context has: none before it is established, none when it is dead. */
  readonly flags: ContextFlags;
  /** The other side's principal; before establishment, the one that is meant (undefined in an acceptor). */
  readonly peer: Principal | undefined;
  /** Our own principal, when it is known. */
  readonly self: Principal | undefined;
  /** When the ticket ends, by the local clock; undefined before it is known. */
  readonly expires: Date | undefined;
  /** The enctype of the key that protects messages; undefined before establishment. */
  readonly etype: number | undefined;
  /** Whether messages are under a key that the acceptor chose (RFC 4121 section 2). */
  readonly hasAcceptorSubkey: boolean;
  /**
   * Wrap into a larger buffer: the token of the parts, joined, is written at `offset` of `out`, which must have room
   * for {@link wrapOverhead} more octets than the parts. Returns the token's length. Sealed. The parts may not lie
   * within the token's octets. Throws RangeError, without ending the context, if the room does not suffice.
   */
  wrapInto(out: Uint8Array, offset: number, ...parts: readonly Uint8Array[]): number;
  /** Octets that a sealed token is longer than its message, at most; {@link wrapInto} gives the length of each. */
  readonly wrapOverhead: number;
  /**
   * The message of a token: a view, of the token itself if that was not sealed. Throws GssError: `GSS_DEFECTIVE_TOKEN`,
   * `GSS_BAD_MIC`, or what the order of messages says (`GSS_DUPLICATE_TOKEN`, `GSS_GAP_TOKEN`, ...).
   */
  unwrap(token: Uint8Array, options?: UnwrapOptions): Uint8Array;
  /** Forgets the keys; every later call throws. */
  dispose(): void;
}

/** A {@link SealingContext} that also signs: messages that anyone may read, and MICs without a message. */
export interface SecurityContext extends SealingContext {
  /** The mechanism whose context this is, by its object identifier: `"1.2.840.113554.1.2.2"` is krb5 (RFC 1964). */
  readonly mechanism: string;
  /** What the initiator delegated, in an acceptor that takes it: a ticket-granting ticket to act with as `peer`. */
  readonly delegated?: readonly ServiceTicket[] | undefined;
  /**
   * In an acceptor, the ticket that the initiator showed: evidence with which its service may act for `peer` (`actFor`
   * of a client). It is good for nothing else: its session key is gone.
   */
  readonly ticket?: ServiceTicket | undefined;
  /**
   * The PAC of that ticket, in an acceptor with the option `authorizationData`; undefined without one. It is
   * verified when it is first asked for: CryptoError `INTEGRITY` and ProtocolError `REPLY_MODIFIED` say that it is not
   * the KDC's, or not this client's.
   */
  readonly pac?: VerifiedPac | undefined;
  /** The SIDs in that PAC, of the client and of its groups. Throws what `pac` throws. */
  readonly sids?: readonly string[] | undefined;
  /** How the client logged in, in words of the KDC (RFC 8129), in such an acceptor. Throws CryptoError `INTEGRITY`. */
  readonly indicators?: readonly string[] | undefined;
  /**
   * RFC 4121 section 4.2.6.2: the token for `octets`. The result is the caller's. Throws TypeError, without ending the
   * context, if it shall be sealed and the context was made without the confidentiality flag. Messages that are signed
   * alone need no flag: every context has a key for them.
   */
  wrap(octets: Uint8Array, options?: WrapOptions): Uint8Array;
  /** RFC 4121 section 4.2.6.1: a token that signs `octets` and does not hold them. */
  getMic(octets: Uint8Array): Uint8Array;
  /** Throws what {@link unwrap} throws unless `mic` is the peer's token for `octets`. */
  verifyMic(octets: Uint8Array, mic: Uint8Array): void;
  /** The longest message whose token has at most `maxTokenBytes` octets. */
  wrapSizeLimit(maxTokenBytes: number, options?: WrapOptions): number;
}
