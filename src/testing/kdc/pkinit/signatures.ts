import { encodeHex, equal } from "../../../bytes/index.ts";
import type { CryptoProvider, DigestName } from "../../../crypto/index.ts";
import type { Group } from "../../../curves/index.ts";
import { certificateTypes } from "./certificate-types.ts";
import { numberOf, octetsOf, power } from "./numbers.ts";
import { OID } from "./oids.ts";

const NULL = Uint8Array.of(5, 0);

/** The hash functions that signatures are made with, by the hexadecimal of their OBJECT IDENTIFIERs. */
export const DIGESTS: ReadonlyMap<string, DigestName> = new Map([
  [OID.sha1, "sha1"],
  [OID.sha256, "sha256"],
  [OID.sha384, "sha384"],
  [OID.sha512, "sha512"],
]);

/** What signatures are computed with: the KDC answers at once, so that WebCrypto cannot. */
export interface SignatureTools {
  readonly provider: CryptoProvider;
  readonly groups: readonly Group[];
}

/** An ECDSA signature on P-256 with SHA-256 (FIPS 186-5 section 6.4.1), in DER. */
export function signEcdsa({ provider, groups }: SignatureTools, secret: bigint, octets: Uint8Array): Uint8Array {
  const group = groups.find(({ name }) => name === "P-256") as Group;
  const { order } = group;
  const z = numberOf(provider.hash("sha256", octets));
  for (;;) {
    const k = group.draw((length) => provider.randomBytes(length));
    const r = xOf(group.base.multiply(k).encode()) % order;
    const s = (power(k, order - 2n, order) * (z + r * secret)) % order;
    if (r !== 0n && s !== 0n) return certificateTypes.encode("Ecdsa-Sig-Value", { r, s });
  }
}

/** Whether a signature is that of a SubjectPublicKeyInfo's key over octets. Throws DecodeError for what is not one. */
export function verifySignature(
  tools: SignatureTools,
  spki: Uint8Array,
  digest: DigestName,
  octets: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { algorithm, subjectPublicKey } = certificateTypes.decode("SubjectPublicKeyInfo", spki);
  const hash = tools.provider.hash(digest, octets);
  const kind = encodeHex(algorithm.algorithm);
  if (kind === OID.rsa) return verifyRsa(subjectPublicKey.octets, digest, hash, signature);
  if (kind !== OID.ecPublicKey || algorithm.parameters === undefined) return false;
  const curve = encodeHex(certificateTypes.decode("ObjectIdentifier", algorithm.parameters));
  const name = curve === OID.p256 ? "P-256" : curve === OID.p384 ? "P-384" : undefined;
  const group = tools.groups.find((one) => one.name === name);
  return group !== undefined && verifyEcdsa(group, subjectPublicKey.octets, hash, signature);
}

/** FIPS 186-5 section 6.4.2. */
function verifyEcdsa(group: Group, publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array): boolean {
  const { order, scalarBytes, base } = group;
  if (publicKey[0] !== 4 || publicKey.length !== 1 + 2 * scalarBytes) return false;
  const { r, s } = certificateTypes.decode("Ecdsa-Sig-Value", signature);
  if (r <= 0n || r >= order || s <= 0n || s >= order) return false;
  const z = numberOf(hash.subarray(0, scalarBytes));
  const inverse = power(s, order - 2n, order);
  const [u1, u2] = [(z * inverse) % order, (r * inverse) % order];
  if (u1 === 0n) return false;
  try {
    const point = base.multiply(u1).add(group.decode(compressed(publicKey, scalarBytes)).multiply(u2));
    return !point.isIdentity && xOf(point.encode()) % order === r;
  } catch {
    return false;
  }
}

/** RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2). */
function verifyRsa(publicKey: Uint8Array, digest: DigestName, hash: Uint8Array, signature: Uint8Array): boolean {
  const { modulus, publicExponent } = certificateTypes.decode("RSAPublicKey", publicKey);
  const length = Math.ceil(modulus.toString(16).length / 2);
  const value = numberOf(signature);
  if (signature.length !== length || value >= modulus) return false;
  const [algorithm = ""] = [...DIGESTS].find(([, name]) => name === digest) ?? [];
  const info = certificateTypes.encode("DigestInfo", {
    digestAlgorithm: { algorithm: octetsOf(BigInt(`0x${algorithm}`), algorithm.length / 2), parameters: NULL },
    digest: hash,
  });
  const padding = new Uint8Array(length - info.length - 3).fill(0xff);
  const expected = Uint8Array.of(0, 1, ...padding, 0, ...info);
  return equal(octetsOf(power(value, publicExponent, modulus), length), expected);
}

/** SEC 1 section 2.3.3: the curves' points are read compressed. */
function compressed(point: Uint8Array, bytes: number): Uint8Array {
  const isOdd = ((point.at(-1) ?? 0) & 1) === 1;
  return Uint8Array.of(isOdd ? 3 : 2, ...point.subarray(1, 1 + bytes));
}

function xOf(point: Uint8Array): bigint {
  return numberOf(point.subarray(1));
}
