/** Key usage numbers (RFC 4120 section 7.5.1, RFC 4121 section 2, RFC 6113 section 7.7, RFC 6806 section 11). */
export const KEY_USAGE = {
  asReqPaEncTimestamp: 1,
  ticket: 2,
  asRepEncPart: 3,
  tgsReqAuthDataSessionKey: 4,
  tgsReqAuthDataSubkey: 5,
  tgsReqAuthenticatorChecksum: 6,
  tgsReqAuthenticator: 7,
  tgsRepEncPartSessionKey: 8,
  tgsRepEncPartSubkey: 9,
  apReqAuthenticatorChecksum: 10,
  apReqAuthenticator: 11,
  apRepEncPart: 12,
  krbPrivEncPart: 13,
  krbCredEncPart: 14,
  krbSafeChecksum: 15,
  acceptorSeal: 22,
  acceptorSign: 23,
  initiatorSeal: 24,
  initiatorSign: 25,
  /** The checksum over the request in PA-REQ-ENC-PA-REP (RFC 6806 section 11). */
  asReqChecksum: 56,
} as const;
