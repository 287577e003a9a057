import { encodeHex, equal } from "../bytes/index.ts";
import { DecodeError } from "../errors.ts";
import { BER_LIMITS, type Element, OCTET_STRING, parseBer, SEQUENCE, SET } from "./ber.ts";
import { type Certificate, decodeCertificate } from "./certificate.ts";
import { DIGESTS, dotted, OIDS } from "./oids.ts";
import { signatureProblem } from "./signature.ts";
import { type DigestOf, digest } from "./web-crypto.ts";

/** A SignedData (RFC 5652 section 5.1), read and not verified. */
export interface SignedData {
  /** The OBJECT IDENTIFIER of what is signed. */
  readonly contentType: string;
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly signers: readonly Element[];
}

const CERTIFICATES = 0xa0;
/** ContentInfo, content, SignedData, certificates. Those that were read before are not read again. */
const AROUND_CERTIFICATES = [SEQUENCE, 0xa0, SEQUENCE, CERTIFICATES];
const SIGNED_ATTRIBUTES = 0xa0;
const MAX_CERTIFICATES = 16;

/** Reads a ContentInfo with a SignedData. Throws DecodeError. */
export function decodeSignedData(octets: Uint8Array): SignedData {
  const info = parseBer(octets, "ContentInfo", BER_LIMITS, AROUND_CERTIFICATES).as(SEQUENCE, "ContentInfo");
  const type = info.at(0, "contentType").oid("contentType");
  if (type !== OIDS.signedData)
    throw new DecodeError(`ContentInfo: SignedData expected, ${dotted(type)} found`, 0, "CMS");
  const signed = info.at(1, "content", 0xa0).at(0, "SignedData", SEQUENCE);
  const encapsulated = signed.at(2, "encapContentInfo", SEQUENCE);
  const content = encapsulated.at(1, "eContent", 0xa0).at(0, "eContent");
  if (content.tag !== OCTET_STRING && content.tag !== (OCTET_STRING | 0x20)) content.as(OCTET_STRING, "eContent");
  const given = (signed.find(CERTIFICATES)?.children ?? []).filter(({ tag }) => tag === SEQUENCE);
  if (given.length > MAX_CERTIFICATES) {
    throw new DecodeError(`SignedData: ${given.length} certificates, ${MAX_CERTIFICATES} allowed`, 0, "CMS");
  }
  return {
    contentType: encapsulated.at(0, "eContentType").oid("eContentType"),
    content: content.octetString(),
    certificates: given.map((one) => decodeCertificate(one.octets)),
    signers: signed.at(signed.children.length - 1, "signerInfos", SET).children,
  };
}

/** Who signed, or why the signature does not count. */
export type Verified =
  | { readonly signer: Certificate; readonly problem?: never }
  | { readonly problem: string; readonly signer?: never };

/**
 * Verifies the one signature of a SignedData (RFC 5652 section 5.6) over the octets as they were received, and not yet
 * whom its certificate is of. `more` are certificates beside those that came with it.
 */
export async function verifySignedData(
  data: SignedData,
  more: readonly Certificate[] = [],
  digestOf: DigestOf = digest,
): Promise<Verified> {
  const [info] = data.signers;
  if (info === undefined || data.signers.length > 1)
    return { problem: `it has ${data.signers.length} signatures, one expected` };
  const signer = [...data.certificates, ...more].find((one) => isSigner(one, info.at(1, "sid")));
  if (signer === undefined) return { problem: "the certificate of its signature is missing" };
  const algorithm = info.at(2, "digestAlgorithm", SEQUENCE).at(0, "digestAlgorithm").oid("digestAlgorithm");
  const name = DIGESTS[algorithm];
  if (name === undefined) return { problem: `its digest ${dotted(algorithm)} is not supported` };
  // RFC 5652 section 5.3: attributes must be there for anything but plain data.
  const attributes = info.at(3, "signedAttrs", SIGNED_ATTRIBUTES);
  const type = attributeOf(attributes, OIDS.contentType)?.oid("contentType");
  if (type !== data.contentType) return { problem: "its signature is over another type of contents" };
  const hash = attributeOf(attributes, OIDS.messageDigest)?.as(OCTET_STRING, "messageDigest").contents;
  if (hash === undefined || !equal(hash, await digestOf(name, data.content))) {
    return { problem: "its signature is over other contents (messageDigest)" };
  }
  // Section 5.4: over the tag of a SET, and not over the one that it travels with.
  const octets = Uint8Array.from(attributes.octets);
  octets[0] = SET;
  const problem = await signatureProblem(
    signer.publicKey,
    {
      algorithm: info.at(4, "signatureAlgorithm", SEQUENCE).at(0, "signatureAlgorithm").oid("signatureAlgorithm"),
      digest: name,
      octets,
      signature: info.at(5, "signature", OCTET_STRING).contents,
    },
    true,
  );
  return problem === undefined ? { signer } : { problem };
}

/** By issuer and number, or by the key's identifier, which Heimdal and Samba wrap once more. */
function isSigner({ issuer, serialNumber, extensions }: Certificate, sid: Element): boolean {
  if (sid.tag === SEQUENCE) {
    return equal(issuer, sid.at(0, "issuer").octets) && equal(serialNumber, sid.at(1, "serialNumber").octets);
  }
  const wanted = sid.tag === 0xa0 ? sid.at(0, "subjectKeyIdentifier", OCTET_STRING) : sid.as(0x80, "sid");
  const { subjectKeyIdentifier } = extensions;
  return subjectKeyIdentifier !== undefined && equal(subjectKeyIdentifier, wanted.contents);
}

/** The value of an attribute that is there once, with one value (RFC 5652 section 11). */
function attributeOf(attributes: Element, oid: string): Element | undefined {
  const found = attributes.children.filter((one) => encodeHex(one.at(0, "attrType").contents) === oid);
  const values = found.flatMap((one) => one.at(1, "attrValues", SET).children);
  if (found.length > 1 || values.length > 1) throw new DecodeError("signedAttrs: an attribute twice", 0, "CMS");
  return values[0];
}
