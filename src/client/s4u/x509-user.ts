import { makeKeyedChecksum, verifyKeyedChecksum } from "../../crypto/index.ts";
import { KEY_USAGE, PADATA } from "../../iana/index.ts";
import { type PaData, type Principal, toPrincipal, toPrincipalName } from "../../krb5/index.ts";
import { findPaData, modified } from "../../preauth/index.ts";
import type { TgsReplyParts, TgsRequestParts } from "../tgs/tgs-exchange.ts";
import { s4uMessages, USE_REPLY_KEY_USAGE } from "./messages.ts";

/** Whom a service asks a ticket of: by name, by certificate, or by both. */
export interface S4uUser {
  /**
   * No components: the certificate says who it is, and the realm is the one that knows it. An empty realm is the
   * service's.
   */
  readonly name: Principal;
  /** The DER of the user's certificate. */
  readonly certificate?: Uint8Array | undefined;
}

/**
 * PA-S4U-X509-USER (MS-SFU section 2.2.2), its checksum under the authenticator's sub-key. It has the nonce of the
 * request, so that it is good for this one alone.
 */
export function x509User({ name, certificate }: S4uUser, { request, subkey }: TgsRequestParts): PaData {
  const octets = s4uMessages.encode("S4UUserID", {
    nonce: request.nonce,
    cname: name.components.length === 0 ? undefined : toPrincipalName(name),
    crealm: name.realm,
    subjectCertificate: certificate,
    options: USE_REPLY_KEY_USAGE,
  });
  const padataValue = s4uMessages.encode("PA-S4U-X509-USER", {
    userId: { octets },
    checksum: makeKeyedChecksum(subkey, KEY_USAGE.s4uX509UserRequest, octets),
  });
  return { padataType: PADATA.s4uX509User, padataValue };
}

/**
 * The user that the KDC's answer to PA-S4U-X509-USER vouches for; undefined if the KDC sent none. Throws for one that
 * is not to this request.
 */
export function confirmedUser(reply: TgsReplyParts): Principal | undefined {
  const answer = findPaData(reply.padata, PADATA.s4uX509User);
  if (answer === undefined) return undefined;
  const { userId, checksum } = s4uMessages.decode("PA-S4U-X509-USER", answer.padataValue);
  const hasReplyUsage = ((userId.options ?? 0) & USE_REPLY_KEY_USAGE) !== 0;
  const usage = hasReplyUsage ? KEY_USAGE.s4uX509UserReply : KEY_USAGE.s4uX509UserRequest;
  verifyKeyedChecksum(reply.subkey, usage, checksum.cksumtype, checksum.checksum, userId.octets);
  if (userId.nonce !== reply.request.nonce) throw modified("its PA-S4U-X509-USER answers another request");
  const { crealm, cname } = userId;
  if (cname === undefined) throw modified("its PA-S4U-X509-USER names no user");
  return toPrincipal(crealm, cname);
}
