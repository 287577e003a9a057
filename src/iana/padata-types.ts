/**
 * Pre-authentication and typed-data types (IANA registry; RFC 4120 section 7.5.2, RFC 6113, RFC 6806, RFC 8070, RFC
 * 9588).
 */

export const tgsReq = 1;
export const encTimestamp = 2;
export const pwSalt = 3;
export const etypeInfo = 11;
export const pkAsReq = 16;
export const pkAsRep = 17;
export const etypeInfo2 = 19;
export const svrReferralInfo = 20;
export const tdDhParameters = 109;
export const pacRequest = 128;
export const forUser = 129;
export const s4uX509User = 130;
export const fxCookie = 133;
export const fxFast = 136;
export const fxError = 137;
export const encryptedChallenge = 138;
export const otpChallenge = 141;
export const otpRequest = 142;
export const otpPinChange = 144;
export const pkinitKx = 147;
export const reqEncPaRep = 149;
export const asFreshness = 150;
export const spake = 151;
export const supportedEnctypes = 165;
export const pacOptions = 167;
