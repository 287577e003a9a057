import { getUint32, wipe } from "../bytes/index.ts";
import type { ProtocolKey, UsageKey } from "../crypto/index.ts";
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
  setExtraCount,
  setSequenceNumber,
} from "./message-header.ts";
import { halvesOf, type SequenceResult, SequenceWindow } from "./sequence-window.ts";

/** What the AP exchange leaves behind for the messages. */
export interface ProtectionParameters {
  readonly isInitiator: boolean;
  /** The acceptor's subkey, else the initiator's, else the session key (RFC 4121 section 2). Owned from here on. */
  readonly key: ProtocolKey;
  readonly hasAcceptorSubkey: boolean;
  readonly flags: ContextFlags;
  /** Our initial sequence number: unsigned, 32 bits from an AP exchange, 64 as a bigint. */
  readonly sendSequence: number | bigint;
  /** The peer's. */
  readonly receiveSequence: number | bigint;
}

/**
 * Wrap and MIC tokens of an established context (RFC 4121 section 4.2), both directions. Keys of a usage, headers and
 * the window are made once; a message costs its encryption and nothing else. It throws and knows nothing of the
 * context's life: {@link SecurityContext} ends that at the first throw.
 */
export class MessageProtection {
  readonly #key: ProtocolKey;
  readonly #flags: ContextFlags;
  readonly #seal: UsageKey;
  readonly #unseal: UsageKey;
  readonly #sealedHeader: Uint8Array;
  readonly #plainHeader: Uint8Array;
  readonly #micHeader: Uint8Array;
  readonly #checked = new Uint8Array(HEADER_BYTES);
  readonly #expectedWrap: ExpectedHeader;
  readonly #expectedMic: ExpectedHeader;
  readonly #window: SequenceWindow;
  readonly #signUsage: number;
  readonly #verifyUsage: number;
  #sendHigh: number;
  #sendLow: number;

