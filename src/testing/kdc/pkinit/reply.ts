import { concat, encodeHex } from "../../../bytes/index.ts";
import type { DigestName, ProtocolKey } from "../../../crypto/index.ts";
import { NAME_TYPE } from "../../../iana/index.ts";
import { toPrincipalName } from "../../../krb5/index.ts";
import { anonymousName, anonymousRealm } from "../fast/reply.ts";
import type { KdcLogin } from "../mechanism.ts";
import type { Agreed } from "./agreement.ts";
import { newCertificate } from "./kdc-certificate.ts";
import { type AuthPack, pkinitMessages } from "./messages.ts";
import { OID, oid } from "./oids.ts";
import { encodeSignedData } from "./signed-data.ts";
import { toolsOf } from "./tools.ts";

/** Hash functions of the KDFs (RFC 8636 section 4), best first. */
const KDFS: readonly (readonly [oid: keyof typeof OID, digest: DigestName])[] = [
  ["kdfSha256", "sha256"],
  ["kdfSha512", "sha512"],
  ["kdfSha1", "sha1"],
];

/** A reply to PKINIT: the PA-DATA's value, and the key that the rest is under. */
export interface PkinitReply {
  readonly value: Uint8Array;
  readonly replyKey: ProtocolKey;
}

/** PA-PK-AS-REP (RFC 4556 section 3.2.3) and the reply key (section 3.2.3.1, RFC 8636 section 5). */
export function makeReply(
  login: KdcLogin,
  etype: number,
  { supportedKDFs = [] }: AuthPack,
  { publicKey, secret }: Agreed,
  isAnonymous: boolean,
): PkinitReply {
  const { state, request } = login;
  const { mischief } = state;
  const offered = supportedKDFs.map(({ kdfId }) => encodeHex(kdfId));
  const kdf = KDFS.find(([name]) => offered.includes(OID[name]));
  const nonce = request.reqBody.nonce >>> 0;
  const info = pkinitMessages.encode("KDCDHKeyInfo", {
    subjectPublicKey: { octets: publicKey, unusedBits: 0 },
    nonce: mischief === "pkinit-nonce" ? (nonce + 1) >>> 0 : nonce,
  });
  const signed = encodeSignedData(
    toolsOf(state),
    mischief === "pkinit-content-type" ? "authData" : "dhKeyData",
    info,
    mischief === "pkinit-unsigned" ? undefined : newCertificate(state),
  );
  // The last octet is of the signature.
  if (mischief === "pkinit-signature") signed[signed.length - 1] = (signed.at(-1) as number) ^ 1;
  const named = mischief === "pkinit-kdf" ? oid("kdfSha1") : kdf && oid(kdf[0]);
  const value =
    mischief === "pkinit-chosen-key"
      ? pkinitMessages.encode("encKeyPack", signed)
      : pkinitMessages.encode("dhInfo", {
          dhSignedData: signed,
          ...(named === undefined ? {} : { kdf: { kdfId: named } }),
        });
  const replyKey =
    kdf === undefined
      ? octetStringToKey(login, etype, secret)
      : deriveKey(login, etype, kdf, secret, { value, isAnonymous });
  return { value, replyKey };
}

/** octetstring2key (RFC 4556 section 3.2.3.1). */
function octetStringToKey(login: KdcLogin, etype: number, secret: Uint8Array): ProtocolKey {
  const { provider } = login.state.encTypes;
  return keyOf(login, etype, (index) => provider.hash("sha1", Uint8Array.of(index), secret));
}

/** RFC 8636 section 5. */
function deriveKey(
  login: KdcLogin,
  etype: number,
  [name, digest]: (typeof KDFS)[number],
  secret: Uint8Array,
  { value, isAnonymous }: { readonly value: Uint8Array; readonly isAnonymous: boolean },
): ProtocolKey {
  const { state, request, requestOctets } = login;
  const { cname, sname, realm } = request.reqBody;
  const party = (
    of: string,
    principalName = toPrincipalName({ realm: of, nameType: NAME_TYPE.unknown, components: [] }),
  ) => pkinitMessages.encode("KRB5PrincipalName", { realm: of, principalName });
  const otherInfo = pkinitMessages.encode("OtherInfo", {
    algorithmID: { algorithm: oid(name) },
    partyUInfo: isAnonymous ? party(anonymousRealm, anonymousName) : party(realm, cname),
    partyVInfo: party(realm, sname),
    suppPubInfo: pkinitMessages.encode("PkinitSuppPubInfo", { enctype: etype, asREQ: requestOctets, pkAsRep: value }),
  });
  const { provider } = state.encTypes;
  return keyOf(login, etype, (index) => provider.hash(digest, Uint8Array.of(0, 0, 0, index + 1), secret, otherInfo));
}

function keyOf({ state }: KdcLogin, etype: number, block: (index: number) => Uint8Array): ProtocolKey {
  const type = state.encTypes.get(etype);
  let seed: Uint8Array = new Uint8Array(0);
  for (let index = 0; seed.length < type.seedBytes; index++) seed = concat(seed, block(index));
  return type.importKey(state.encTypes.provider, type.randomToKey(seed.slice(0, type.seedBytes)));
}
