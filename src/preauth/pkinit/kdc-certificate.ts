import { hasName, PreauthError } from "../../errors.ts";
import { equalPrincipals, tgsPrincipal, toPrincipal } from "../../krb5/index.ts";
import { type Certificate, DIGITAL_SIGNATURE, NON_REPUDIATION, OIDS, pathProblem } from "../../x509/index.ts";
import type { KdcTrust } from "../identity.ts";
import { decodePkinit } from "./messages.ts";
import type { ReadyIdentity } from "./ready-identity.ts";

/** The certificate that signed a reply, and what came with it. */
export interface PresentedCertificate {
  readonly certificate: Certificate;
  readonly sent: readonly Certificate[];
}

/**
 * Checks that a certificate is that of a KDC of a realm (RFC 4556 section 3.2.4): a path to an anchor that was given,
 * and then the realm's name in it, or a host's that was given with the right usage. Throws PreauthError
 * `KDC_NOT_TRUSTED`.
 */
export async function checkKdcCertificate(
  { certificate, sent }: PresentedCertificate,
  realm: string,
  { anchors, pool }: Pick<ReadyIdentity, "anchors" | "pool">,
  trust: Pick<KdcTrust, "kdcHostname" | "kdcUsage">,
  now: Date,
): Promise<void> {
  const problem =
    (await pathProblem(certificate, { anchors, pool: [...pool, ...sent], now })) ??
    keyUsageProblem(certificate) ??
    identityProblem(certificate, realm, trust);
  if (problem === undefined) return;
  throw kdcNotTrusted(realm, `the certificate of the KDC of ${realm} is refused: ${problem}`);
}

/** The error for a KDC that does not prove to be one. */
export function kdcNotTrusted(realm: string, message: string, cause?: unknown): PreauthError {
  return new PreauthError("KDC_NOT_TRUSTED", message, { realm, mechanism: "PA-PK-AS-REQ", cause });
}

function keyUsageProblem({ extensions: { keyUsage } }: Certificate): string | undefined {
  const isForSignatures = keyUsage === undefined || (keyUsage & (DIGITAL_SIGNATURE | NON_REPUDIATION)) !== 0;
  return isForSignatures ? undefined : "its key is not for signatures (keyUsage)";
}

/** Else any certificate of the same authority would be a KDC. */
function identityProblem(
  { extensions }: Certificate,
  realm: string,
  { kdcHostname = [], kdcUsage = "kpKDC" }: Pick<KdcTrust, "kdcHostname" | "kdcUsage">,
): string | undefined {
  const { otherNames, dnsNames, extendedKeyUsage } = extensions;
  if (otherNames.some(({ type, value }) => type === OIDS.pkinitSan && isTgsOf(realm, value))) return undefined;
  const hosts = typeof kdcHostname === "string" ? [kdcHostname] : kdcHostname;
  if (hosts.length === 0) return `it is not one of krbtgt/${realm} (id-pkinit-san)`;
  const isHost = hosts.some((host) => dnsNames.some((name) => name.toLowerCase() === host.toLowerCase()));
  if (!isHost) return `it is neither one of krbtgt/${realm} (id-pkinit-san) nor of a host that was given`;
  const usage = kdcUsage === "kpKDC" ? OIDS.kpKdc : OIDS.serverAuth;
  return extendedKeyUsage?.includes(usage) === true ? undefined : `it is not for KDCs (extended key usage ${kdcUsage})`;
}

function isTgsOf(realm: string, value: Uint8Array): boolean {
  try {
    const name = decodePkinit("KRB5PrincipalName", value);
    return equalPrincipals(toPrincipal(name.realm, name.principalName), tgsPrincipal(realm));
  } catch (error) {
    if (!hasName(error, "DecodeError")) throw error;
    return false;
  }
}
