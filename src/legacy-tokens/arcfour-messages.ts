import { concat, equalConstantTime, getUint32, setUint32, wipe } from "../bytes/index.ts";
import { type CryptoProvider, hmacMd5, hmacMd5Checksum, littleEndian, type ProtocolKey } from "../crypto/index.ts";
import { UnsupportedError } from "../errors.ts";
import {
  badMic,
  type ContextFlags,
  decodeContextToken,
  defectiveToken,
  encodeContextToken,
  type MessageTokens,
  notSealed,
  type ProtectionParameters,
} from "../gssapi/index.ts";
import { rc4 } from "../legacy-enctypes/index.ts";
import { NumberWindow } from "./number-window.ts";

/** TOK_ID (RFC 1964 section 1.2), and the constants of the header behind it. */
const MIC_ID = 0x0101;
const WRAP_ID = 0x0201;
const SIGNED_BY_HMAC = 0x1100;
const SEALED_BY_RC4 = 0x1000;
const NONE = 0xffff;

/** What the checksum of a token is bound to (RFC 4757 section 7; of wraps as Windows and MIT do it). */
const MIC_USAGE = 15;
const WRAP_USAGE = 13;

const HEADER_BYTES = 8;
const SEQUENCE_BYTES = 8;
const CHECKSUM_BYTES = 8;
const CONFOUNDER_BYTES = 8;
/** Behind TOK_ID: the rest of the header, SND_SEQ and SGN_CKSUM. */
const MIC_BYTES = HEADER_BYTES - 2 + SEQUENCE_BYTES + CHECKSUM_BYTES;
/** One octet of padding, whose value is the number of such octets. */
const WRAP_BYTES = MIC_BYTES + CONFOUNDER_BYTES + 1;
/** The framing at its longest: a tag, a length of five octets, the mechanism, TOK_ID. */
const FRAME_BYTES = 1 + 5 + 11 + 2;

/** RC4 tokens of an established context (RFC 4757 sections 7.2 and 7.3), both directions. */
export class ArcfourMessages implements MessageTokens {
  readonly sealedOverhead: number = FRAME_BYTES + WRAP_BYTES;
  readonly plainOverhead: number = FRAME_BYTES + WRAP_BYTES;
  readonly #key: ProtocolKey;
  readonly #provider: CryptoProvider;
  readonly #flags: ContextFlags;
  readonly #isInitiator: boolean;
  readonly #window: NumberWindow;
  readonly #checkMic: () => void;
  #sendNumber: number;

  /** `checkMic` throws where MICs are not permitted. */
  constructor(parameters: ProtectionParameters, checkMic: () => void) {
    const { key, provider, flags, isInitiator, sendSequence, receiveSequence } = parameters;
    if (provider === undefined) throw new UnsupportedError("tokens of RC4 need a provider of MD5: give one");
    this.#key = key;
    this.#provider = provider;
    this.#flags = flags;
    this.#isInitiator = isInitiator;
    this.#checkMic = checkMic;
    this.#sendNumber = Number(BigInt.asUintN(32, BigInt(sendSequence)));
    this.#window = new NumberWindow(Number(BigInt.asUintN(32, BigInt(receiveSequence))));
  }

  get etype(): number {
    return this.#key.encType.etype;
  }

  sealInto(out: Uint8Array, offset: number, parts: readonly Uint8Array[]): number {
    const token = this.#wrap(true, parts);
    out.set(token, offset);
    return token.length;
  }

  wrapPlain(octets: Uint8Array): Uint8Array {
    return this.#wrap(false, [octets]);
  }

  unwrap(token: Uint8Array, requireConf: boolean): Uint8Array {
    const { header, sequence, checksum, rest } = cut(token, WRAP_ID, WRAP_BYTES);
    const sealedBy = getUint32(header, 4) >>> 16;
    if (sealedBy !== SEALED_BY_RC4 && sealedBy !== NONE)
      throw defectiveToken("the Wrap token is sealed by another cipher");
    if ((getUint32(header, 4) & 0xffff) !== NONE) throw defectiveToken("the filler of the Wrap token is not FF");
    if (requireConf && sealedBy === NONE) throw notSealed();
    const number = this.#numberOf(sequence, checksum, "Wrap");
    // The caller's octets are not changed: rc4 gives new ones.
    const plain = sealedBy === NONE ? rest : this.#stream(number, rest);
    this.#verify(WRAP_USAGE, checksum, header, plain);
    // Under the checksum: what pads is known to be the peer's.
    if (plain[plain.length - 1] !== 1) throw defectiveToken("the Wrap token is padded by another count than 1");
    this.#window.take(number, this.#flags);
    return plain.subarray(CONFOUNDER_BYTES, plain.length - 1);
  }

  getMic(octets: Uint8Array): Uint8Array {
    this.#checkMic();
    const header = headerOf(MIC_ID, NONE);
    const checksum = this.#checksum(MIC_USAGE, header, octets);
    return framed(header, this.#sequence(this.#next(), checksum), checksum);
  }

  verifyMic(octets: Uint8Array, mic: Uint8Array): void {
    this.#checkMic();
    const { header, sequence, checksum, rest } = cut(mic, MIC_ID, MIC_BYTES);
    if (rest.length > 0) throw defectiveToken(`the MIC token has ${rest.length} octets too many`);
    if (getUint32(header, 4) !== 0xffffffff) throw defectiveToken("the filler of the MIC token is not FF");
    const number = this.#numberOf(sequence, checksum, "MIC");
    this.#verify(MIC_USAGE, checksum, header, octets);
    this.#window.take(number, this.#flags);
  }

  wipe(): void {
    this.#key.wipe();
  }

  #next(): number {
    const number = this.#sendNumber;
    this.#sendNumber = (number + 1) >>> 0;
    return number;
  }

