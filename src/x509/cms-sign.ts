import { createModule, type Module, PKINIT_WORDS } from "../asn1/index.ts";
import { decodeHex } from "../bytes/index.ts";
import type { Certificate } from "./certificate.ts";
import { type Digest, OIDS } from "./oids.ts";
import { type DigestOf, digest } from "./web-crypto.ts";

export const CMS_TYPES = {
  ContentInfo: { contentType: "OBJECT IDENTIFIER", content: "[0] SignedData" },
  SignedData: {
    version: "INTEGER (3)",
    digestAlgorithms: "SET OF AlgorithmIdentifier",
    encapContentInfo: "EncapsulatedContentInfo",
    certificates: "[0] IMPLICIT SET OF ANY OPTIONAL",
    signerInfos: "SET OF SignerInfo",
  },
  EncapsulatedContentInfo: { eContentType: "OBJECT IDENTIFIER", eContent: "[0] OCTET STRING" },
  AlgorithmIdentifier: { algorithm: "OBJECT IDENTIFIER", parameters: "NULL OPTIONAL" },
  SignerInfo: {
    version: "INTEGER (1)",
    sid: "IssuerAndSerialNumber",
    digestAlgorithm: "AlgorithmIdentifier",
    signedAttrs: "[0] IMPLICIT SET OF Attribute",
    signatureAlgorithm: "AlgorithmIdentifier",
    signature: "OCTET STRING",
  },
  IssuerAndSerialNumber: { issuer: "ANY", serialNumber: "ANY" },
  Attribute: { attrType: "OBJECT IDENTIFIER", attrValues: "SET OF ANY" },
  Attributes: "SET OF Attribute",
  Oid: "OBJECT IDENTIFIER",
  Octets: "OCTET STRING",
} as const;

const module: Module<typeof CMS_TYPES> = /* @__PURE__ */ createModule(CMS_TYPES, PKINIT_WORDS);

/** The algorithms of a signature. */
interface Algorithms {
  readonly hash: Exclude<Digest, "SHA-1">;
  readonly digest: string;
  readonly rsa: string;
  readonly ecdsa: string;
}

const SHA256: Algorithms = {
  hash: "SHA-256",
  digest: OIDS.sha256,
  rsa: OIDS.sha256WithRsa,
  ecdsa: OIDS.ecdsaWithSha256,
};
const SHA384: Algorithms = {
  hash: "SHA-384",
  digest: OIDS.sha384,
  rsa: OIDS.sha384WithRsa,
  ecdsa: OIDS.ecdsaWithSha384,
};
const SHA512: Algorithms = {
  hash: "SHA-512",
  digest: OIDS.sha512,
  rsa: OIDS.sha512WithRsa,
  ecdsa: OIDS.ecdsaWithSha512,
};

/** Who signs. */
export interface CmsSigner {
  readonly certificate: Certificate;
  /** Certificates that lead from it to one that the receiver has. */
  readonly chain: readonly Certificate[];
  /** Gives the signature as CMS has it: of ECDSA the DER. */
  sign(octets: Uint8Array, hash: Exclude<Digest, "SHA-1">): Promise<Uint8Array>;
}

/**
 * Makes a ContentInfo with a SignedData of one signature (RFC 5652 section 5), or of none (RFC 8062 section 4.1: an
 * anonymous client).
 */
export async function signData(
  contentType: string,
  content: Uint8Array,
  signer: CmsSigner | undefined,
  digestOf: DigestOf = digest,
): Promise<Uint8Array> {
  const encapContentInfo = { eContentType: decodeHex(contentType), eContent: content };
  const unsigned = { version: 3, digestAlgorithms: [], encapContentInfo, signerInfos: [] };
  const signed =
    signer === undefined ? unsigned : { ...unsigned, ...(await signatureOf(contentType, content, signer, digestOf)) };
  return module.encode("ContentInfo", { contentType: decodeHex(OIDS.signedData), content: signed });
}

async function signatureOf(
  contentType: string,
  content: Uint8Array,
  { certificate, chain, sign }: CmsSigner,
  digestOf: DigestOf,
) {
  const { issuer, serialNumber, publicKey } = certificate;
  // RFC 5480 section 4: a hash as strong as the curve.
  const algorithms = publicKey.curve === "P-384" ? SHA384 : publicKey.curve === "P-521" ? SHA512 : SHA256;
  const signedAttrs = [
    attribute(OIDS.contentType, module.encode("Oid", decodeHex(contentType))),
    attribute(OIDS.messageDigest, module.encode("Octets", await digestOf(algorithms.hash, content))),
  ];
  const digestAlgorithm = { algorithm: decodeHex(algorithms.digest) };
  const isRsa = publicKey.kind === "RSA";
  const signerInfo = {
    version: 1,
    sid: { issuer, serialNumber },
    digestAlgorithm,
    signedAttrs,
    signatureAlgorithm: {
      algorithm: decodeHex(isRsa ? algorithms.rsa : algorithms.ecdsa),
      parameters: isRsa ? null : undefined,
    },
    // RFC 5652 section 5.4: over the tag of a SET.
    signature: await sign(module.encode("Attributes", signedAttrs), algorithms.hash),
  };
  return {
    digestAlgorithms: [digestAlgorithm],
    certificates: [certificate, ...chain].map(({ octets }) => octets),
    signerInfos: [signerInfo],
  };
}

function attribute(
  type: string,
  value: Uint8Array,
): { readonly attrType: Uint8Array; readonly attrValues: Uint8Array[] } {
  return { attrType: decodeHex(type), attrValues: [value] };
}