  constructor(parameters: ProtectionParameters) {
    const { isInitiator, key, hasAcceptorSubkey } = parameters;
    this.#key = key;
    this.#flags = parameters.flags;
    this.#seal = key.usage(isInitiator ? KEY_USAGE.initiatorSeal : KEY_USAGE.acceptorSeal);
    this.#unseal = key.usage(isInitiator ? KEY_USAGE.acceptorSeal : KEY_USAGE.initiatorSeal);
    this.#signUsage = isInitiator ? KEY_USAGE.initiatorSign : KEY_USAGE.acceptorSign;
    this.#verifyUsage = isInitiator ? KEY_USAGE.acceptorSign : KEY_USAGE.initiatorSign;
    const flags =
      (isInitiator ? 0 : MESSAGE_FLAG.sentByAcceptor) | (hasAcceptorSubkey ? MESSAGE_FLAG.acceptorSubkey : 0);
    this.#sealedHeader = createHeader(TOKEN_ID.wrap, flags | MESSAGE_FLAG.sealed);
    this.#plainHeader = createHeader(TOKEN_ID.wrap, flags);
    this.#micHeader = createHeader(TOKEN_ID.mic, flags);
    this.#expectedWrap = { tokenId: TOKEN_ID.wrap, fromAcceptor: isInitiator, acceptorSubkey: hasAcceptorSubkey };
    this.#expectedMic = { ...this.#expectedWrap, tokenId: TOKEN_ID.mic };
    [this.#sendHigh, this.#sendLow] = halvesOf(parameters.sendSequence);
    this.#window = new SequenceWindow(parameters.receiveSequence);
  }

  /** Header, its encrypted copy, and what the enctype adds. */
  get sealedOverhead(): number {
    return 2 * HEADER_BYTES + this.#seal.overheadBytes;
  }

  get plainOverhead(): number {
    return HEADER_BYTES + this.#seal.macBytes;
  }

  get etype(): number {
    return this.#key.encType.etype;
  }

  /** {header | encrypt(parts | header)} with EC and RRC 0, as MIT sends it (RFC 4121 section 4.2.4). */
  sealInto(out: Uint8Array, offset: number, parts: readonly Uint8Array[]): number {
    const header = this.#sealedHeader;
    this.#number(header);
    out.set(header, offset);
    return HEADER_BYTES + this.#seal.encryptInto(out, offset + HEADER_BYTES, ...parts, header);
  }

  /** {header | octets | checksum}: the checksum is over the octets, then the header with EC and RRC 0. */
  wrapPlain(octets: Uint8Array): Uint8Array {
    const header = this.#plainHeader;
    this.#number(header);
    setExtraCount(header, 0);
    const mac = this.#seal.checksum(octets, header);
    setExtraCount(header, mac.length);
    const out = new Uint8Array(HEADER_BYTES + octets.length + mac.length);
    out.set(header);
    out.set(octets, HEADER_BYTES);
    out.set(mac, HEADER_BYTES + octets.length);
    return out;
  }

  /** {header | checksum}: over the octets, then the header with its filler (RFC 4121 section 4.2.6.1). */
  getMic(octets: Uint8Array): Uint8Array {
    const header = this.#micHeader;
    this.#number(header);
    const mac = this.#key.usage(this.#signUsage).checksum(octets, header);
    const out = new Uint8Array(HEADER_BYTES + mac.length);
    out.set(header);
    out.set(mac, HEADER_BYTES);
    return out;
  }

  /**
   * The message, a view: of the token if it was not sealed and not rotated. Rules W2 to W8, W10 to W12 in SECURITY.md.
   */
  unwrap(token: Uint8Array, requireConf: boolean): Uint8Array {
    checkHeader(token, this.#expectedWrap);
    const isSealed = ((token[2] as number) & MESSAGE_FLAG.sealed) !== 0;
    if (requireConf && !isSealed) throw defectiveToken("the message is not sealed, and sealing is required here");
    const body = rotateLeft(token.subarray(HEADER_BYTES), getUint16(token, 6));
    const message = isSealed ? this.#unsealed(token, body) : this.#verified(token, body);
    this.#checkSequence(token);
    return message;
  }

  /** Rules W2 to W5, W9, W10 and W12 in SECURITY.md. */
  verifyMic(octets: Uint8Array, mic: Uint8Array): void {
    checkHeader(mic, this.#expectedMic);
    const key = this.#key.usage(this.#verifyUsage);
    // The checksum's length is checked with it.
    authentic(() => key.verifyChecksum(mic.subarray(HEADER_BYTES), octets, mic.subarray(0, HEADER_BYTES)));
    this.#checkSequence(mic);
  }

  /** Forgets the keys. */
  wipe(): void {
    this.#key.wipe();
    wipe(this.#checked);
  }

  #number(header: Uint8Array): void {
    setSequenceNumber(header, this.#sendHigh, this.#sendLow);
    this.#sendLow = (this.#sendLow + 1) >>> 0;
    if (this.#sendLow === 0) this.#sendHigh = (this.#sendHigh + 1) >>> 0;
  }

  #unsealed(token: Uint8Array, body: Uint8Array): Uint8Array {
    const extraCount = getUint16(token, 4);
    const key = this.#unseal;
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

  #verified(token: Uint8Array, body: Uint8Array): Uint8Array {
    const extraCount = getUint16(token, 4);
    const key = this.#unseal;
    if (extraCount !== key.macBytes) {
      throw defectiveToken(`the checksum of the token has ${extraCount} octets, ${key.macBytes} are its length`);
    }
    if (body.length < extraCount) throw defectiveToken("the token is shorter than its checksum");
    const message = body.subarray(0, body.length - extraCount);
    const header = this.#checked;
    header.set(token.subarray(0, HEADER_BYTES));
    header.fill(0, 4, 8);
    authentic(() => key.verifyChecksum(body.subarray(message.length), message, header));
    return message;
  }

  /** After the MAC, so that nobody else's number moves the window (rule W10 in SECURITY.md). */
  #checkSequence(token: Uint8Array): void {
    const { replay, sequence } = this.#flags;
    if (!replay && !sequence) return;
    const result = this.#window.check(getUint32(token, 8), getUint32(token, 12));
    if (result === "COMPLETE") return;
    if (sequence || result === "DUPLICATE" || result === "OLD") throw sequenceError(result);
  }
}

const MEANING: Readonly<Record<Exclude<SequenceResult, "COMPLETE">, string>> = {
  DUPLICATE: "came before: a replay",
  OLD: "is too old to tell a replay from a late message",
  UNSEQ: "is late: a later one came before it",
  GAP: "is early: messages before it are missing",
};

function sequenceError(result: Exclude<SequenceResult, "COMPLETE">): Error {
  return new GssError(`GSS_${result}_TOKEN`, `GSS_S_${result}_TOKEN`, `the message ${MEANING[result]}`);
}

/** Runs a verification; its integrity error becomes GSS_BAD_MIC. */
function authentic<T>(verify: () => T): T {
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
