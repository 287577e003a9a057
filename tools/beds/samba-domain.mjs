// Who is in the domain of ./samba.mjs. Attributes are those of an Active Directory's schema (MS-ADA1 to MS-ADA3).

/** Bits of userAccountControl (MS-ADTS section 2.2.16). */
const DISABLED = 0x2;
const NORMAL = 0x200;
const WORKSTATION = 0x1000;
const PASSWORD_NEVER_EXPIRES = 0x10000;
/** May say which user came, without the user's ticket: TRUSTED_TO_AUTH_FOR_DELEGATION. */
const TRUSTED_TO_AUTHENTICATE = 0x1000000;

/** Bits of msDS-SupportedEncryptionTypes (MS-KILE section 2.2.7). */
const RC4 = 0x4;
const AES = 0x8 | 0x10;
/** The service takes tickets that say which computer the user is at. */
const COMPOUND_IDENTITY = 0x20000;

const DAYS = 24 * 60 * 60 * 10_000_000;
const FOREVER = "-9223372036854775808";

export const SAMBA_REALM = { realm: "AD.TEST", netbios: "ADTEST" };

/** The domain's users and their passwords. */
export const SAMBA_PASSWORDS = {
  alice: "alice-password",
  /** A ticket of 15 KB: of many groups, with long paths. */
  big: "big-password",
  /** Has no AES key. */
  rc4: "rc4-password",
  disabled: "disabled-password",
  expired: "expired-password",
  locked: "locked-password",
  /** May log in at no hour of the week. */
  hours: "hours-password",
  /** Must change the password at the next login. */
  mustchange: "mustchange-password",
  /** Changes it. */
  changer: "changer-password",
};

/** @type {Partial<Record<keyof typeof SAMBA_PASSWORDS, Record<string, unknown>>>} */
const SPECIAL = {
  // All the rest of 15 KB is text of the PAC's logon information, two octets a character.
  big: { profilePath: "p".repeat(3200), homeDirectory: "h".repeat(3200) },
  // Accounts whose password is older than the domain's AES keys have no others (MS-SAMR section 3.1.1.8.11.6).
  rc4: { "msDS-SupportedEncryptionTypes": RC4, supplementalCredentials: null },
  disabled: { userAccountControl: NORMAL | PASSWORD_NEVER_EXPIRES | DISABLED },
  // 2020-01-01, in tenths of microseconds since 1601.
  expired: { accountExpires: "132223104000000000" },
  locked: { lockoutTime: "132223104000000000" },
  hours: { logonHours: { hex: "00".repeat(21) } },
  mustchange: { userAccountControl: NORMAL, pwdLastSet: "0" },
};

const SPNS = ["host/localhost", "HOST/WEB", "host/web.ad.test", "HTTP/Web.Ad.Test", "RestrictedKrbHost/WEB"];

export const SAMBA_DOMAIN = {
  policy: {
    maxPwdAge: -5 * DAYS,
    minPwdAge: 0,
    minPwdLength: 8,
    pwdHistoryLength: 0,
    pwdProperties: 0,
    lockoutDuration: FOREVER,
  },
  users: Object.entries(SAMBA_PASSWORDS).map(([name, password]) => ({
    name,
    password,
    attributes: {
      sAMAccountName: name,
      userPrincipalName: `${name}@ad.test`,
      userAccountControl: NORMAL | PASSWORD_NEVER_EXPIRES,
      "msDS-SupportedEncryptionTypes": AES,
      ...SPECIAL[/** @type {keyof typeof SAMBA_PASSWORDS} */ (name)],
    },
  })),
  computers: [
    {
      name: "WEB",
      password: "web-password",
      attributes: {
        sAMAccountName: "WEB$",
        dNSHostName: "web.ad.test",
        userAccountControl: WORKSTATION | PASSWORD_NEVER_EXPIRES,
        "msDS-SupportedEncryptionTypes": AES,
        servicePrincipalName: SPNS,
      },
    },
    {
      name: "OLD",
      password: "old-password",
      attributes: {
        sAMAccountName: "OLD$",
        userAccountControl: WORKSTATION | PASSWORD_NEVER_EXPIRES,
        "msDS-SupportedEncryptionTypes": RC4,
        supplementalCredentials: null,
        servicePrincipalName: ["host/old"],
      },
    },
  ],
  // Each costs the PAC eight octets (MS-PAC section 2.5), and Samba a search with every request for their member.
  groups: Array.from({ length: 200 }, (_, n) => [`group-${n}`, ["CN=big,CN=Users"]]),
  // Names of keytabs in the bed's folder: one key under several names, as `net ads keytab` and adcli write it; the name
  // of the account alone; a user's.
  keytabs: {
    "service.keytab": ["WEB$", ...SPNS],
    "account.keytab": ["WEB$"],
    "alice.keytab": ["alice"],
  },
};

/** A computer's account. @param {string} name @param {Record<string, unknown>} attributes */
const computer = (name, attributes) => ({
  name,
  password: `${name.toLowerCase()}-password`,
  attributes: {
    sAMAccountName: `${name}$`,
    userAccountControl: WORKSTATION | PASSWORD_NEVER_EXPIRES,
    "msDS-SupportedEncryptionTypes": AES,
    ...attributes,
  },
});

/** Samba wants a forwardable ticket of the user for resource-based delegation too. */
const TRUSTED_WEB = { userAccountControl: WORKSTATION | PASSWORD_NEVER_EXPIRES | TRUSTED_TO_AUTHENTICATE };

/** The same of a later Samba, at the functional level 2016, with what that has more. */
export const SAMBA_LATER_DOMAIN = {
  ...SAMBA_DOMAIN,
  users: SAMBA_DOMAIN.users.map((user) =>
    user.name === "alice" ? { ...user, attributes: { ...user.attributes, department: "engineering" } } : user,
  ),
  computers: [
    ...SAMBA_DOMAIN.computers.map((one) =>
      one.name === "WEB" ? { ...one, attributes: { ...one.attributes, ...TRUSTED_WEB } } : one,
    ),
    computer("BACK", {
      "msDS-SupportedEncryptionTypes": AES | COMPOUND_IDENTITY,
      servicePrincipalName: ["host/back"],
    }),
    computer("PC", { servicePrincipalName: ["host/pc"], department: "laboratory" }),
  ],
  /** Who may act for users at an account, by the account's own word (resource-based). */
  delegations: [["BACK$", "WEB$"]],
  /** Attributes that are claims, with the names of their schema. */
  claims: [["ad://ext/department", "Department"]],
  keytabs: {
    ...SAMBA_DOMAIN.keytabs,
    "back.keytab": ["BACK$", "host/back"],
    "pc.keytab": ["PC$", "host/pc"],
    "krbtgt.keytab": [`krbtgt/${SAMBA_REALM.realm}`],
  },
};
