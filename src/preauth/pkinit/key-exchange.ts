import { encodeText, equalConstantTime } from "../../bytes/index.ts";
import { cf2, type EncTypeSet } from "../../crypto/index.ts";
import { hasName } from "../../errors.ts";
import { KEY_USAGE, PADATA } from "../../iana/index.ts";
import { decodeEncryptedData, decodeEncryptionKey, importEncryptionKey, openData } from "../../krb5/index.ts";
import type { OpenedReply } from "../mechanism.ts";
import { findPaData } from "../methods.ts";
import { kdcNotTrusted } from "./kdc-certificate.ts";

/**
 * Checks PA-PKINIT-KX (RFC 8062 section 4.2): the session key is made of one that the KDC chose and of the reply key,
 * so that nobody in between can have chosen it. An anonymous login must have it (CVE-2019-12098).
 */
export function checkKeyExchange(reply: OpenedReply, encTypes: EncTypeSet, realm: string, isNeeded: boolean): void {
  const { replyKey, sessionKey } = reply;
  const value = findPaData(reply.padata, PADATA.pkinitKx)?.padataValue;
  if (value === undefined) {
    if (isNeeded) throw kdcNotTrusted(realm, "the KDC's reply to an anonymous login has no PA-PKINIT-KX");
    return;
  }
  try {
    const octets = openData(replyKey, KEY_USAGE.pkinitKx, decodeEncryptedData(value));
    const contribution = importEncryptionKey(encTypes, decodeEncryptionKey(octets));
    const peppers = [encodeText("PKINIT"), encodeText("KEYEXCHANGE")] as const;
    const made = cf2(encTypes.provider, contribution, replyKey, ...peppers, sessionKey.encType);
    if (equalConstantTime(made.octets, sessionKey.octets)) return;
  } catch (cause) {
    if (!hasName(cause, "DecodeError") && !hasName(cause, "CryptoError")) throw cause;
    throw kdcNotTrusted(realm, "the KDC's PA-PKINIT-KX does not open", cause);
  }
  throw kdcNotTrusted(realm, "the session key is not made of the KDC's PA-PKINIT-KX and the reply key");
}