  #wrap(isSealed: boolean, parts: readonly Uint8Array[]): Uint8Array {
    const header = headerOf(WRAP_ID, isSealed ? SEALED_BY_RC4 : NONE);
    const plain = concat(this.#provider.randomBytes(CONFOUNDER_BYTES), ...parts, Uint8Array.of(1));
    const checksum = this.#checksum(WRAP_USAGE, header, plain);
    const number = this.#next();
    const body = isSealed ? this.#stream(number, plain) : plain;
    const token = framed(header, this.#sequence(number, checksum), checksum, body);
    // The token is a copy.
    wipe(plain);
    return token;
  }

  /** SGN_CKSUM: the first half of the checksum of RFC 4757 section 4. */
  #checksum(usage: number, ...parts: readonly Uint8Array[]): Uint8Array {
    return hmacMd5Checksum(this.#provider, this.#key.octets, usage, ...parts).subarray(0, CHECKSUM_BYTES);
  }

  #verify(usage: number, checksum: Uint8Array, ...parts: readonly Uint8Array[]): void {
    if (equalConstantTime(checksum, this.#checksum(usage, ...parts))) return;
    throw badMic("the message was changed, or its key is another");
  }

  /** SND_SEQ, encrypted or decrypted: a number, and who sends. */
  #sequenceStream(octets: Uint8Array, checksum: Uint8Array): Uint8Array {
    const base = hmacMd5(this.#provider, this.#key.octets, littleEndian(0));
    const key = hmacMd5(this.#provider, base, checksum);
    const out = rc4(key, octets);
    wipe(base, key);
    return out;
  }

  /** RFC 4757 has the direction the wrong way round (its errata): the initiator's is 0 (RFC 1964 section 1.2.1.2). */
  #sequence(number: number, checksum: Uint8Array): Uint8Array {
    const plain = new Uint8Array(SEQUENCE_BYTES);
    setUint32(plain, 0, number);
    if (!this.#isInitiator) plain.fill(0xff, 4);
    return this.#sequenceStream(plain, checksum);
  }

  #numberOf(sequence: Uint8Array, checksum: Uint8Array, kind: string): number {
    const plain = this.#sequenceStream(sequence, checksum);
    const direction = getUint32(plain, 4);
    const [peer, own] = this.#isInitiator ? [0xffffffff, 0] : [0, 0xffffffff];
    if (direction === peer) return getUint32(plain, 0);
    if (direction === own) throw badMic(`the ${kind} token was sent by this side: it was reflected`);
    throw badMic("the message was changed, or its key is another");
  }

  /** Confounder, message and padding, encrypted or decrypted: the key is of the number. */
  #stream(number: number, octets: Uint8Array): Uint8Array {
    const local = this.#key.octets.map((octet) => octet ^ 0xf0);
    const base = hmacMd5(this.#provider, local, littleEndian(0));
    const salt = new Uint8Array(4);
    setUint32(salt, 0, number);
    const key = hmacMd5(this.#provider, base, salt);
    const out = rc4(key, octets);
    wipe(local, base, key);
    return out;
  }
}

function headerOf(tokenId: number, sealedBy: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  setUint32(header, 0, ((tokenId << 16) | SIGNED_BY_HMAC) >>> 0);
  setUint32(header, 4, ((sealedBy << 16) | NONE) >>> 0);
  return header;
}

/** The token in the framing of RFC 2743 section 3.1, which has TOK_ID too. */
function framed(header: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return encodeContextToken(getUint32(header, 0) >>> 16, concat(header.subarray(2), ...parts));
}

/** Takes the framing off, and cuts what is behind it; nothing is believed yet. */
function cut(token: Uint8Array, wanted: number, leastBytes: number) {
  const { tokenId, message } = decodeContextToken(token);
  const kind = wanted === MIC_ID ? "MIC" : "Wrap";
  if (tokenId !== wanted) {
    throw defectiveToken(`token id ${tokenId.toString(16).padStart(4, "0")} where a ${kind} token was expected`);
  }
  if (message.length < leastBytes) {
    throw defectiveToken(`the ${kind} token has ${message.length} octets behind its id, ${leastBytes} are the least`);
  }
  const header = new Uint8Array(HEADER_BYTES);
  setUint32(header, 0, wanted << 16);
  header.set(message.subarray(0, HEADER_BYTES - 2), 2);
  if ((getUint32(header, 0) & 0xffff) !== SIGNED_BY_HMAC) {
    throw defectiveToken(`the ${kind} token is signed by another algorithm than HMAC`);
  }
  const sequenceEnd = HEADER_BYTES - 2 + SEQUENCE_BYTES;
  return {
    header,
    sequence: message.subarray(HEADER_BYTES - 2, sequenceEnd),
    checksum: message.subarray(sequenceEnd, sequenceEnd + CHECKSUM_BYTES),
    rest: message.subarray(sequenceEnd + CHECKSUM_BYTES),
  };
}
