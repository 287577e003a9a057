import { DecodeError } from "../errors.ts";
import { BIT_STRING, type Element, INTEGER, KEY_LIMITS, parseBer, SEQUENCE } from "./ber.ts";
import { dotted, OIDS } from "./oids.ts";

/** The key of a certificate (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7). */
export interface PublicKey {
  readonly kind: "RSA" | "ECDSA" | "other";
  /** Of RSA: bits of the modulus. */
  readonly bits: number;
  /** Of ECDSA: the curve as WebCrypto names it; undefined for one that is not here. */
  readonly curve: Curve | undefined;
  /** SubjectPublicKeyInfo, as received. */
  readonly spki: Uint8Array;
  /** The octets of the key, which the identifier of RFC 5280 section 4.2.1.2 is a digest of. */
  readonly octets: Uint8Array;
}

/** A curve of NIST, as WebCrypto names it. */
export type Curve = "P-256" | "P-384" | "P-521";

export const CURVES: Readonly<Record<string, Curve>> = {
  [OIDS.p256]: "P-256",
  [OIDS.p384]: "P-384",
  [OIDS.p521]: "P-521",
};

/** Octets of a number modulo the order of a curve. */
export const CURVE_BYTES: Readonly<Record<Curve, number>> = { "P-256": 32, "P-384": 48, "P-521": 66 };

export function readPublicKey(element: Element, what: string): PublicKey {
  const algorithm = element.at(0, `${what}.algorithm`, SEQUENCE);
  const oid = algorithm.at(0, `${what}.algorithm`).oid(`${what}.algorithm`);
  const octets = element.at(1, `${what}.subjectPublicKey`, BIT_STRING).bitString(`${what}.subjectPublicKey`);
  const common = { spki: element.octets, octets, bits: 0, curve: undefined };
  if (oid === OIDS.rsaEncryption) return { ...common, kind: "RSA", bits: modulusBits(octets, what) };
  if (oid !== OIDS.ecPublicKey) return { ...common, kind: "other" };
  // RFC 5480 section 2.1.1: a curve by its name, never by its parameters (CVE-2020-0601).
  return { ...common, kind: "ECDSA", curve: CURVES[algorithm.at(1, `${what}.algorithm`).oid(`${what}.curve`)] };
}

/** Why a key is too weak or of a kind that is not here; undefined if it will do. */
export function weaknessOf({ kind, bits, curve }: PublicKey): string | undefined {
  if (kind === "RSA")
    return bits < 2048 || bits > 16_384 ? `an RSA key of ${bits} bits, 2048 to 16384 allowed` : undefined;
  if (kind === "ECDSA") return curve === undefined ? "a key on a curve other than P-256, P-384 and P-521" : undefined;
  return "a key that is neither RSA nor ECDSA";
}

function modulusBits(octets: Uint8Array, what: string): number {
  const { contents } = parseBer(octets, what, KEY_LIMITS).as(SEQUENCE, what).at(0, `${what}.modulus`, INTEGER);
  const [first = 0] = contents;
  if (first >= 0x80) throw new DecodeError(`a modulus below zero`, 0, what);
  const significant = first === 0 ? contents.subarray(1) : contents;
  return significant.length === 0 ? 0 : significant.length * 8 - Math.clz32(significant[0] as number) + 24;
}

/** A signature algorithm that is not here, in words. */
export function unknownAlgorithm(oid: string): string {
  return `the signature algorithm ${dotted(oid)}, which is not supported`;
}
