import { DecodeError } from "../errors.ts";
import { INTEGER, KEY_LIMITS, parseBer, SEQUENCE } from "./ber.ts";
import { type Digest, OIDS } from "./oids.ts";
import { readPss } from "./pss.ts";
import { CURVE_BYTES, type PublicKey, unknownAlgorithm, weaknessOf } from "./public-key.ts";
import { algorithmOf, hostKey, type KeyAlgorithm, source, subtle } from "./web-crypto.ts";

/** The hash and the kind of key of a signature algorithm (RFC 5754, RFC 5480). */
const ALGORITHMS: Readonly<Record<string, readonly [kind: "RSA" | "ECDSA", hash: Digest]>> = {
  [OIDS.sha1WithRsa]: ["RSA", "SHA-1"],
  [OIDS.sha256WithRsa]: ["RSA", "SHA-256"],
  [OIDS.sha384WithRsa]: ["RSA", "SHA-384"],
  [OIDS.sha512WithRsa]: ["RSA", "SHA-512"],
  [OIDS.ecdsaWithSha1]: ["ECDSA", "SHA-1"],
  [OIDS.ecdsaWithSha256]: ["ECDSA", "SHA-256"],
  [OIDS.ecdsaWithSha384]: ["ECDSA", "SHA-384"],
  [OIDS.ecdsaWithSha512]: ["ECDSA", "SHA-512"],
};

/** A signature and what it is over. */
export interface Signed {
  /** The OBJECT IDENTIFIER of the algorithm; of CMS it may be that of the key (RFC 5652 section 5.3). */
  readonly algorithm: string;
  /** Its parameters, of a certificate: RSASSA-PSS has its hash there. */
  readonly parameters?: Uint8Array | undefined;
  /** The hash where the algorithm names none. */
  readonly digest?: Digest;
  readonly octets: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Why a signature does not count; undefined if it is good. In CMS more is taken: SHA-1, since what is signed there has
 * our nonce or key in it, so that nobody can have prepared a second; and an algorithm whose kind is not the key's, as
 * MIT krb5 1.20 writes that of RSA beside an ECDSA signature. The key decides.
 */
export async function signatureProblem(
  key: PublicKey,
  { algorithm, parameters, digest, octets, signature }: Signed,
  isInCms = false,
): Promise<string | undefined> {
  const byKey = algorithm === OIDS.rsaEncryption ? "RSA" : algorithm === OIDS.ecPublicKey ? "ECDSA" : undefined;
  const pss = algorithm === OIDS.rsaPss ? readPss(parameters) : undefined;
  const [kind, hash] = pss === undefined ? (ALGORITHMS[algorithm] ?? [byKey, digest]) : (["RSA", pss.hash] as const);
  if (kind === undefined || hash === undefined) return unknownAlgorithm(algorithm);
  if (digest !== undefined && digest !== hash) return "a signature under another digest than the message's";
  if (hash === "SHA-1" && !isInCms) return "a signature with SHA-1, for which collisions are made";
  const weakness = weaknessOf(key);
  if (weakness !== undefined) return weakness;
  if (kind !== key.kind && !isInCms) return `a signature of ${kind} under a key of ${key.kind}`;
  return (await isGood(key, algorithmOf(key.curve, hash, pss?.saltLength), octets, signature))
    ? undefined
    : "its signature does not verify";
}

async function isGood(
  key: PublicKey,
  algorithm: KeyAlgorithm,
  octets: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { curve } = key;
  try {
    const verifying = await hostKey(key, "spki", key.spki, algorithm);
    const raw = curve === undefined ? signature : rawEcdsa(signature, CURVE_BYTES[curve]);
    return await subtle().verify(algorithm, verifying, source(raw), source(octets));
  } catch {
    // A key or signature that the host does not take is not a good one.
    return false;
  }
}

/** The two numbers of an ECDSA signature, joined, of its DER (RFC 3279 section 2.2.3). Throws DecodeError. */
export function rawEcdsa(der: Uint8Array, bytes: number): Uint8Array {
  const numbers = parseBer(der, "signature", KEY_LIMITS).as(SEQUENCE, "signature");
  const raw = new Uint8Array(2 * bytes);
  for (const [i, what] of ["r", "s"].entries()) {
    const { contents } = numbers.at(i, what, INTEGER);
    const digits = contents[0] === 0 ? contents.subarray(1) : contents;
    if (digits.length > bytes || (contents[0] as number) >= 0x80) throw new DecodeError(`out of range`, 0, what);
    raw.set(digits, (i + 1) * bytes - digits.length);
  }
  return raw;
}

/** The DER of an ECDSA signature of its two numbers, joined. */
export function derEcdsa(raw: Uint8Array): Uint8Array {
  const numbers = [0, 1].map((i) => {
    const half = raw.subarray((i * raw.length) / 2, ((i + 1) * raw.length) / 2);
    const first = half.findIndex((octet) => octet !== 0);
    const digits = first < 0 ? half.subarray(-1) : half.subarray(first);
    return (digits[0] as number) >= 0x80
      ? [INTEGER, digits.length + 1, 0, ...digits]
      : [INTEGER, digits.length, ...digits];
  });
  const contents = numbers.flat();
  const header = contents.length < 0x80 ? [SEQUENCE, contents.length] : [SEQUENCE, 0x81, contents.length];
  return Uint8Array.from([...header, ...contents]);
}
