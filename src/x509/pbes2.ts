import { type Element, INTEGER, OCTET_STRING, SEQUENCE } from "./ber.ts";
import { type Cbc, DES_EDE3, decryptCbc, type OlderCiphers, unknownTo } from "./cbc.ts";
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
const CIPHERS: Readonly<Record<string, Cbc>> = {
  [OIDS.aes128Cbc]: { name: "AES-CBC", keyBytes: 16 },
  [OIDS.aes192Cbc]: { name: "AES-CBC", keyBytes: 24 },
  [OIDS.aes256Cbc]: { name: "AES-CBC", keyBytes: 32 },
  [OIDS.desEde3Cbc]: DES_EDE3,
};

/**
 * Decrypts with a passphrase: by PBES2 (RFC 8018 section 6.2) with PBKDF2 or scrypt, and AES or Triple DES in
 * CBC mode; or by what PKCS#12 had before (RFC 7292 appendix C), with Triple DES. Throws CredentialError `CERTIFICATE`:
 * `type` for other algorithms, `passphrase` for the wrong one.
 */
export async function decryptSealed(
  algorithm: Element,
  ciphertext: Uint8Array,
  passphrase: string,
  what: string,
  host: OlderCiphers,
): Promise<Uint8Array> {
  const scheme = algorithm.at(0, "encryptionAlgorithm").oid("encryptionAlgorithm");
  if (scheme === OIDS.pbeSha1DesEde3) {
    const { openPkcs12Pbe } = await import("./older-encryption.ts");
    return await openPkcs12Pbe(algorithm.at(1, "pkcs-12PbeParams", SEQUENCE), ciphertext, passphrase, what, host);
  }
  if (scheme !== OIDS.pbes2) throw unknownTo(dotted(scheme), what);
  const parameters = algorithm.at(1, "PBES2-params", SEQUENCE);
  const kdf = parameters.at(0, "keyDerivationFunc", SEQUENCE);
  const encryption = parameters.at(1, "encryptionScheme", SEQUENCE);
  const cipherType = encryption.at(0, "encryptionScheme").oid("encryptionScheme");
  const cipher = CIPHERS[cipherType];
  if (cipher === undefined) throw unknownTo(dotted(cipherType), what);
  const key = await deriveKey(kdf, new TextEncoder().encode(passphrase), cipher.keyBytes, what, host);
  const iv = encryption.at(1, "iv", OCTET_STRING).contents;
  return await decryptCbc({ cipher, iv, ciphertext, what, host }, key);
}

async function deriveKey(
  kdf: Element,
  secret: Uint8Array,
  bytes: number,
  what: string,
  host: OlderCiphers,
): Promise<Uint8Array> {
  const kdfType = kdf.at(0, "keyDerivationFunc").oid("keyDerivationFunc");
  if (kdfType === OIDS.scrypt) {
    const { scryptKey } = await import("./scrypt.ts");
    return await scryptKey(kdf.at(1, "scrypt-params", SEQUENCE), secret, bytes, what, host);
  }
  if (kdfType !== OIDS.pbkdf2) throw unknownTo(dotted(kdfType), what);
  const pbkdf2 = kdf.at(1, "PBKDF2-params", SEQUENCE);
  const iterations = pbkdf2.at(1, "iterationCount", INTEGER).small("iterationCount");
  const prf = pbkdf2.find(SEQUENCE)?.at(0, "prf").oid("prf") ?? OIDS.hmacSha1;
  const hash = PRFS[prf];
  if (hash === undefined) throw unknownTo(dotted(prf), what);
  if (iterations < 1 || iterations > MAX_ITERATIONS) {
    throw ownProblem("damaged", `${what}: ${iterations} iterations of PBKDF2, ${MAX_ITERATIONS} allowed`);
  }
  const base = await subtle().importKey("raw", source(secret), "PBKDF2", false, ["deriveBits"]);
  const salt = source(pbkdf2.at(0, "salt", OCTET_STRING).contents);
  return new Uint8Array(await subtle().deriveBits({ name: "PBKDF2", hash, salt, iterations }, base, bytes * 8));
}
