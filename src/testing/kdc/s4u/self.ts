import { concat, encodeText, equal } from "../../../bytes/index.ts";
import { hmacMd5Checksum, littleEndian, makeKeyedChecksum, verifyKeyedChecksum } from "../../../crypto/index.ts";
import { KDC_OPTION, KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import type { KdcReq, PaData, PrincipalName } from "../../../krb5/index.ts";
import { opened } from "../ap-req.ts";
import { answersTo } from "../database.ts";
import { refuse } from "../failure.ts";
import { type Found, findClient } from "../lookup.ts";
import type { KdcState } from "../state.ts";
import type { Shown } from "../tgs-request.ts";
import { s4uMessages } from "./messages.ts";

const USE_REPLY_KEY_USAGE = 0x20000000;

/** A user whose ticket a service asks for. */
export interface SelfRequest {
  readonly user: Found;
  /** For the reply. */
  readonly padata: readonly PaData[];
}

/** S4U2Self (MS-SFU section 3.2.5.1); undefined where a request does not ask for it. Throws KdcFailure. */
export function selfRequest(state: KdcState, request: KdcReq, shown: Shown): SelfRequest | undefined {
  const find = (type: number): Uint8Array | undefined =>
    request.padata?.find(({ padataType }) => padataType === type)?.padataValue;
  const forUser = find(PADATA.forUser);
  const x509User = find(PADATA.s4uX509User);
  if (forUser === undefined && x509User === undefined) return undefined;
  // The newer one counts where both are there (MS-SFU section 3.2.5.1.1).
  const { name, realm, padata } =
    x509User === undefined ? readForUser(state, forUser as Uint8Array, shown) : readX509User(x509User, request, shown);
  if (realm !== state.realm) {
    refuse(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN, `this realm asks no other for a user: ${realm}`);
  }
  const user = findClient(state, name, KDC_OPTION.canonicalize);
  const service = state.database.find(shown.ticket.cname.nameString);
  if (service === undefined || !answersTo(service, request.reqBody.sname?.nameString ?? [])) {
    refuse(KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN, "a service asks for a ticket of a user for itself alone");
  }
  return { user, padata: padata(user) };
}

interface Asked {
  readonly name: PrincipalName;
  readonly realm: string;
  readonly padata: (user: Found) => readonly PaData[];
}

/** PA-FOR-USER (MS-SFU section 2.2.1). */
function readForUser({ encTypes }: KdcState, octets: Uint8Array, { sessionKey }: Shown): Asked {
  const { userName, userRealm, cksum, authPackage } = opened("PA-FOR-USER", () =>
    s4uMessages.decode("PA-FOR-USER", octets),
  );
  const parts = [littleEndian(userName.nameType), ...[...userName.nameString, userRealm, authPackage].map(encodeText)];
  const { provider } = encTypes;
  const wanted = hmacMd5Checksum(provider, sessionKey.octets, KEY_USAGE.nonKerberosChecksum, concat(...parts));
  if (!equal(wanted, cksum.checksum)) refuse(KRB_ERROR.KRB_AP_ERR_MODIFIED, "the checksum of PA-FOR-USER is wrong");
  return { name: userName, realm: userRealm, padata: () => [] };
}

/** PA-S4U-X509-USER (MS-SFU section 2.2.2), and the answer to it. */
function readX509User(octets: Uint8Array, { reqBody }: KdcReq, { subkey, sessionKey }: Shown): Asked {
  const key = subkey ?? sessionKey;
  const { userId, checksum } = opened("PA-S4U-X509-USER", () => {
    const decoded = s4uMessages.decode("PA-S4U-X509-USER", octets);
    const { cksumtype, checksum: sum } = decoded.checksum;
    verifyKeyedChecksum(key, KEY_USAGE.s4uX509UserRequest, cksumtype, sum, decoded.userId.octets);
    return decoded;
  });
  if (userId.nonce !== reqBody.nonce) refuse(KRB_ERROR.KRB_AP_ERR_MODIFIED, "PA-S4U-X509-USER is of another request");
  const { cname, crealm, options = 0 } = userId;
  if (cname === undefined) refuse(KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN, "users are known by name here");
  const usage = (options & USE_REPLY_KEY_USAGE) === 0 ? KEY_USAGE.s4uX509UserRequest : KEY_USAGE.s4uX509UserReply;
  const padata = (user: Found): readonly PaData[] => {
    const answer = s4uMessages.encode("S4UUserID", { nonce: userId.nonce, cname: user.name, crealm, options });
    const padataValue = s4uMessages.encode("PA-S4U-X509-USER", {
      userId: { octets: answer },
      checksum: { ...makeKeyedChecksum(key, usage, answer), cksumtype: checksum.cksumtype },
    });
    return [{ padataType: PADATA.s4uX509User, padataValue }];
  };
  return { name: cname, realm: crealm, padata };
}
