import { getUint32 } from "../bytes/index.ts";
import type { CryptoProvider, ProtocolKey, UsageKey } from "../crypto/index.ts";
import { GssError, hasName } from "../errors.ts";
import { KEY_USAGE, TOKEN_ID } from "../iana/index.ts";
import type { ContextFlags } from "./context.ts";
import { badMic, defectiveToken } from "./failure.ts";
import {
  checkHeader,
  createHeader,
  type ExpectedHeader,
  getUint16,
  HEADER_BYTES,
  MESSAGE_FLAG,
  setSequenceNumber,
} from "./message-header.ts";
import { halvesOf, type SequenceResult, SequenceWindow } from "./sequence-window.ts";
import type { SealedTokens } from "./tokens.ts";

/** What the AP exchange leaves behind for the messages. */
export interface ProtectionParameters {
  readonly isInitiator: boolean;
  /** The acceptor's subkey, else the initiator's, else the session key (RFC 4121 section 2). Owned from here on. */
  readonly key: ProtocolKey;
  readonly hasAcceptorSubkey: boolean;
  /** For tokens of enctypes that compute more than their keys do. */
  readonly provider?: CryptoProvider | undefined;
  readonly flags: ContextFlags;
  /** Our initial sequence number: unsigned, 32 bits from an AP exchange, 64 as a bigint. */
  readonly sendSequence: number | bigint;
  /** The peer's. */
  readonly receiveSequence: number | bigint;
}

/**
 * Sealed tokens of an established context (RFC 4121 section 4.2.4), both directions: what a protocol needs that seals
 * everything. Keys of a usage, headers and the window are made once; a message costs its encryption and nothing else.
 * It throws and knows nothing of the context's life: the context ends at the first throw.
 */
export class SealedMessages implements SealedTokens {
  protected readonly key: ProtocolKey;
  protected readonly sealKey: UsageKey;
  protected readonly unsealKey: UsageKey;
  /** Of every header that we send. */
  protected readonly headerFlags: number;
  protected readonly expectedWrap: ExpectedHeader;
  readonly #flags: ContextFlags;
  readonly #header: Uint8Array;
  readonly #window: SequenceWindow;
  #sendHigh: number;
  #sendLow: number;

