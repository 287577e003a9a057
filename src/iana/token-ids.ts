/** Token identifiers (RFC 4121 sections 4.1 and 4.2). */

export const apReq = 0x0100;
export const apRep = 0x0200;
export const error = 0x0300;
export const mic = 0x0404;
export const wrap = 0x0504;
