import { encodeHex, equal } from "../../../bytes/index.ts";
import { hasCode } from "../../../errors.ts";
import { KRB_ERROR } from "../../../iana/index.ts";
import { refuse } from "../failure.ts";
import type { KdcLogin } from "../mechanism.ts";
import { isSameName } from "../names.ts";
import { type ClientCertificate, certificateTypes } from "./certificate-types.ts";
import { decodeTime, encodeName } from "./issuer.ts";
import { type AuthPack, pkinitMessages } from "./messages.ts";
import { OID } from "./oids.ts";
import { DIGESTS, verifySignature } from "./signatures.ts";
import { authorityOf, toolsOf } from "./tools.ts";

/** What a client has said, and whether it has signed that. */
export interface ClientProof {
  readonly authPack: AuthPack;
  readonly isAnonymous: boolean;
}

/** Opens a PA-PK-AS-REQ and verifies who signed it (RFC 4556 section 3.2.2). */
export function openRequest(login: KdcLogin, value: Uint8Array): ClientProof {
  const { signedAuthPack } = read(() => pkinitMessages.decode("PA-PK-AS-REQ", value));
  const { contentType, content } = read(() => certificateTypes.decode("ContentInfo", signedAuthPack));
  if (encodeHex(contentType) !== OID.signedData) refuse(KRB_ERROR.KDC_ERR_INVALID_SIG, "not a SignedData");
  const { eContentType, eContent } = content.encapContentInfo;
  if (encodeHex(eContentType) !== OID.authData) refuse(KRB_ERROR.KDC_ERR_INVALID_SIG, "not an AuthPack (eContentType)");
  const authPack = read(() => pkinitMessages.decode("AuthPack", eContent));
  const [signer] = content.signerInfos;
  // RFC 8062 section 4.1: nobody signs for an anonymous client.
  if (signer === undefined) return { authPack, isAnonymous: true };
  const certificates = (content.certificates ?? []).flatMap((octets) => certificateOf(octets) ?? []);
  const own = certificates.find((one) => equal(identifier(one), signer.sid));
  if (own === undefined) {
    return refuse(KRB_ERROR.KDC_ERR_CANT_VERIFY_CERTIFICATE, "the certificate of the signature is not there");
  }
  checkSignature(login, signer, own, eContentType, eContent);
  checkCertificate(login, own);
  return { authPack, isAnonymous: false };
}

type Signer = ReturnType<typeof certificateTypes.decode<"SignerInfo">>;

function checkSignature(
  { state }: KdcLogin,
  signer: Signer,
  certificate: ClientCertificate,
  type: Uint8Array,
  content: Uint8Array,
): void {
  const digest = DIGESTS.get(encodeHex(signer.digestAlgorithm.algorithm));
  if (digest === undefined) refuse(KRB_ERROR.KDC_ERR_INVALID_SIG, "a digest that is not known here");
  const { provider } = state.encTypes;
  const attributes = signer.signedAttrs ?? [];
  const value = (name: keyof typeof OID): Uint8Array | undefined =>
    attributes.find(({ attrType }) => encodeHex(attrType) === OID[name])?.attrValues[0];
  const isOver =
    equal(value("contentType") ?? new Uint8Array(), certificateTypes.encode("ObjectIdentifier", type)) &&
    equal(
      value("messageDigest") ?? new Uint8Array(),
      certificateTypes.encode("Octets", provider.hash(digest, content)),
    );
  const spki = encodeSpki(certificate);
  const octets = certificateTypes.encode("Attributes", attributes);
  const isRight = read(() => verifySignature(toolsOf(state), spki, digest, octets, signer.signature));
  if (!isOver || !isRight) refuse(KRB_ERROR.KDC_ERR_INVALID_SIG, "the client's signature is wrong");
}

/** RFC 4556 section 3.2.2: a path to the authority, which is one step here, and then the client's name. */
function checkCertificate({ state, entry }: KdcLogin, certificate: ClientCertificate): void {
  const { signer } = authorityOf(state);
  const { tbsCertificate: tbs, signature } = certificate;
  const isOurs =
    equal(tbs.issuer, encodeName(signer.name)) &&
    read(() => verifySignature(toolsOf(state), signer.spki, "sha256", tbs.octets, signature.octets));
  if (!isOurs) refuse(KRB_ERROR.KDC_ERR_CANT_VERIFY_CERTIFICATE, "the certificate is not of this realm's authority");
  const now = state.now();
  if (now < decodeTime(tbs.validity.notBefore) || now > decodeTime(tbs.validity.notAfter)) {
    refuse(KRB_ERROR.KDC_ERR_INVALID_CERTIFICATE, "the certificate is not valid now");
  }
  const usages = extensionOf(certificate, "extendedKeyUsage");
  const named = usages && read(() => certificateTypes.decode("ExtKeyUsage", usages));
  if (named === undefined || !named.some((one) => encodeHex(one) === OID.clientUsage)) {
    refuse(KRB_ERROR.KDC_ERR_INCONSISTENT_KEY_PURPOSE, "the certificate is not for clients (extended key usage)");
  }
  const isClients = namesOf(certificate).some(
    ({ realm, nameString }) => realm === state.realm && isSameName(nameString, entry.components),
  );
  if (!isClients) refuse(KRB_ERROR.KDC_ERR_CLIENT_NAME_MISMATCH, "the certificate is not of this client");
}

function namesOf(certificate: ClientCertificate) {
  const value = extensionOf(certificate, "subjectAltName");
  const all = value === undefined ? [] : read(() => certificateTypes.decode("GeneralNames", value));
  return all.flatMap((name) => {
    if (name[0] !== 0xa0) return [];
    const { typeId, value: inner } = read(() => certificateTypes.decode("OtherNameInGeneralName", name));
    if (encodeHex(typeId) !== OID.principalName) return [];
    const { realm, principalName } = read(() => pkinitMessages.decode("KRB5PrincipalName", inner));
    return [{ realm, nameString: principalName.nameString }];
  });
}

function extensionOf({ tbsCertificate }: ClientCertificate, name: keyof typeof OID): Uint8Array | undefined {
  return tbsCertificate.extensions?.find(({ extnID }) => encodeHex(extnID) === OID[name])?.extnValue;
}

function encodeSpki({ tbsCertificate }: ClientCertificate): Uint8Array {
  return certificateTypes.encode("SubjectPublicKeyInfo", tbsCertificate.subjectPublicKeyInfo);
}

function identifier({ tbsCertificate: { issuer, serialNumber } }: ClientCertificate): Uint8Array {
  return certificateTypes.encode("IssuerAndSerialNumber", { issuer, serialNumber });
}

/** Undefined for one that this KDC could not have issued. */
function certificateOf(octets: Uint8Array): ClientCertificate | undefined {
  try {
    return certificateTypes.decode("Certificate", octets);
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return undefined;
  }
}

function read<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return refuse(KRB_ERROR.KDC_ERR_INVALID_SIG, "the PKINIT request does not decode");
  }
}
