/** Principal name types (RFC 4120 section 6.2, RFC 6111, RFC 6806 section 5). */

export const unknown = 0;
export const principal = 1;
export const srvInst = 2;
export const srvHst = 3;
export const srvXhst = 4;
export const uid = 5;
export const x500Principal = 6;
export const smtpName = 7;
export const enterprise = 10;
export const wellKnown = 11;
