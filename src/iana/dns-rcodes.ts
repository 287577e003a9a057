/** DNS response codes (RFC 1035 section 4.1.1). */

export const noError = 0;
export const formErr = 1;
export const servFail = 2;
export const nxDomain = 3;
export const notImp = 4;
export const refused = 5;
