import type { CryptoProvider } from "../crypto/index.ts";
import { ownProblem } from "./failure.ts";
import { source, subtle } from "./web-crypto.ts";

/** What WebCrypto does not have and some sealed keys need: MD5, Triple DES and scrypt. */
export type OlderCiphers = Pick<CryptoProvider, "hash" | "otherCbc" | "scrypt">;

/** A cipher in CBC mode whose last block is padded (RFC 8018 section 6.1.1). */
export interface Cbc {
  readonly name: "AES-CBC" | "des-ede3";
  readonly keyBytes: number;
}

export const DES_EDE3: Cbc = { name: "des-ede3", keyBytes: 24 };
export const DES_BLOCK = 8;

/** What is decrypted, and how. */
export interface Sealed {
  readonly cipher: Cbc;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  /** What a message calls it. */
  readonly what: string;
  readonly host: OlderCiphers;
}

/** Decrypts under a key. Throws CredentialError: `type` for a cipher that the host does not have, or `passphrase`. */
export async function decryptCbc({ cipher, iv, ciphertext, what, host }: Sealed, key: Uint8Array): Promise<Uint8Array> {
  if (cipher.name === "des-ede3") return decryptDes(key, iv, ciphertext, what, host);
  // Some hosts have no AES-192.
  const made = await subtle()
    .importKey("raw", source(key), cipher.name, false, ["decrypt"])
    .catch(() => {
      throw unknownTo(`AES-${key.length * 8} here`, what);
    });
  try {
    return new Uint8Array(await subtle().decrypt({ name: cipher.name, iv: source(iv) }, made, source(ciphertext)));
  } catch {
    throw wrongPassphrase(what);
  }
}

function decryptDes(
  key: Uint8Array,
  iv: Uint8Array,
  ciphertext: Uint8Array,
  what: string,
  host: OlderCiphers,
): Uint8Array {
  const des = host.otherCbc?.("des-ede3", key);
  if (des === undefined) throw unknownTo("Triple DES, which this host does not have", what);
  if (ciphertext.length === 0 || ciphertext.length % DES_BLOCK !== 0 || iv.length !== DES_BLOCK) {
    throw wrongPassphrase(what);
  }
  const padded = des.decryptNew(iv, ciphertext);
  des.end?.();
  const count = padded.at(-1) as number;
  const isPadded = count >= 1 && count <= DES_BLOCK && padded.subarray(-count).every((octet) => octet === count);
  if (!isPadded) throw wrongPassphrase(what);
  return padded.slice(0, -count);
}

/** The error for a passphrase that does not open it. */
export function wrongPassphrase(what: string): Error {
  return ownProblem(
    "passphrase",
    `${what} does not open with this passphrase: the passphrase is wrong, or the file damaged`,
  );
}

const COMMANDS =
  "for a key openssl pkcs8 -topk8 -provider legacy -provider default -in OLD -out NEW; for PKCS#12 openssl pkcs12 " +
  "-legacy -in OLD -nodes -out PEM, then openssl pkcs12 -export -in PEM -out NEW";

/** The error for an encryption that is not here. */
export function unknownTo(encryption: string, what: string): Error {
  const words = `${what} is encrypted by ${encryption}, which is not supported: write it with PBES2 and AES, with openssl 3`;
  return ownProblem("type", `${words}: ${COMMANDS}`);
}
