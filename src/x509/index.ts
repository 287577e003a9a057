/**
 * Certificates (RFC 5280), signed data (RFC 5652), private keys (RFC 5958, RFC 8018) and PKCS#12 (RFC 7292): what
 * PKINIT needs of them. asn1js reads them, within bounds; signatures are by WebCrypto, over the octets as they came.
 *
 * Layer 2: it may import `asn1` and what is below it; it knows nothing of Kerberos.
 */
export { readBlock } from "./ber.ts";
export { type Certificate, decodeCertificate, readCertificates } from "./certificate.ts";
export { decodeSignedData, type SignedData, type Verified, verifySignedData } from "./cms.ts";
export { type CmsSigner, signData } from "./cms-sign.ts";
export { DIGITAL_SIGNATURE, NON_REPUDIATION } from "./extensions.ts";
export { ownProblem } from "./failure.ts";
export { type Digest, dotted, OIDS } from "./oids.ts";
export { type PathParts, pathProblem } from "./path.ts";
export { openPkcs12, type Pkcs12 } from "./pkcs12.ts";
export { type AskPassphrase, isSignedBy, type PrivateKey, readPrivateKey, signWith } from "./private-key.ts";
export { CURVE_BYTES, type Curve, type PublicKey } from "./public-key.ts";
export { derEcdsa } from "./signature.ts";
export { type DigestOf, digest, source, subtle } from "./web-crypto.ts";
