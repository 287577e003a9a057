import type { Login } from "../../client/index.ts";
import { isKerberosError, kdcErrorOf } from "../../errors.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";
import { messageOf } from "../program.ts";
import { timeText } from "../text.ts";
import type { World } from "./world.ts";

/** Bits of msDS-SupportedEncryptionTypes and of PA-SUPPORTED-ENCTYPES (MS-KILE section 2.2.7). */
const SUPPORTED = { rc4: 0x4, aes128: 0x8, aes256: 0x10, fast: 0x1_0000, compound: 0x2_0000, claims: 0x4_0000 };

/** From how many days on a password is about to end. Windows warns five days before by default, kinit seven. */
const WARN_DAYS = 14;
const DAY_MS = 86_400_000;

/** The advice where an account of Active Directory has no keys of AES. */
export const AES_ADVICE =
  "in Active Directory set msDS-SupportedEncryptionTypes of the account to 24 (AES), then a new password: older ones have no AES keys";

/** What a login says of the realm if it is an Active Directory, and of the password's end. */
export async function checkDirectory(world: World, { realm }: Principal, login: Login): Promise<void> {
  await checkDomain(world, realm, login);
  await checkPassword(world, login);
}

async function checkDomain({ report, local }: World, realm: string, { supportedEnctypes }: Login): Promise<void> {
  if (supportedEnctypes === undefined) return;
  const has = (bit: number): boolean => (supportedEnctypes & bit) !== 0;
  const features = [
    ...(has(SUPPORTED.fast) ? ["FAST"] : []),
    ...(has(SUPPORTED.compound) ? ["compound identity"] : []),
    ...(has(SUPPORTED.claims) ? ["claims"] : []),
  ];
  if (has(SUPPORTED.aes128 | SUPPORTED.aes256)) {
    const level = features.length > 0 ? "2012 or later" : "2008 or later";
    const more = features.length > 0 ? `, ${features.join(", ")}` : "";
    await report.ok("directory", `${realm} is an Active Directory of the functional level ${level}: AES${more}`);
  } else {
    await report.warn(
      "directory",
      `the ticket-granting service of ${realm} has keys of RC4 only, which can be broken`,
      "raise the domain's functional level to 2008 or later, then reset the password of krbtgt twice",
    );
  }
  const site = local.config.libdefaultsOf(realm).dnsSite;
  if (site !== undefined)
    await report.ok("site", `domain controllers of the site ${site} are asked first, where DNS names some`);
  else if (local.config.kdcs(realm).length === 0) {
    await report.skip("site", "none is named: domain controllers of all sites are asked (dns_site in [libdefaults])");
  }
}

async function checkPassword({ report, host }: World, { ticket, passwordExpires }: Login): Promise<void> {
  if (passwordExpires === undefined) return;
  const days = Math.floor((passwordExpires.getTime() - host.now() - ticket.clockOffsetMs) / DAY_MS);
  if (days >= WARN_DAYS) return;
  await report.warn(
    "password",
    `the password of ${formatPrincipal(ticket.client)} ends in ${days} days, on ${timeText(passwordExpires)}`,
    "change it with kpasswd; for a service's account in Active Directory: pwdLastSet and the domain's maxPwdAge say when, and the bit 0x10000 of userAccountControl lets it never end",
  );
}

/** The finding for a service that the KDC gives no ticket for; undefined if the error does not say why. */
export function serviceWords(
  error: unknown,
  name: string,
): readonly [check: string, detail: string, advice: string] | undefined {
  if (!isKerberosError(error)) return undefined;
  const refusal = kdcErrorOf(error);
  if (refusal?.errorCode === KRB_ERROR.KDC_ERR_PRINCIPAL_NOT_UNIQUE) {
    return [
      "service",
      `the KDC has several accounts with the name ${name}`,
      "in Active Directory leave it in servicePrincipalName of one account: setspn -X lists what is there twice, setspn -D takes it out",
    ];
  }
  switch (error.code) {
    case "SERVICE_UNKNOWN":
      return [
        "service",
        `the KDC does not know ${name}`,
        "use the host's full name as the KDC has it; or make the principal: kadmin addprinc -randkey, then ktadd on the host; in Active Directory add it to servicePrincipalName of the account (setspn -S), and look for a second account with it (setspn -X)",
      ];
    case "ETYPE_NOT_PERMITTED":
      return refusal?.service?.startsWith("krbtgt/")
        ? [
            "trust",
            messageOf(error),
            "in Active Directory set msDS-SupportedEncryptionTypes of the trustedDomain object to 24, on both sides (the trust's property: the other domain supports Kerberos AES encryption); until then allow_rc4 permits its keys, which can be broken",
          ]
        : ["service", messageOf(error), AES_ADVICE];
    case "REFERRAL":
    case "WRONG_REALM":
    case "NO_KDC_FOR_REALM":
      return [
        "service",
        `${name}: ${messageOf(error)}`,
        "is the host in this realm? [domain_realm] of krb5.conf says which realm a host is in, [capaths] the way there",
      ];
    default:
      return undefined;
  }
}
