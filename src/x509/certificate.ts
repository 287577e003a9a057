import { equal } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { BIT_STRING, type Element, INTEGER, parseBer, SEQUENCE } from "./ber.ts";
import { type Extensions, readExtensions } from "./extensions.ts";
import { readPem } from "./pem.ts";
import { type PublicKey, readPublicKey } from "./public-key.ts";
import { RecentlyRead } from "./recently-read.ts";

/** A certificate (RFC 5280 section 4.1). Names and signed parts are octets as they were received. */
export interface Certificate {
  readonly octets: Uint8Array;
  /** What its signature is over. */
  readonly tbs: Uint8Array;
  /** The INTEGER as an element: issuers write numbers that are not DER, and the octets are what counts. */
  readonly serialNumber: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  readonly extensions: Extensions;
  /** The OBJECT IDENTIFIER of the signature's algorithm. */
  readonly signatureAlgorithm: string;
  /** Its parameters, as an element. */
  readonly signatureParameters: Uint8Array | undefined;
  readonly signature: Uint8Array;
}

const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

const known = /* @__PURE__ */ new RecentlyRead<Certificate>();

/** Reads a certificate. Throws DecodeError. */
export function decodeCertificate(octets: Uint8Array): Certificate {
  return known.find(octets) ?? known.keep(fieldsOf(parseBer(octets, "certificate").as(SEQUENCE, "certificate")));
}

/** The certificates of a text in PEM, or the one in DER. Throws DecodeError, also for a text without one. */
export function readCertificates(given: string | Uint8Array, what: string): readonly Certificate[] {
  const isCertificate = (label: string | undefined): boolean => label === undefined || label.endsWith("CERTIFICATE");
  const blocks = readPem(given, what, isCertificate);
  if (blocks.length === 0) throw new DecodeError(`neither a certificate in DER nor text with one in PEM`, 0, what);
  return blocks.map(({ octets, seal }) => {
    if (seal === undefined) return decodeCertificate(octets);
    throw new DecodeError(`a certificate that is encrypted, where it is public: give it in plain PEM`, 0, what);
  });
}

function fieldsOf(whole: Element): Certificate {
  const tbs = whole.at(0, "tbsCertificate", SEQUENCE);
  // Version 1 has neither this field nor extensions.
  const from = tbs.children[0]?.tag === 0xa0 ? 1 : 0;
  const algorithm = whole.at(1, "signatureAlgorithm", SEQUENCE);
  const signed = tbs.at(from + 1, "tbsCertificate.signature", SEQUENCE);
  // RFC 5280 section 4.1.1.2: the one that is not signed must be the one that is.
  if (!equal(algorithm.octets, signed.octets)) {
    throw new DecodeError("certificate: it names two signature algorithms", 0, "certificate");
  }
  const validity = tbs.at(from + 3, "validity", SEQUENCE);
  return {
    octets: whole.octets,
    tbs: tbs.octets,
    serialNumber: tbs.at(from, "serialNumber", INTEGER).octets,
    issuer: tbs.at(from + 2, "issuer", SEQUENCE).octets,
    subject: tbs.at(from + 4, "subject", SEQUENCE).octets,
    notBefore: timeOf(validity.at(0, "notBefore"), "notBefore"),
    notAfter: timeOf(validity.at(1, "notAfter"), "notAfter"),
    publicKey: readPublicKey(tbs.at(from + 5, "subjectPublicKeyInfo", SEQUENCE), "subjectPublicKeyInfo"),
    extensions: readExtensions(tbs.find(0xa3)?.at(0, "extensions", SEQUENCE)),
    signatureAlgorithm: algorithm.at(0, "signatureAlgorithm").oid("signatureAlgorithm"),
    signatureParameters: algorithm.children[1]?.octets,
    signature: whole.at(2, "signatureValue", BIT_STRING).bitString("signatureValue"),
  };
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 section 4.1.2.5); both with seconds, and in UTC. */
function timeOf({ tag, contents }: Element, what: string): Date {
  const text = String.fromCharCode(...contents.subarray(0, 16));
  const [, century = "", year, month, day, hour, minute, second] =
    /^(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  const isShort = tag === UTC_TIME && century === "";
  if (!isShort && (tag !== GENERALIZED_TIME || century === "")) throw new DecodeError(`not a time`, 0, what);
  const full = century === "" ? `${Number(year) < 50 ? "20" : "19"}${year}` : `${century}${year}`;
  const date = new Date(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(date.getTime())) throw new DecodeError(`not a date`, 0, what);
  return date;
}
