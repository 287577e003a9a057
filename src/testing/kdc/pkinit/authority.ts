import { decodeBase64, encodeBase64 } from "../../../bytes/index.ts";
import { UnsupportedError } from "../../../errors.ts";
import { type CertifiedName, issueCertificate, type SigningKey } from "./issuer.ts";
import { numberOf } from "./numbers.ts";
import type { SignatureTools } from "./signatures.ts";

/** The authority of a realm, and its KDC's own key. */
export interface Authority {
  readonly signer: SigningKey;
  readonly certificate: Uint8Array;
  readonly kdc: SigningKey;
}

/** What a certificate that the realm issues is to say. */
export interface IssueCertificateParts {
  readonly algorithm: "EC" | "RSA";
  readonly subject: string;
  readonly names: readonly CertifiedName[];
  readonly usage: "clientUsage" | "kdcUsage" | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const DAY_MS = 86_400_000;

/** Makes an authority for a realm. */
export async function createAuthority(tools: SignatureTools, realm: string, now: Date): Promise<Authority> {
  const signer = await newSigningKey(`Test authority of ${realm}`);
  const kdc = await newSigningKey(`KDC of ${realm}`);
  const { spki } = signer;
  const certificate = issueCertificate(tools, signer, {
    subject: signer.name,
    spki,
    ...validityFrom(now),
    isAuthority: true,
  });
  return { signer, certificate, kdc };
}

/** A day before and ten years after. */
export function validityFrom(now: Date): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(now.getTime() - DAY_MS), notAfter: new Date(now.getTime() + 3650 * DAY_MS) };
}

/** Makes a key that signs here: on P-256. */
export async function newSigningKey(name: string): Promise<SigningKey> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await subtle().generateKey(algorithm, true, ["sign", "verify"]);
  const { d = "" } = await subtle().exportKey("jwk", pair.privateKey);
  const spki = new Uint8Array(await subtle().exportKey("spki", pair.publicKey));
  const text = d.replace(/-/g, "+").replace(/_/g, "/");
  return { name, secret: numberOf(decodeBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "="))), spki };
}

/** A certificate of the authority with its new key, both in PEM. */
export async function issueWithKey(
  tools: SignatureTools,
  { signer }: Authority,
  { algorithm, ...parts }: IssueCertificateParts,
): Promise<{ readonly certificate: string; readonly key: string }> {
  const wanted =
    algorithm === "EC"
      ? { name: "ECDSA", namedCurve: "P-256" }
      : {
          name: "RSASSA-PKCS1-v1_5",
          hash: "SHA-256",
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
        };
  const pair = (await subtle().generateKey(wanted, true, ["sign", "verify"])) as CryptoKeyPair;
  const spki = new Uint8Array(await subtle().exportKey("spki", pair.publicKey));
  const key = new Uint8Array(await subtle().exportKey("pkcs8", pair.privateKey));
  return {
    certificate: pem("CERTIFICATE", issueCertificate(tools, signer, { ...parts, spki })),
    key: pem("PRIVATE KEY", key),
  };
}

/** Keys are made by WebCrypto, when a realm or a certificate is made: the KDC itself answers at once. */
function subtle(): SubtleCrypto {
  const found = (globalThis as { readonly crypto?: Crypto }).crypto?.subtle;
  if (found !== undefined) return found;
  throw new UnsupportedError("PKINIT of a test realm needs WebCrypto, which this host has not: use a newer one");
}

/** A block of PEM (RFC 7468). */
export function pem(label: string, octets: Uint8Array): string {
  const lines = encodeBase64(octets).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
