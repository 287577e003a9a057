import { encodeText, equal } from "../../../bytes/index.ts";
import { cf2, type ProtocolKey } from "../../../crypto/index.ts";
import { KDC_OPTION, KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import { encodeEncryptedData, encodeEncryptionKey, type PaData, sealData } from "../../../krb5/index.ts";
import { refuse } from "../failure.ts";
import { anonymousName } from "../fast/reply.ts";
import type { KdcLogin, KdcMechanism } from "../mechanism.ts";
import { checkTime } from "../mechanisms/timestamp.ts";
import { isSameName } from "../names.ts";
import { agree } from "./agreement.ts";
import { openRequest } from "./client-proof.ts";
import { checkFreshness, makeFreshnessToken } from "./freshness.ts";
import type { AuthPack } from "./messages.ts";
import { makeReply } from "./reply.ts";

const none = new Uint8Array(0);

/** PKINIT (RFC 4556), by Diffie-Hellman, and without a name (RFC 8062): the KDC's half. */
export const pkinit: KdcMechanism = {
  name: "pkinit",
  type: PADATA.pkAsReq,
  isUsable: () => true,
  offer: () => none,
  also({ state, request }) {
    // RFC 8070 section 4: a token for a client that asks for one.
    const isAsked = request.padata?.some(({ padataType }) => padataType === PADATA.asFreshness) === true;
    return [
      ...(state.policy.allowAnonymous ? [{ padataType: PADATA.pkinitKx, padataValue: none }] : []),
      ...(isAsked ? [{ padataType: PADATA.asFreshness, padataValue: makeFreshnessToken(state) }] : []),
    ];
  },
  verify(login, data) {
    const { state, entry } = login;
    const { authPack, isAnonymous } = openRequest(login, data);
    if (isAnonymous) checkAnonymous(login);
    checkAuthenticator(login, authPack);
    if (!isAnonymous) checkFreshness(state, authPack.pkAuthenticator.freshnessToken);
    const agreed = agree(login, authPack);
    const etype = login.keys[0]?.etype as number;
    const { value, replyKey } = makeReply(login, etype, authPack, agreed, isAnonymous);
    entry.failures = 0;
    const isMissing = state.mischief === "pkinit-reply-missing";
    return {
      replyKey,
      padata: isMissing ? [] : [{ padataType: PADATA.pkAsRep, padataValue: value }],
      ...(isAnonymous ? { isAnonymous, sessionKey: (of: number) => sessionKey(login, replyKey, of) } : {}),
    };
  },
};

/** RFC 8062 section 4.1: nobody may sign for nobody alone, who has to be asked for. */
function checkAnonymous({ state, entry, request }: KdcLogin): void {
  const isNobody = isSameName(entry.components, anonymousName.nameString);
  const isAsked = (request.reqBody.kdcOptions & KDC_OPTION.requestAnonymous) !== 0;
  if (!isNobody || !isAsked || !state.policy.allowAnonymous) {
    refuse(KRB_ERROR.KDC_ERR_INVALID_SIG, "the AuthPack is not signed, and the client is not anonymous");
  }
}

/** What binds the signature to this request, now (RFC 4556 section 3.2.2). */
function checkAuthenticator({ state, request }: KdcLogin, { pkAuthenticator }: AuthPack): void {
  const { ctime, cusec, paChecksum, paChecksum2 } = pkAuthenticator;
  checkTime(state, new Date(ctime.getTime() + cusec / 1000));
  const { provider } = state.encTypes;
  const { octets } = request.reqBody;
  if (paChecksum === undefined && paChecksum2 === undefined) {
    refuse(KRB_ERROR.KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED, "the body's checksum is missing");
  }
  if (state.policy.requireChecksum2 && paChecksum2 === undefined) {
    refuse(KRB_ERROR.KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED, "paChecksum2 is missing");
  }
  const isRight =
    (paChecksum === undefined || equal(paChecksum, provider.hash("sha1", octets))) &&
    (paChecksum2 === undefined || equal(paChecksum2.checksum, provider.hash("sha256", octets)));
  if (!isRight) refuse(KRB_ERROR.KRB_AP_ERR_MODIFIED, "the body is not the one that was signed");
}

/** The session key of an anonymous client, and the KDC's part of it (RFC 8062 section 4.2). */
function sessionKey(
  { state }: KdcLogin,
  replyKey: ProtocolKey,
  etype: number,
): { readonly key: ProtocolKey; readonly padata: readonly PaData[] } {
  const { encTypes, mischief } = state;
  const part = encTypes.generateKey(etype);
  const key = cf2(encTypes.provider, part, replyKey, encodeText("PKINIT"), encodeText("KEYEXCHANGE"));
  if (mischief === "pkinit-kx-missing") return { key, padata: [] };
  const told = mischief === "pkinit-kx-other" ? encTypes.generateKey(etype) : part;
  const plaintext = encodeEncryptionKey({ keytype: etype, keyvalue: told.octets });
  const padataValue = encodeEncryptedData(sealData(replyKey, KEY_USAGE.pkinitKx, plaintext));
  return { key, padata: [{ padataType: PADATA.pkinitKx, padataValue }] };
}
