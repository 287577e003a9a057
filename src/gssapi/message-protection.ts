import { KEY_USAGE, TOKEN_ID } from "../iana/index.ts";
import { defectiveToken } from "./failure.ts";
import {
  checkHeader,
  createHeader,
  type ExpectedHeader,
  getUint16,
  HEADER_BYTES,
  setExtraCount,
} from "./message-header.ts";
import { authentic, type ProtectionParameters, SealedMessages } from "./sealed-messages.ts";
import type { MessageTokens } from "./tokens.ts";

/**
 * Wrap and MIC tokens of an established context (RFC 4121 section 4.2), both directions: sealed, signed, and MICs
 * alone. Headers of tokens that are not sealed are made for each: most contexts have none.
 */
export class MessageProtection extends SealedMessages implements MessageTokens {
  readonly #expectedMic: ExpectedHeader;
  readonly #signUsage: number;
  readonly #verifyUsage: number;

  constructor(parameters: ProtectionParameters) {
    super(parameters);
    const { isInitiator } = parameters;
    this.#signUsage = isInitiator ? KEY_USAGE.initiatorSign : KEY_USAGE.acceptorSign;
    this.#verifyUsage = isInitiator ? KEY_USAGE.acceptorSign : KEY_USAGE.initiatorSign;
    this.#expectedMic = { ...this.expectedWrap, tokenId: TOKEN_ID.mic };
  }

  get plainOverhead(): number {
    return HEADER_BYTES + this.sealKey.macBytes;
  }

  /** {header | octets | checksum}: the checksum is over the octets, then the header with EC and RRC 0. */
  wrapPlain(octets: Uint8Array): Uint8Array {
    const header = createHeader(TOKEN_ID.wrap, this.headerFlags);
    this.number(header);
    const mac = this.sealKey.checksum(octets, header);
    setExtraCount(header, mac.length);
    const out = new Uint8Array(HEADER_BYTES + octets.length + mac.length);
    out.set(header);
    out.set(octets, HEADER_BYTES);
    out.set(mac, HEADER_BYTES + octets.length);
    return out;
  }

  /** {header | checksum}: over the octets, then the header with its filler (RFC 4121 section 4.2.6.1). */
  getMic(octets: Uint8Array): Uint8Array {
    const header = createHeader(TOKEN_ID.mic, this.headerFlags);
    this.number(header);
    const mac = this.key.usage(this.#signUsage).checksum(octets, header);
    const out = new Uint8Array(HEADER_BYTES + mac.length);
    out.set(header);
    out.set(mac, HEADER_BYTES);
    return out;
  }

  /** Rules W2 to W5, W9, W10 and W12 in SECURITY.md. */
  verifyMic(octets: Uint8Array, mic: Uint8Array): void {
    checkHeader(mic, this.#expectedMic);
    const key = this.key.usage(this.#verifyUsage);
    // The checksum's length is checked with it.
    authentic(() => key.verifyChecksum(mic.subarray(HEADER_BYTES), octets, mic.subarray(0, HEADER_BYTES)));
    this.checkSequence(mic);
  }

  protected override verified(token: Uint8Array, body: Uint8Array): Uint8Array {
    const extraCount = getUint16(token, 4);
    const key = this.unsealKey;
    if (extraCount !== key.macBytes) {
      throw defectiveToken(`the checksum of the token has ${extraCount} octets, ${key.macBytes} are its length`);
    }
    if (body.length < extraCount) throw defectiveToken("the token is shorter than its checksum");
    const message = body.subarray(0, body.length - extraCount);
    // No slice(): that of a Buffer shares memory.
    const header = new Uint8Array(token.subarray(0, HEADER_BYTES)).fill(0, 4, 8);
    authentic(() => key.verifyChecksum(body.subarray(message.length), message, header));
    return message;
  }
}
