import { encodeText } from "../../bytes/index.ts";
import { type EncTypeSet, hmacMd5Checksum, littleEndian, type ProtocolKey } from "../../crypto/index.ts";
import { CHECKSUM, KEY_USAGE, PADATA } from "../../iana/index.ts";
import { type PaData, type Principal, toPrincipalName } from "../../krb5/index.ts";
import { s4uMessages } from "./messages.ts";

const PACKAGE = "Kerberos";

/**
 * PA-FOR-USER (MS-SFU section 2.2.1): whose ticket is asked for. Its checksum is HMAC-MD5 under the session key,
 * whatever enctype that has.
 */
export function forUser(user: Principal, sessionKey: ProtocolKey, { provider }: EncTypeSet): PaData {
  const { realm, nameType, components } = user;
  const checksum = hmacMd5Checksum(
    provider,
    sessionKey.octets,
    KEY_USAGE.nonKerberosChecksum,
    littleEndian(nameType),
    ...[...components, realm, PACKAGE].map(encodeText),
  );
  const padataValue = s4uMessages.encode("PA-FOR-USER", {
    userName: toPrincipalName(user),
    userRealm: realm,
    cksum: { cksumtype: CHECKSUM.hmacMd5, checksum },
    authPackage: PACKAGE,
  });
  return { padataType: PADATA.forUser, padataValue };
}
