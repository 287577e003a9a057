import { decodeHex } from "../bytes/index.ts";
import { hasName } from "../errors.ts";
import { type Element, INTEGER, KEY_LIMITS, OCTET_STRING, parseBer, SEQUENCE } from "./ber.ts";
import { type OlderCiphers, wrongPassphrase } from "./cbc.ts";
import type { Certificate } from "./certificate.ts";
import { ownProblem } from "./failure.ts";
import { type Digest, dotted, OIDS } from "./oids.ts";
import { decryptSealed } from "./pbes2.ts";
import { readPem } from "./pem.ts";
import { CURVES, type Curve } from "./public-key.ts";
import { derEcdsa, signatureProblem } from "./signature.ts";
import { algorithmOf, hostKey, source, subtle } from "./web-crypto.ts";

/** A private key as PKCS#8 (RFC 5958). */
export interface PrivateKey {
  /** Absent: RSA. */
  readonly curve: Curve | undefined;
  readonly pkcs8: Uint8Array;
}

/** Gives the passphrase of an encrypted key: called once, and only if there is one. */
export type AskPassphrase = () => Promise<string>;

const WHAT = "the private key";

/**
 * Reads a private key: PKCS#8, encrypted or not, PKCS#1 (RSA) or SEC1 (EC), in DER or PEM, which may be encrypted
 * itself. Throws CredentialError `CERTIFICATE`.
 */
export async function readPrivateKey(
  given: string | Uint8Array,
  ask: AskPassphrase,
  host: OlderCiphers,
): Promise<PrivateKey> {
  try {
    const [block] = readPem(given, WHAT, (label) => label === undefined || label.endsWith("PRIVATE KEY"));
    if (block === undefined) throw ownProblem("damaged", `${WHAT} is neither DER nor text with a key in PEM`);
    const { octets, seal } = block;
    if (seal === undefined) return await keyOf(parseBer(octets, WHAT, KEY_LIMITS), ask, host);
    const { openPemBlock } = await import("./older-encryption.ts");
    const passphrase = await ask();
    const opened = await openPemBlock(octets, seal, passphrase, WHAT, host);
    return await decrypted(() => keyOf(parseBer(opened, WHAT, KEY_LIMITS), async () => passphrase, host));
  } catch (cause) {
    if (!hasName(cause, "DecodeError")) throw cause;
    throw ownProblem("damaged", `${WHAT} does not decode: give PKCS#8, PKCS#1 or SEC1, in PEM or DER`, cause);
  }
}

async function keyOf(key: Element, ask: AskPassphrase, host: OlderCiphers): Promise<PrivateKey> {
  const first = key.as(SEQUENCE, WHAT).at(0, WHAT);
  // EncryptedPrivateKeyInfo begins with its algorithm, all others with a version.
  if (first.tag === SEQUENCE) return await openEncrypted(key, await ask(), host);
  const second = key.at(1, WHAT);
  if (second.tag === SEQUENCE) return plainKey(key);
  if (second.tag === OCTET_STRING) {
    const curve = key.find(0xa0)?.at(0, "parameters").octets;
    if (curve === undefined) throw ownProblem("type", `${WHAT} names no curve: write it with openssl pkcs8 -topk8`);
    return plainKey(wrap(decodeHex(OIDS.ecPublicKey), curve, key.octets));
  }
  second.as(INTEGER, WHAT);
  return plainKey(wrap(decodeHex(OIDS.rsaEncryption), Uint8Array.of(5, 0), key.octets));
}

/** Opens an EncryptedPrivateKeyInfo (RFC 5958 section 3). Throws CredentialError `CERTIFICATE`. */
export async function openEncrypted(key: Element, passphrase: string, host: OlderCiphers): Promise<PrivateKey> {
  const algorithm = key.at(0, "encryptionAlgorithm", SEQUENCE);
  const ciphertext = key.at(1, "encryptedData", OCTET_STRING).contents;
  const octets = await decryptSealed(algorithm, ciphertext, passphrase, WHAT, host);
  return await decrypted(async () => plainKey(parseBer(octets, WHAT, KEY_LIMITS)));
}