  constructor(parameters: ProtectionParameters) {
    const { isInitiator, key, hasAcceptorSubkey } = parameters;
    this.key = key;
    this.#flags = parameters.flags;
    this.sealKey = key.usage(isInitiator ? KEY_USAGE.initiatorSeal : KEY_USAGE.acceptorSeal);
    this.unsealKey = key.usage(isInitiator ? KEY_USAGE.acceptorSeal : KEY_USAGE.initiatorSeal);
    this.headerFlags =
      (isInitiator ? 0 : MESSAGE_FLAG.sentByAcceptor) | (hasAcceptorSubkey ? MESSAGE_FLAG.acceptorSubkey : 0);
    this.#header = createHeader(TOKEN_ID.wrap, this.headerFlags | MESSAGE_FLAG.sealed);
    this.expectedWrap = { tokenId: TOKEN_ID.wrap, fromAcceptor: isInitiator, acceptorSubkey: hasAcceptorSubkey };
    [this.#sendHigh, this.#sendLow] = halvesOf(parameters.sendSequence);
    this.#window = new SequenceWindow(parameters.receiveSequence);
  }

  /** Header, its encrypted copy, and what the enctype adds. */
  get sealedOverhead(): number {
    return 2 * HEADER_BYTES + this.sealKey.overheadBytes;
  }

  get etype(): number {
    return this.key.encType.etype;
  }

  /** {header | encrypt(parts | header)} with EC and RRC 0, as MIT sends it (RFC 4121 section 4.2.4). */
  sealInto(out: Uint8Array, offset: number, parts: readonly Uint8Array[]): number {
    const header = this.#header;
    this.number(header);
    out.set(header, offset);
    return HEADER_BYTES + this.sealKey.encryptInto(out, offset + HEADER_BYTES, ...parts, header);
  }

  /**
   * The message, a view: of the token if it was not sealed and not rotated. Rules W2 to W8, W10 to W12 in SECURITY.md.
   */
  unwrap(token: Uint8Array, requireConf: boolean): Uint8Array {
    checkHeader(token, this.expectedWrap);
    const isSealed = ((token[2] as number) & MESSAGE_FLAG.sealed) !== 0;
    if (requireConf && !isSealed) throw notSealed();
    const body = rotateLeft(token.subarray(HEADER_BYTES), getUint16(token, 6));
    const message = isSealed ? this.#unsealed(token, body) : this.verified(token, body);
    this.checkSequence(token);
    return message;
  }

  /** Forgets the keys. */
  wipe(): void {
    this.key.wipe();
  }

  /** The message of a token that is signed, and not sealed. */
  protected verified(_token: Uint8Array, _body: Uint8Array): Uint8Array {
    throw notSealed();
  }

  /** Writes the next number of ours. */
  protected number(header: Uint8Array): void {
    setSequenceNumber(header, this.#sendHigh, this.#sendLow);
    this.#sendLow = (this.#sendLow + 1) >>> 0;
    if (this.#sendLow === 0) this.#sendHigh = (this.#sendHigh + 1) >>> 0;
  }

  /** After the MAC, so that nobody else's number moves the window (rule W10 in SECURITY.md). */
  protected checkSequence(token: Uint8Array): void {
    requireOrder(this.#window, this.#flags, getUint32(token, 8), getUint32(token, 12));
  }

  #unsealed(token: Uint8Array, body: Uint8Array): Uint8Array {
    const extraCount = getUint16(token, 4);
    const key = this.unsealKey;
    // The enctypes of RFC 3962 and RFC 8009 leave no residue, so that the length says at once what must fit in.
    if (body.length < key.overheadBytes + HEADER_BYTES + extraCount) {
      throw defectiveToken(`the sealed token is too short: ${token.length} octets with ${extraCount} of filler`);
    }
    const plaintext = authentic(() => key.decrypt(body));
    const end = plaintext.length - HEADER_BYTES;
    // The header in clear is a claim until the encrypted copy says the same, RRC apart (CVE-2024-37370).
    for (let i = 0; i < HEADER_BYTES; i++) {
      if (i !== 6 && i !== 7 && token[i] !== plaintext[end + i]) {
        throw badMic("the header of the sealed token is not the one that was encrypted");
      }
    }
    return plaintext.subarray(0, end - extraCount);
  }
}

export function notSealed(): Error {
  return defectiveToken("the message is not sealed, and sealing is required here");
}

const MEANING = {
  DUPLICATE: "came before: unwrap each message once",
  OLD: "is too old to tell a replay from a late message: unwrap messages in the order in which they came",
  GAP: "is early: messages before it are missing; unwrap every message, in order",
};

/** Lets a number pass that the context's flags take. */
export function requireOrder(
  window: SequenceWindow,
  { replay, sequence }: Pick<ContextFlags, "replay" | "sequence">,
  high: number,
  low: number,
): void {
  if (!replay && !sequence) return;
  const result = window.check(high, low);
  if (result === "COMPLETE") return;
  if (sequence || result === "DUPLICATE" || result === "OLD") throw sequenceError(result);
}

function sequenceError(result: Exclude<SequenceResult, "COMPLETE">): Error {
  // Where order is kept, a late message is one that a gap left out: that gap has ended the context before it.
  const status = result === "UNSEQ" ? "GAP" : result;
  return new GssError(`GSS_${status}_TOKEN`, `GSS_S_${status}_TOKEN`, `the message ${MEANING[status]}`);
}

/** Runs a verification; its integrity error becomes GSS_BAD_MIC. */
export function authentic<T>(verify: () => T): T {
  try {
    return verify();
  } catch (cause) {
    if (!hasName(cause, "CryptoError")) throw cause;
    throw badMic("the message was changed, or its key is another", cause);
  }
}

/** Takes back a right rotation by `count` (RFC 4121 section 4.2.5). Any count is valid, an empty body too. */
function rotateLeft(body: Uint8Array, count: number): Uint8Array {
  const by = body.length === 0 ? 0 : count % body.length;
  if (by === 0) return body;
  const out = new Uint8Array(body.length);
  out.set(body.subarray(by));
  out.set(body.subarray(0, by), body.length - by);
  return out;
}
