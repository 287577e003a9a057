import { KRB_ERROR, NT_STATUS } from "../iana/index.ts";

/* What errors say of a KRB-ERROR by its code: a name in braces stands for who is meant. Bundles leave it out that have
 * numbers in place of names. */

const clientExpired = "the account {client} has expired: its administrator can extend it";
const passwordExpired =
  "the password of {client} has expired: set a new one with client.changePassword(newPassword), or with kpasswd";

const FROM_KDC: Readonly<Record<number, string>> = {
  [KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN]: "the KDC of {realm} does not know {client}: check the name and the realm",
  [KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN]:
    "the KDC of {realm} does not know {theService}: check the host's name, or add the principal to the KDC",
  [KRB_ERROR.KDC_ERR_SERVER_NOMATCH]:
    "the KDC of {realm} gives no ticket for {service} to this client: ask its administrator",
  [KRB_ERROR.KDC_ERR_NAME_EXP]: clientExpired,
  [KRB_ERROR.KDC_ERR_SERVICE_EXP]: "{theService} has expired on the KDC: its administrator can extend it",
  [KRB_ERROR.KDC_ERR_CLIENT_REVOKED]: "the account {client} is locked or disabled: its administrator can unlock it",
  [KRB_ERROR.KDC_ERR_CLIENT_NOTYET]:
    "the account {client} is not valid yet: wait, or let an administrator change its start",
  [KRB_ERROR.KDC_ERR_KEY_EXPIRED]: passwordExpired,
  [KRB_ERROR.KDC_ERR_PREAUTH_FAILED]:
    "the KDC of {realm} rejected the pre-authentication of {client}: check the secret, and the KDC's log",
  [KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED]:
    "the KDC of {realm} wants more pre-authentication of {client}: ask its administrator which",
  [KRB_ERROR.KDC_ERR_PREAUTH_EXPIRED]: "the login of {client} is too old for the KDC of {realm}: log in again",
  [KRB_ERROR.KDC_ERR_WRONG_REALM]:
    "{client} is in another realm than the one asked: log in to that realm (the KDC says: {realm})",
  [KRB_ERROR.KDC_ERR_MUST_USE_USER2USER]:
    "the KDC of {realm} gives tickets for {service} user-to-user alone: give the ticket-granting ticket of {service} as `userToUser`",
  [KRB_ERROR.KRB_AP_ERR_SKEW]:
    "the clocks of this host and of the KDC of {realm} differ by too much: set one of them; the KDC has {time}",
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED]: "the ticket has expired: log in again",
  [KRB_ERROR.KRB_AP_ERR_ILL_CR_TKT]: "the KDC of {realm} refuses the other realm's ticket: ask its administrator",
  [KRB_ERROR.KDC_ERR_NEVER_VALID]:
    "the KDC says that the ticket would never be valid: check the times asked for; the KDC has {time}",
  [KRB_ERROR.KDC_ERR_KEY_TOO_WEAK]:
    "the KDC of {realm} refuses the Diffie-Hellman group, and names no other that may be used here: ask its administrator",
  [KRB_ERROR.KDC_ERR_POLICY]:
    "the KDC's policy does not allow a ticket for {service} to {client}: ask its administrator",
};

const FROM_ACTIVE_DIRECTORY: Readonly<Record<number, string>> = {
  [NT_STATUS.STATUS_ACCOUNT_DISABLED]: "the account {client} is disabled: its administrator can enable it",
  [NT_STATUS.STATUS_ACCOUNT_EXPIRED]: clientExpired,
  [NT_STATUS.STATUS_ACCOUNT_LOCKED_OUT]:
    "the account {client} is locked after wrong passwords: wait, or let an administrator unlock it",
  [NT_STATUS.STATUS_INVALID_LOGON_HOURS]:
    "the account {client} may not log in at this hour: try again within its logon hours",
  [NT_STATUS.STATUS_PASSWORD_EXPIRED]: passwordExpired,
  [NT_STATUS.STATUS_PASSWORD_MUST_CHANGE]:
    "{client} must change the password first: client.changePassword(newPassword) does it, or kpasswd",
};

const keyChanged =
  "{service} cannot open the ticket: its key differs from the KDC's; write its keytab anew, or get a new ticket if the key was changed after this one";

const FROM_SERVICE: Readonly<Record<number, string>> = {
  [KRB_ERROR.KRB_AP_ERR_SKEW]:
    "the clock of {service} differs from its KDC's by too much: it has {time}; set the clock that is wrong",
  [KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED]: "the service says that the ticket has expired: get a new one",
  [KRB_ERROR.KRB_AP_ERR_USER_TO_USER_REQUIRED]:
    "{service} takes user-to-user tickets alone: ask for one with its ticket-granting ticket as `userToUser`",
  [KRB_ERROR.KRB_AP_ERR_NOT_US]:
    "{service} refused the ticket: its keytab has no key of that name; write one, or name another with the option `service`",
  [KRB_ERROR.KRB_AP_ERR_REPEAT]: "{service} has seen this authenticator before: send a new one",
  [KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY]: keyChanged,
  [KRB_ERROR.KRB_AP_ERR_MODIFIED]: keyChanged,
  [KRB_ERROR.KRB_AP_ERR_BADKEYVER]: keyChanged,
  [KRB_ERROR.KRB_AP_ERR_NOKEY]: keyChanged,
};

// A service's name in Active Directory is an attribute of an account, whose keys its keytab has.
const ofService = "; in Active Directory an SPN cannot log in: use the account of the keytab, for example HOST$";

/**
 * The sentence for a KRB-ERROR of a KDC or of a service; undefined where only its code is to be told. `isService`: the
 * client's name may be that of a service.
 */
export function krbErrorSentence(
  from: "kdc" | "service",
  errorCode: number,
  ntStatus: number | undefined,
  isService: boolean,
): string | undefined {
  if (from === "service") return FROM_SERVICE[errorCode];
  const sentence = FROM_ACTIVE_DIRECTORY[ntStatus ?? 0] ?? FROM_KDC[errorCode];
  return isService && errorCode === KRB_ERROR.KDC_ERR_C_PRINCIPAL_UNKNOWN ? `${sentence}${ofService}` : sentence;
}