async function decrypted(read: () => Promise<PrivateKey>): Promise<PrivateKey> {
  try {
    return await read();
  } catch (error) {
    // A wrong passphrase may leave a padding that is right by chance.
    if (!hasName(error, "DecodeError")) throw error;
    throw wrongPassphrase(WHAT);
  }
}

/** Takes a PrivateKeyInfo. Throws CredentialError `CERTIFICATE` for a kind that is not here. */
export function plainKey(key: Element): PrivateKey {
  const algorithm = key.as(SEQUENCE, WHAT).at(1, "privateKeyAlgorithm", SEQUENCE);
  const oid = algorithm.at(0, "privateKeyAlgorithm").oid("privateKeyAlgorithm");
  key.at(2, "privateKey", OCTET_STRING);
  if (oid === OIDS.rsaEncryption) return hide({ curve: undefined, pkcs8: key.octets });
  const named = oid === OIDS.ecPublicKey ? algorithm.at(1, "curve") : undefined;
  if (named?.tag === SEQUENCE) {
    throw ownProblem("type", `${WHAT} spells its curve out: write it with openssl ec -param_enc named_curve`);
  }
  const curve = named === undefined ? undefined : CURVES[named.oid("curve")];
  if (curve !== undefined) return hide({ curve, pkcs8: key.octets });
  throw ownProblem(
    "type",
    `${WHAT} is of ${dotted(oid)}, or on another curve: RSA, P-256, P-384 and P-521 are supported`,
  );
}

/** Signs with a key: RSASSA-PKCS1-v1_5, or ECDSA as DER. Throws CredentialError for a key that the host refuses. */
export async function signWith(
  privateKey: PrivateKey,
  octets: Uint8Array,
  hash: Exclude<Digest, "SHA-1">,
): Promise<Uint8Array> {
  const { curve } = privateKey;
  const algorithm = algorithmOf(curve, hash);
  const key = await signingKey(privateKey, hash);
  const signature = new Uint8Array(await subtle().sign(algorithm, key, source(octets)));
  return curve === undefined ? signature : derEcdsa(signature);
}

/** The host's key to sign with. Throws CredentialError for a key that the host refuses. */
export async function signingKey(key: PrivateKey, hash: Exclude<Digest, "SHA-1">): Promise<CryptoKey> {
  try {
    return await hostKey(key, "pkcs8", key.pkcs8, algorithmOf(key.curve, hash));
  } catch {
    throw ownProblem("damaged", `${WHAT} is not one that this host's WebCrypto takes`);
  }
}

/** Whether a signature under a certificate's key verifies: whether the key fits the certificate. */
export async function isSignedBy(
  { publicKey }: Certificate,
  octets: Uint8Array,
  hash: Exclude<Digest, "SHA-1">,
  signature: Uint8Array,
): Promise<boolean> {
  const algorithm = publicKey.kind === "RSA" ? OIDS.rsaEncryption : OIDS.ecPublicKey;
  return (await signatureProblem(publicKey, { algorithm, digest: hash, octets, signature })) === undefined;
}

/** No logger and no JSON shows the key. */
function hide(key: PrivateKey): PrivateKey {
  return Object.defineProperty(key, "pkcs8", { enumerable: false });
}

/** PrivateKeyInfo around an older form. */
function wrap(oid: Uint8Array, parameters: Uint8Array, key: Uint8Array): Element {
  const algorithm = tlv(SEQUENCE, [...tlv(0x06, [...oid]), ...parameters]);
  return parseBer(Uint8Array.from(tlv(SEQUENCE, [INTEGER, 1, 0, ...algorithm, ...tlv(OCTET_STRING, [...key])])), WHAT);
}

function tlv(tag: number, contents: readonly number[]): number[] {
  const { length } = contents;
  if (length < 0x80) return [tag, length, ...contents];
  return [tag, 0x82, length >> 8, length & 0xff, ...contents];
}
