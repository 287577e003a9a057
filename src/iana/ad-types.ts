/** Types of authorization data (RFC 4120 section 7.5.4; MS-KILE section 3.1.5.5). */

export const ifRelevant = 1;
/** AD-AUTH-DATA-AP-OPTIONS (MS-KILE section 3.2.5.8). */
export const apOptions = 143;
