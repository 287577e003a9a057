/**
 * The names of error-codes.ts by number, without what runs of them begin with: so they are short in a bundle. A test
 * holds the two lists together.
 */
const RUNS: readonly (readonly [first: number, prefix: string, names: string])[] = [
  [
    0,
    "KDC_ERR_",
    "NONE NAME_EXP SERVICE_EXP BAD_PVNO C_OLD_MAST_KVNO S_OLD_MAST_KVNO C_PRINCIPAL_UNKNOWN S_PRINCIPAL_UNKNOWN PRINCIPAL_NOT_UNIQUE NULL_KEY CANNOT_POSTDATE NEVER_VALID POLICY BADOPTION ETYPE_NOSUPP SUMTYPE_NOSUPP PADATA_TYPE_NOSUPP TRTYPE_NOSUPP CLIENT_REVOKED SERVICE_REVOKED TGT_REVOKED CLIENT_NOTYET SERVICE_NOTYET KEY_EXPIRED PREAUTH_FAILED PREAUTH_REQUIRED SERVER_NOMATCH MUST_USE_USER2USER PATH_NOT_ACCEPTED SVC_UNAVAILABLE",
  ],
  [
    31,
    "KRB_AP_ERR_",
    "BAD_INTEGRITY TKT_EXPIRED TKT_NYV REPEAT NOT_US BADMATCH SKEW BADADDR BADVERSION MSG_TYPE MODIFIED BADORDER",
  ],
  [44, "KRB_AP_ERR_", "BADKEYVER NOKEY MUT_FAIL BADDIRECTION METHOD BADSEQ INAPP_CKSUM"],
  [51, "KRB_AP_", "PATH_NOT_ACCEPTED"],
  [52, "KRB_ERR_", "RESPONSE_TOO_BIG"],
  [60, "KRB_ERR_", "GENERIC FIELD_TOOLONG"],
  [62, "KDC_ERR_", "CLIENT_NOT_TRUSTED KDC_NOT_TRUSTED INVALID_SIG KEY_TOO_WEAK CERTIFICATE_MISMATCH"],
  [67, "KRB_AP_ERR_", "NO_TGT"],
  [68, "KDC_ERR_", "WRONG_REALM"],
  [69, "KRB_AP_ERR_", "USER_TO_USER_REQUIRED"],
  [90, "KDC_ERR_", "PREAUTH_EXPIRED MORE_PREAUTH_DATA_REQUIRED"],
  [93, "KDC_ERR_", "UNKNOWN_CRITICAL_FAST_OPTION"],
];

/** The registered name of a KRB-ERROR code, or `KRB_ERR_<number>`. */
export function krbErrorName(code: number): string {
  for (const [first, prefix, names] of RUNS) {
    const name = names.split(" ")[code - first];
    if (name !== undefined) return prefix + name;
  }
  return `KRB_ERR_${code}`;
}
