const names: Readonly<Record<number, string>> = {
  1: "PA-TGS-REQ",
  2: "PA-ENC-TIMESTAMP",
  3: "PA-PW-SALT",
  11: "PA-ETYPE-INFO",
  13: "PA-SAM-CHALLENGE",
  16: "PA-PK-AS-REQ",
  17: "PA-PK-AS-REP",
  19: "PA-ETYPE-INFO2",
  30: "PA-SAM-CHALLENGE2",
  104: "TD-TRUSTED-CERTIFIERS",
  105: "TD-INVALID-CERTIFICATES",
  109: "TD-DH-PARAMETERS",
  111: "TD-CMS-DIGEST-ALGORITHMS",
  112: "TD-CERT-DIGEST-ALGORITHMS",
  128: "PA-PAC-REQUEST",
  129: "PA-FOR-USER",
  130: "PA-S4U-X509-USER",
  133: "PA-FX-COOKIE",
  136: "PA-FX-FAST",
  137: "PA-FX-ERROR",
  138: "PA-ENCRYPTED-CHALLENGE",
  141: "PA-OTP-CHALLENGE",
  142: "PA-OTP-REQUEST",
  144: "PA-OTP-PIN-CHANGE",
  147: "PA-PKINIT-KX",
  149: "PA-REQ-ENC-PA-REP",
  150: "PA-AS-FRESHNESS",
  151: "PA-SPAKE",
  165: "PA-SUPPORTED-ENCTYPES",
  167: "PA-PAC-OPTIONS",
};

/** The registered name of a PA-DATA type, or `padata <number>`. */
export function padataName(type: number): string {
  return names[type] ?? `padata ${type}`;
}
