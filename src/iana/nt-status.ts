// What an Active Directory's KDC says of an account that may not log in (MS-ERREF section 2.3.1).

export const STATUS_ACCOUNT_RESTRICTION = 0xc000006e;
export const STATUS_INVALID_LOGON_HOURS = 0xc000006f;
export const STATUS_INVALID_WORKSTATION = 0xc0000070;
export const STATUS_PASSWORD_EXPIRED = 0xc0000071;
export const STATUS_ACCOUNT_DISABLED = 0xc0000072;
export const STATUS_ACCOUNT_EXPIRED = 0xc0000193;
export const STATUS_PASSWORD_MUST_CHANGE = 0xc0000224;
export const STATUS_ACCOUNT_LOCKED_OUT = 0xc0000234;
