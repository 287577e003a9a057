import { Reader } from "../bytes/index.ts";
import { checkObject, checkOctets, refuse } from "../checks/index.ts";
import type { ProtocolKey } from "../crypto/index.ts";
import { CryptoError } from "../errors.ts";
import { KEY_USAGE } from "../iana/index.ts";
import { decodeNdr, lastArray, octets, struct, text } from "./ndr.ts";

/** PAC_CREDENTIAL_INFO (MS-PAC section 2.6.1): what another protocol needs of the user after a login by certificate. */
export interface PacCredentials {
  /** The enctype that they are encrypted with. */
  readonly etype: number;
  /** The encrypted octets, a view. */
  readonly cipher: Uint8Array;
}

/** What one protocol needs (MS-PAC section 2.6.3). It is as good as a password. */
export interface PackageCredentials {
  /** The protocol, for example `NTLM`. */
  readonly packageName: string;
  /** What it needs: for NTLM an NTLM_SUPPLEMENTAL_CREDENTIAL. */
  readonly octets: Uint8Array;
}

const PACKAGE = /* @__PURE__ */ struct<PackageCredentials>({ packageName: text, octets });

export function decodeCredentials(buffer: Uint8Array): PacCredentials {
  const reader = new Reader(buffer, "PAC_CREDENTIAL_INFO", { littleEndian: true });
  if (reader.uint32() !== 0) reader.fail("credentials of another version than 0", "version");
  return { etype: reader.uint32(), cipher: reader.bytes(reader.remaining) };
}

/**
 * Decrypts the credentials in a PAC (MS-PAC section 2.6): the key is the one of the AS reply, so that the client alone
 * can read them, who logged in with a certificate.
 *
 * @param credentials what {@link decodePac} gave
 * @param replyKey the key of the AS reply
 * @returns what each protocol needs; keep it from logs
 * @throws CryptoError `INTEGRITY` or `ETYPE_NOT_PERMITTED` for another key; DecodeError for octets that are not
 *   credentials: the KDC's fault
 * @example
 * ```ts
 * import { decodePac, openPacCredentials } from "krb5-remctl/pac";
 *
 * const { credentials } = decodePac(octets);
 * const names = credentials && openPacCredentials(credentials, replyKey).map((one) => one.packageName);
 * ```
 */
export function openPacCredentials(credentials: PacCredentials, replyKey: ProtocolKey): readonly PackageCredentials[] {
  checkObject("credentials", credentials);
  const { etype, cipher } = credentials;
  checkOctets("credentials.cipher", cipher);
  if (typeof Object(Object(replyKey).encType).etype !== "number")
    refuse("replyKey", replyKey, "the key of the AS reply");
  if (replyKey.encType.etype !== etype) {
    throw new CryptoError(
      "ETYPE_NOT_PERMITTED",
      `the credentials in the PAC are of enctype ${etype}, the key is of ${replyKey.encType.name}: give the key of the AS reply`,
      { etype },
    );
  }
  const plain = replyKey.usage(KEY_USAGE.nonKerberosSalt).decrypt(cipher);
  return decodeNdr(plain, "PAC_CREDENTIAL_DATA", lastArray(16, PACKAGE));
}
