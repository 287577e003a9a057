import type { ProtocolKey } from "../../crypto/index.ts";
import { hasName } from "../../errors.ts";
import { ANONYMOUS } from "../../krb5/index.ts";
import { decodeSignedData, type SignedData, verifySignedData } from "../../x509/index.ts";
import type { PkinitIdentity } from "../identity.ts";
import type { LoginContext, PreauthReply } from "../mechanism.ts";
import { digestBy } from "./digest.ts";
import type { Agreement } from "./group.ts";
import { checkKdcCertificate, kdcNotTrusted } from "./kdc-certificate.ts";
import { deriveKey, octetStringToKey } from "./kdf.ts";
import { decodePkinit } from "./messages.ts";
import type { ReadyIdentity } from "./ready-identity.ts";

/** id-pkinit-DHKeyData. */
const DH_KEY_DATA = "2b060105020302";

/** What a reply is held against. */
export interface ReplyParts {
  readonly login: LoginContext;
  readonly identity: PkinitIdentity;
  readonly ready: ReadyIdentity;
  readonly agreement: Agreement;
  /** The nonce of the request. */
  readonly nonce: number;
  readonly now: Date;
}

/**
 * Verifies a PA-PK-AS-REP (RFC 4556 section 3.2.4) and makes the reply key. Throws PreauthError `KDC_NOT_TRUSTED`, or
 * DecodeError.
 */
export async function openReply(value: Uint8Array, reply: PreauthReply, parts: ReplyParts): Promise<ProtocolKey> {
  const { login, agreement, nonce } = parts;
  const { realm } = login.client;
  const { dhInfo } = decodePkinit("PA-PK-AS-REP", value);
  if (dhInfo === undefined) {
    throw kdcNotTrusted(realm, "the KDC chose the key itself (encKeyPack), where an agreement was asked for");
  }
  if (dhInfo.serverDHNonce !== undefined)
    throw kdcNotTrusted(realm, "the KDC uses a key again, which was not asked for");
  const info = decodePkinit("KDCDHKeyInfo", await verifiedContent(decodeSignedData(dhInfo.dhSignedData), parts));
  // Nothing else binds an old reply to this request where the KDC has no KDF of RFC 8636.
  if (info.nonce !== nonce)
    throw kdcNotTrusted(realm, "the KDC's key is an answer to another request: its nonce differs");
  const secret = await agreement.agree(info.subjectPublicKey.octets);
  const { etype } = reply;
  if (dhInfo.kdf === undefined) return octetStringToKey(login.encTypes, etype, secret);
  const isAnonymous = parts.ready.signer === undefined;
  return deriveKey(login.encTypes, dhInfo.kdf.kdfId, secret, {
    client: isAnonymous ? ANONYMOUS : login.client,
    server: login.service,
    etype,
    asReq: reply.requestOctets,
    pkAsRep: value,
  });
}

/** What the KDC signed. */
async function verifiedContent(data: SignedData, { login, ready, identity, now }: ReplyParts): Promise<Uint8Array> {
  const { realm } = login.client;
  if (data.contentType !== DH_KEY_DATA)
    throw kdcNotTrusted(realm, "the KDC signed something else than a key (eContentType)");
  let verified: Awaited<ReturnType<typeof verifySignedData>>;
  try {
    verified = await verifySignedData(data, ready.pool, digestBy(login.encTypes.provider));
  } catch (cause) {
    if (!hasName(cause, "DecodeError")) throw cause;
    throw kdcNotTrusted(realm, "the KDC's signature does not decode", cause);
  }
  const { signer, problem } = verified;
  if (signer === undefined) throw kdcNotTrusted(realm, `the signature of the KDC of ${realm} is refused: ${problem}`);
  await checkKdcCertificate({ certificate: signer, sent: data.certificates }, realm, ready, identity, now);
  login.trace({ type: "check", what: "PKINIT: the KDC's signature, its certificate, its path and name, our nonce" });
  return data.content;
}
