import type { Krb5Config } from "../config/index.ts";
import { type EncType, strongEncTypes } from "../crypto/index.ts";
import { arcfourHmac, camellia128CtsCmac, camellia256CtsCmac, des3CbcSha1 } from "../legacy-enctypes/index.ts";

/** Every enctype there is, most wanted first, as MIT orders them. */
export const everyEncType: readonly EncType[] = [
  ...strongEncTypes,
  des3CbcSha1,
  arcfourHmac,
  camellia256CtsCmac,
  camellia128CtsCmac,
];

/** The enctypes that a krb5.conf may permit: RC4 and triple DES only with `allow_rc4` and `allow_des3`, as with MIT. */
export function knownTypes({ libdefaults }: Krb5Config): readonly EncType[] {
  const refused = [...(libdefaults.allowRc4 ? [] : [arcfourHmac]), ...(libdefaults.allowDes3 ? [] : [des3CbcSha1])];
  return everyEncType.filter((type) => !refused.includes(type));
}
