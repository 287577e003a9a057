import { certificateTypes } from "./certificate-types.ts";
import { identifierOf, type SigningKey } from "./issuer.ts";
import { type OID, oid } from "./oids.ts";
import { type SignatureTools, signEcdsa } from "./signatures.ts";

/** Who signs, if anybody does. */
export interface Signer {
  readonly key: SigningKey;
  readonly certificate: Uint8Array;
}

/** A ContentInfo with a SignedData (RFC 5652 sections 3 and 5). */
export function encodeSignedData(
  tools: SignatureTools,
  contentType: keyof typeof OID,
  eContent: Uint8Array,
  signer: Signer | undefined,
): Uint8Array {
  const type = oid(contentType);
  const digestAlgorithm = { algorithm: oid("sha256") };
  const common = { version: 3n, encapContentInfo: { eContentType: type, eContent } };
  const content =
    signer === undefined
      ? { ...common, digestAlgorithms: [], signerInfos: [] }
      : {
          ...common,
          digestAlgorithms: [digestAlgorithm],
          certificates: [signer.certificate],
          signerInfos: [signerInfo(tools, type, eContent, signer)],
        };
  return certificateTypes.encode("ContentInfo", { contentType: oid("signedData"), content });
}

function signerInfo(tools: SignatureTools, type: Uint8Array, content: Uint8Array, { key, certificate }: Signer) {
  const digest = tools.provider.hash("sha256", content);
  const signedAttrs = [
    { attrType: oid("contentType"), attrValues: [certificateTypes.encode("ObjectIdentifier", type)] },
    { attrType: oid("messageDigest"), attrValues: [certificateTypes.encode("Octets", digest)] },
  ];
  return {
    version: 1n,
    sid: identifierOf(certificate),
    digestAlgorithm: { algorithm: oid("sha256") },
    signedAttrs,
    signatureAlgorithm: { algorithm: oid("ecdsaWithSha256") },
    // RFC 5652 section 5.4: over the attributes with the tag of a SET.
    signature: signEcdsa(tools, key.secret, certificateTypes.encode("Attributes", signedAttrs)),
  };
}
