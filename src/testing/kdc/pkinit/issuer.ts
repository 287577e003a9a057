import { concat, encodeText } from "../../../bytes/index.ts";
import { certificateTypes } from "./certificate-types.ts";
import { pkinitMessages } from "./messages.ts";
import { numberOf } from "./numbers.ts";
import { type OID, oid } from "./oids.ts";
import { type SignatureTools, signEcdsa } from "./signatures.ts";

/** A key on P-256 and the name that it signs for. */
export interface SigningKey {
  readonly name: string;
  readonly secret: bigint;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
}

/** A principal in a certificate (RFC 4556 section 3.2.2). */
export interface CertifiedName {
  readonly realm: string;
  readonly nameType: number;
  readonly nameString: readonly string[];
}

/** What a certificate says. */
export interface CertificateParts {
  readonly subject: string;
  readonly spki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly isAuthority?: boolean;
  readonly usage?: "clientUsage" | "kdcUsage" | undefined;
  readonly names?: readonly CertifiedName[];
}

const KEY_CERT_SIGN = { octets: Uint8Array.of(0x06), unusedBits: 1 };
const DIGITAL_SIGNATURE = { octets: Uint8Array.of(0x80), unusedBits: 7 };

/** Makes a certificate (RFC 5280 section 4.1) and signs it. */
export function issueCertificate(tools: SignatureTools, issuer: SigningKey, parts: CertificateParts): Uint8Array {
  const { subject, spki, notBefore, notAfter, isAuthority = false, usage, names = [] } = parts;
  const extension = (name: keyof typeof OID, extnValue: Uint8Array, critical = false) => ({
    extnID: oid(name),
    critical,
    extnValue,
  });
  const algorithm = { algorithm: oid("ecdsaWithSha256") };
  const tbs = certificateTypes.encode("TBSCertificate", {
    version: 2,
    serialNumber: numberOf(tools.provider.randomBytes(15)) + 1n,
    signature: algorithm,
    issuer: encodeName(issuer.name),
    validity: { notBefore: encodeTime(notBefore), notAfter: encodeTime(notAfter) },
    subject: encodeName(subject),
    subjectPublicKeyInfo: certificateTypes.decode("SubjectPublicKeyInfo", spki),
    extensions: [
      extension("basicConstraints", certificateTypes.encode("BasicConstraints", { cA: isAuthority }), isAuthority),
      extension(
        "keyUsage",
        certificateTypes.encode("BitString", isAuthority ? KEY_CERT_SIGN : DIGITAL_SIGNATURE),
        isAuthority,
      ),
      ...(usage === undefined
        ? []
        : [extension("extendedKeyUsage", certificateTypes.encode("ExtKeyUsage", [oid(usage)]))]),
      ...(names.length === 0
        ? []
        : [extension("subjectAltName", certificateTypes.encode("GeneralNames", names.map(encodeOtherName)))]),
    ],
  });
  const signature = { octets: signEcdsa(tools, issuer.secret, tbs), unusedBits: 0 };
  return certificateTypes.encode("Certificate", {
    tbsCertificate: { octets: tbs },
    signatureAlgorithm: algorithm,
    signature,
  });
}

/** A name with a CN. */
export function encodeName(commonName: string): Uint8Array {
  return certificateTypes.encode("Name", [[{ type: oid("commonName"), value: commonName }]]);
}

/** The number of a certificate and the name of its issuer (RFC 5652 section 10.2.4). */
export function identifierOf(certificate: Uint8Array): Uint8Array {
  const { issuer, serialNumber } = certificateTypes.decode("Certificate", certificate).tbsCertificate;
  return certificateTypes.encode("IssuerAndSerialNumber", { issuer, serialNumber });
}

function encodeOtherName({ realm, nameType, nameString }: CertifiedName): Uint8Array {
  const value = pkinitMessages.encode("KRB5PrincipalName", { realm, principalName: { nameType, nameString } });
  return certificateTypes.encode("OtherNameInGeneralName", { typeId: oid("principalName"), value });
}

/** UTCTime until 2049, and from then on GeneralizedTime (RFC 5280 section 4.1.2.5). */
function encodeTime(time: Date): Uint8Array {
  const digits = `${time.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;
  const isShort = time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050;
  const text = encodeText(isShort ? digits.slice(2) : digits);
  return concat(Uint8Array.of(isShort ? 0x17 : 0x18, text.length), text);
}

/** The time of a certificate. Throws RangeError for one that is not a date. */
export function decodeTime(element: Uint8Array): Date {
  const text = new TextDecoder().decode(element.subarray(2));
  const full = element[0] === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) throw new RangeError("not a time");
  return date;
}
