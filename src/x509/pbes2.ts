import { type Element, INTEGER, OCTET_STRING, SEQUENCE } from "./ber.ts";
import { ownProblem } from "./failure.ts";
import { type Digest, dotted, OIDS } from "./oids.ts";
import { source, subtle } from "./web-crypto.ts";

const MAX_ITERATIONS = 10_000_000;
const PRFS: Readonly<Record<string, Digest>> = {
  [OIDS.hmacSha1]: "SHA-1",
  [OIDS.hmacSha256]: "SHA-256",
  [OIDS.hmacSha384]: "SHA-384",
  [OIDS.hmacSha512]: "SHA-512",
};
const KEY_BYTES: Readonly<Record<string, number>> = {
  [OIDS.aes128Cbc]: 16,
  [OIDS.aes192Cbc]: 24,
  [OIDS.aes256Cbc]: 32,
};

/**
 * Decrypts with a passphrase by PBES2 (RFC 8018 section 6.2): PBKDF2 and AES in CBC mode. Throws CredentialError
 * `CERTIFICATE`: `type` for other algorithms, `passphrase` for the wrong one.
 */
export async function decryptPbes2(
  algorithm: Element,
  ciphertext: Uint8Array,
  passphrase: string,
  what: string,
): Promise<Uint8Array> {
  const scheme = algorithm.at(0, "encryptionAlgorithm").oid("encryptionAlgorithm");
  if (scheme !== OIDS.pbes2) throw tooOld(what, scheme);
  const parameters = algorithm.at(1, "PBES2-params", SEQUENCE);
  const kdf = parameters.at(0, "keyDerivationFunc", SEQUENCE);
  const kdfType = kdf.at(0, "keyDerivationFunc").oid("keyDerivationFunc");
  const cipher = parameters.at(1, "encryptionScheme", SEQUENCE);
  const cipherType = cipher.at(0, "encryptionScheme").oid("encryptionScheme");
  const keyBytes = KEY_BYTES[cipherType];
  if (kdfType !== OIDS.pbkdf2) throw tooOld(what, kdfType);
  if (keyBytes === undefined) throw tooOld(what, cipherType);
  const pbkdf2 = kdf.at(1, "PBKDF2-params", SEQUENCE);
  const iterations = pbkdf2.at(1, "iterationCount", INTEGER).small("iterationCount");
  const prf = pbkdf2.find(SEQUENCE)?.at(0, "prf").oid("prf") ?? OIDS.hmacSha1;
  const hash = PRFS[prf];
  if (hash === undefined) throw tooOld(what, prf);
  if (iterations < 1 || iterations > MAX_ITERATIONS) {
    throw ownProblem("damaged", `${what}: ${iterations} iterations of PBKDF2, ${MAX_ITERATIONS} allowed`);
  }
  const secret = source(new TextEncoder().encode(passphrase));
  const base = await subtle().importKey("raw", secret, "PBKDF2", false, ["deriveKey"]);
  const salt = source(pbkdf2.at(0, "salt", OCTET_STRING).contents);
  // Some hosts have no AES-192.
  const key = await subtle()
    .deriveKey({ name: "PBKDF2", hash, salt, iterations }, base, { name: "AES-CBC", length: keyBytes * 8 }, false, [
      "decrypt",
    ])
    .catch(() => {
      throw tooOld(what, cipherType);
    });
  const iv = source(cipher.at(1, "iv", OCTET_STRING).contents);
  try {
    return new Uint8Array(await subtle().decrypt({ name: "AES-CBC", iv }, key, source(ciphertext)));
  } catch {
    throw wrongPassphrase(what);
  }
}

/** The error for a passphrase that does not open it. */
export function wrongPassphrase(what: string): Error {
  return ownProblem(
    "passphrase",
    `${what} does not open with this passphrase: the passphrase is wrong, or the file damaged`,
  );
}

function tooOld(what: string, oid: string): Error {
  return ownProblem(
    "type",
    `${what} is encrypted by ${dotted(oid)}, which is not supported: write it with PBES2 and AES, as openssl pkcs8 -topk8 and openssl pkcs12 -export do by default from version 3 on`,
  );
}
