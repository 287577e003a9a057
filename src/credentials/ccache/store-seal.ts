import { concat, encodeHex, encodeText, equal } from "../../bytes/index.ts";
import { CredentialError } from "../../errors.ts";

const VERSION = 1;
const KEY_ID_BYTES = 4;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + IV_BYTES;

interface SealKey {
  readonly id: Uint8Array;
  readonly key: CryptoKey;
}

/** What a value is and whose: it is authenticated with the value, so that none can be put in another's place. */
export interface SealContext {
  readonly purpose: "cache" | "rest";
  readonly owner: string;
}

/**
 * Seals values with AES-GCM under a key of the user's. A sealed value is a version octet (1), four octets that name the
 * key, 12 octets of a random IV, and the ciphertext with its tag; version, key, purpose and owner are authenticated
 * with it.
 */
export class Sealer {
  readonly #secrets: readonly Uint8Array[];
  readonly #randomBytes: (length: number) => Uint8Array;
  // Values, not promises: a Worker's promise belongs to the request that made it.
  #keys: readonly SealKey[] | undefined;

  /** The first secret seals, and any of them opens: so a key is changed without losing what is sealed. */
  constructor(secrets: readonly Uint8Array[], randomBytes: (length: number) => Uint8Array) {
    this.#secrets = secrets.map((secret) => secret.slice());
    this.#randomBytes = randomBytes;
  }

  async seal(plaintext: Uint8Array, context: SealContext): Promise<Uint8Array> {
    const { id, key } = (await this.#load())[0] as SealKey;
    const iv = this.#randomBytes(IV_BYTES);
    const additionalData = additional(id, context);
    const sealed = await crypto.subtle.encrypt(parameters(iv, additionalData), key, plaintext as BufferSource);
    return concat(Uint8Array.of(VERSION), id, iv, new Uint8Array(sealed));
  }

  /**
   * The plaintext; undefined if it was sealed under a key that is not known here any more. Throws CredentialError
   * `CCACHE` for a value that was changed, moved or cut.
   */
  async open(sealed: Uint8Array, context: SealContext): Promise<Uint8Array | undefined> {
    if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw refused(context);
    const id = sealed.subarray(1, 1 + KEY_ID_BYTES);
    const found = (await this.#load()).find((one) => equal(one.id, id));
    if (found === undefined) return undefined;
    const iv = sealed.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
    const algorithm = parameters(iv, additional(id, context));
    try {
      const ciphertext = sealed.subarray(HEADER_BYTES) as BufferSource;
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, found.key, ciphertext));
    } catch (cause) {
      throw refused(context, cause);
    }
  }

  /** A keyed hash of a secret, in hexadecimal. */
  async fingerprint(secret: Uint8Array): Promise<string> {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", this.#secrets[0] as BufferSource, algorithm, false, ["sign"]);
    return encodeHex(new Uint8Array(await crypto.subtle.sign("HMAC", key, secret as BufferSource)));
  }

  async #load(): Promise<readonly SealKey[]> {
    this.#keys ??= await Promise.all(
      this.#secrets.map(async (secret) => ({
        id: (await sha256(concat(encodeText("krb5-remctl store key"), secret))).subarray(0, KEY_ID_BYTES),
        key: await crypto.subtle.importKey("raw", secret as BufferSource, "AES-GCM", false, ["encrypt", "decrypt"]),
      })),
    );
    return this.#keys;
  }
}

/** A name as a key of a store: of characters that every store takes, and telling nobody whose it is. */
export async function storeKeyOf(name: string): Promise<string> {
  return encodeHex(await sha256(encodeText(name))).slice(0, 32);
}

async function sha256(octets: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", octets as BufferSource));
}

function additional(id: Uint8Array, { purpose, owner }: SealContext): Uint8Array {
  return concat(Uint8Array.of(VERSION), id, encodeText(`${purpose}\0${owner}`));
}

function parameters(iv: Uint8Array, additionalData: Uint8Array): AesGcmParams {
  return { name: "AES-GCM", iv: iv as BufferSource, additionalData: additionalData as BufferSource };
}

function refused({ owner }: SealContext, cause?: unknown): CredentialError {
  return new CredentialError(
    "CCACHE",
    `STORE:${owner}: the value in the store was changed there, or is another's: remove it, and find out who writes to the store`,
    cause === undefined ? {} : { cause },
  );
}
