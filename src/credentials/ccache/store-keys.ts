import { concat, encodeHex, encodeText } from "../../bytes/index.ts";

const SALT = "krb5-remctl store 2";
const KEY_ID_BYTES = 4;
const NAME_BYTES = 16;

/** What one key of a store is used for: each use has a sub-key (RFC 5869), so that none helps against another. */
export interface StoreKey {
  /** Tells which key sealed a value. */
  readonly id: Uint8Array;
  /** Seals values. */
  readonly seal: CryptoKey;
  /** Makes the names of values. */
  readonly names: CryptoKey;
  /** Makes of a secret what goes into a name. */
  readonly secrets: CryptoKey;
}

/** Derives the sub-keys of one key. */
export async function deriveStoreKey(key: Uint8Array): Promise<StoreKey> {
  const base = await crypto.subtle.importKey("raw", key as BufferSource, "HKDF", false, ["deriveBits"]);
  const derive = async (use: string, bits: number): Promise<Uint8Array> => {
    const parameters = { name: "HKDF", hash: "SHA-256", salt: buffer(SALT), info: buffer(use) };
    return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, bits));
  };
  const hmac = async (use: string): Promise<CryptoKey> =>
    crypto.subtle.importKey("raw", (await derive(use, 256)) as BufferSource, HMAC, false, ["sign"]);
  const [id, sealing, names, secrets] = await Promise.all([
    derive("key id", KEY_ID_BYTES * 8),
    derive("seal", 256),
    hmac("names"),
    hmac("secrets"),
  ]);
  const usages: KeyUsage[] = ["encrypt", "decrypt"];
  const seal = await crypto.subtle.importKey("raw", sealing as BufferSource, "AES-GCM", false, usages);
  return { id, seal, names, secrets };
}

/**
 * The name of what is kept for a principal and a secret: of characters that every store takes, and telling nobody
 * without the key whose it is. Another secret has another name (rule ST5).
 */
export async function storeName(
  { names, secrets }: StoreKey,
  owner: string,
  secret: Uint8Array | undefined,
): Promise<string> {
  const about = secret === undefined ? new Uint8Array() : await mac(secrets, secret);
  // The hash has one length, so that no owner can be read as another with a secret.
  const name = await mac(names, concat(Uint8Array.of(about.length), about, encodeText(owner)));
  return encodeHex(name).slice(0, 2 * NAME_BYTES);
}

const HMAC = { name: "HMAC", hash: "SHA-256" };

async function mac(key: CryptoKey, octets: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, octets as BufferSource));
}

function buffer(text: string): BufferSource {
  return encodeText(text) as BufferSource;
}
