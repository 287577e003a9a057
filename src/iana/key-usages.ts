/** Key usage numbers (RFC 4120 section 7.5.1, RFC 4121 section 2, RFC 6113 section 7.7, RFC 6806 section 11). */

export const asReqPaEncTimestamp = 1;
export const ticket = 2;
export const asRepEncPart = 3;
export const tgsReqAuthDataSessionKey = 4;
export const tgsReqAuthDataSubkey = 5;
export const tgsReqAuthenticatorChecksum = 6;
export const tgsReqAuthenticator = 7;
export const tgsRepEncPartSessionKey = 8;
export const tgsRepEncPartSubkey = 9;
export const apReqAuthenticatorChecksum = 10;
export const apReqAuthenticator = 11;
export const apRepEncPart = 12;
export const krbPrivEncPart = 13;
export const krbCredEncPart = 14;
export const krbSafeChecksum = 15;
/** The credentials in a PAC (MS-PAC section 2.6.1). */
export const nonKerberosSalt = 16;
/** PA-FOR-USER, and the checksums of a PAC (MS-SFU section 2.2.1, MS-PAC section 2.8). */
export const nonKerberosChecksum = 17;
export const acceptorSeal = 22;
export const acceptorSign = 23;
export const initiatorSeal = 24;
export const initiatorSign = 25;
/** PA-S4U-X509-USER, and the KDC's answer to it (MS-SFU section 2.2.2). */
export const s4uX509UserRequest = 26;
export const s4uX509UserReply = 27;
/** The KDC's part of an anonymous client's session key (RFC 8062 section 4.2). */
export const pkinitKx = 44;
/** The nonce in the request of a one-time password (RFC 6560 section 4.2). */
export const otpRequest = 45;
/** The messages of FAST, and the two halves of the encrypted challenge inside it (RFC 6113 section 7.7). */
export const fastReqChecksum = 50;
export const fastEnc = 51;
export const fastRep = 52;
export const fastFinished = 53;
export const encChallengeClient = 54;
export const encChallengeKdc = 55;
/** The checksum over the request in PA-REQ-ENC-PA-REP (RFC 6806 section 11). */
export const asReqChecksum = 56;
/** The second factor in a response of SPAKE (RFC 9588 section 4.3). */
export const spakeFactor = 65;
