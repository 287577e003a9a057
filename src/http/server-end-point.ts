import { encodeHex } from "../bytes/index.ts";
import { tlsServerEndPoint } from "../gssapi/index.ts";

/** Signature algorithms of certificates by their object identifier, with the hash of each (RFC 5929 section 4.1). */
const HASHES: Readonly<Record<string, string>> = {
  // RSA with MD5, SHA-1 (SHA-256 in their place), SHA-256, SHA-384, SHA-512.
  "2a864886f70d010104": "SHA-256",
  "2a864886f70d010105": "SHA-256",
  "2a864886f70d01010b": "SHA-256",
  "2a864886f70d01010c": "SHA-384",
  "2a864886f70d01010d": "SHA-512",
  // ECDSA with SHA-1 (likewise), SHA-256, SHA-384, SHA-512.
  "2a8648ce3d0401": "SHA-256",
  "2a8648ce3d040302": "SHA-256",
  "2a8648ce3d040303": "SHA-384",
  "2a8648ce3d040304": "SHA-512",
};

/**
 * The `tls-server-end-point` bindings of a certificate (RFC 5929 section 4); undefined for one whose signature has no
 * hash function that the RFC knows.
 */
export async function serverEndPoint(certificate: Uint8Array): Promise<Uint8Array | undefined> {
  const name = HASHES[signatureAlgorithm(certificate)];
  if (name === undefined) return undefined;
  return tlsServerEndPoint(new Uint8Array(await crypto.subtle.digest(name, certificate as Uint8Array<ArrayBuffer>)));
}

/** The second element of a Certificate (RFC 5280 section 4.1): its object identifier, as hexadecimal. */
function signatureAlgorithm(certificate: Uint8Array): string {
  const whole = contentsAt(certificate, 0);
  const algorithm = contentsAt(certificate, contentsAt(certificate, whole.start).end);
  const identifier = contentsAt(certificate, algorithm.start);
  return encodeHex(certificate.subarray(identifier.start, identifier.end));
}

/** TLS has checked the certificate: what is not DER gives octets that match no algorithm. */
function contentsAt(octets: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  let length = octets[at + 1] ?? 0;
  let start = at + 2;
  if (length > 0x80) {
    const lengthEnd = start + (length & 0x7f);
    length = 0;
    for (; start < lengthEnd; start++) length = length * 256 + (octets[start] ?? 0);
  }
  return { start, end: start + length };
}
