/** Message types, each also its APPLICATION tag (RFC 4120 sections 5.10 and 7.5.7). */

export const asReq = 10;
export const asRep = 11;
export const tgsReq = 12;
export const tgsRep = 13;
export const apReq = 14;
export const apRep = 15;
export const krbSafe = 20;
export const krbPriv = 21;
export const krbCred = 22;
export const krbError = 30;
