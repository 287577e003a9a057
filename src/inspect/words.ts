import { encodeHex, printableText } from "../bytes/index.ts";
import {
  AP_OPTION,
  CHECKSUM,
  enctypeName,
  GSS_FLAG,
  KDC_OPTION,
  krbErrorName,
  MESSAGE_TYPE,
  NAME_TYPE,
  NT_STATUS,
  padataName,
  TICKET_FLAG,
} from "../iana/index.ts";

function reversed(table: Readonly<Record<string, number>>): (value: number) => string {
  const names = new Map(Object.entries(table).map(([name, value]) => [value, name]));
  return (value) => (names.has(value) ? `${value} (${names.get(value)})` : String(value));
}

/** The names of the bits that are set, the lowest first or the highest. */
function bits(table: Readonly<Record<string, number>>, order: 1 | -1): (value: number) => string {
  const rows = Object.entries(table).sort(([, a], [, b]) => order * (a - b));
  return (value) => {
    const names = rows.flatMap(([name, bit]) => ((value & bit) !== 0 ? [name] : []));
    return `0x${(value >>> 0).toString(16).padStart(8, "0")}${names.length === 0 ? "" : ` (${names.join(", ")})`}`;
  };
}

const named = (name: (value: number) => string) => (value: number) => `${value} (${name(value)})`;

const AD_TYPES: Readonly<Record<string, number>> = {
  "AD-IF-RELEVANT": 1,
  "AD-KDC-ISSUED": 4,
  "AD-AND-OR": 5,
  "AD-MANDATORY-FOR-KDC": 8,
  "AD-WIN2K-PAC": 128,
  "AD-ETYPE-NEGOTIATION": 129,
  "AD-SIGNTICKET": 512,
  "AD-AUTHENTICATION-STRENGTH": 70,
  "AD-fx-fast-armor": 71,
  "AD-fx-fast-used": 72,
  "AD-CAMMAC": 96,
  "AD-AUTHENTICATION-INDICATOR": 97,
};
const ADDRESS_TYPES: Readonly<Record<string, number>> = { IPv4: 2, Directional: 3, NetBIOS: 20, IPv6: 24 };
const LR_TYPES: Readonly<Record<string, number>> = {
  none: 0,
  "last initial TGT": 1,
  "last initial request": 2,
  "newest TGT": 3,
  "last renewal": 4,
  "last request": 5,
  "password expires": 6,
  "account expires": 7,
};

/** RFC 6113 section 5.4.2. */
const FAST_OPTIONS: Readonly<Record<string, number>> = {
  "hide-client-names": 0x4000_0000,
  "kdc-follow-referrals": 0x0000_8000,
};
/** RFC 6560 section 4.1. */
const OTP_FLAGS: Readonly<Record<string, number>> = {
  nextOTP: 0x4000_0000,
  combine: 0x2000_0000,
  "collect-pin": 0x1000_0000,
  "do-not-collect-pin": 0x0800_0000,
  "must-encrypt-nonce": 0x0400_0000,
  "separate-pin-required": 0x0200_0000,
  "check-digit": 0x0100_0000,
};
/** RFC 6560 section 4.4. */
const PIN_FLAGS: Readonly<Record<string, number>> = { systemSetPin: 0x4000_0000, mandatory: 0x2000_0000 };
const OTP_FORMATS: Readonly<Record<string, number>> = {
  decimal: 0,
  hexadecimal: 1,
  alphanumeric: 2,
  binary: 3,
  base64: 4,
};
const SPAKE_GROUPS: Readonly<Record<string, number>> = { edwards25519: 1, "P-256": 2, "P-384": 3, "P-521": 4 };

/** What a number means, by the name of its field. */
export const numberWords: Readonly<Record<string, (value: number) => string>> = {
  msgType: reversed(MESSAGE_TYPE),
  nameType: reversed(NAME_TYPE),
  padataType: named(padataName),
  dataType: named(padataName),
  etype: named(enctypeName),
  keytype: named(enctypeName),
  cksumtype: reversed(CHECKSUM),
  errorCode: named(krbErrorName),
  kdcOptions: bits(KDC_OPTION, -1),
  flags: bits(TICKET_FLAG, -1),
  apOptions: bits(AP_OPTION, -1),
  gssFlags: bits(GSS_FLAG, 1),
  adType: reversed(AD_TYPES),
  addrType: reversed(ADDRESS_TYPES),
  lrType: reversed(LR_TYPES),
  fastOptions: bits(FAST_OPTIONS, -1),
  armorType: reversed({ FX_FAST_ARMOR_AP_REQUEST: 1 }),
  otpFlags: bits(OTP_FLAGS, -1),
  pinFlags: bits(PIN_FLAGS, -1),
  otpFormat: reversed(OTP_FORMATS),
  format: reversed(OTP_FORMATS),
  group: reversed(SPAKE_GROUPS),
  groups: reversed(SPAKE_GROUPS),
};

const ntStatusNames = new Map<number, string>(Object.entries(NT_STATUS).map(([name, value]) => [value, name]));

/** An NTSTATUS in hexadecimal and by name. */
export function ntStatusWords(status: number): string {
  const hex = `0x${status.toString(16).padStart(8, "0")}`;
  const name = ntStatusNames.get(status);
  return name === undefined ? hex : `${hex} (${name})`;
}

/** Fields whose octets are a secret, or as good as one. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set([
  "keyvalue",
  "newpasswd",
  "userData",
  "otpValue",
  "otpPin",
  "pin",
]);
/** Fields whose octets say nothing to a reader. */
export const SEALED_FIELDS: ReadonlySet<string> = new Set(["cipher", "checksum"]);

const SHOWN_BYTES = 64;

/** Octets for a reader: how many, the first of them, and as text if they are text. */
export function octetWords(octets: Uint8Array, isWhole: boolean): string {
  const shown = isWhole ? octets : octets.subarray(0, SHOWN_BYTES);
  const isText = octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  const text = isText ? ` ${JSON.stringify(printableText(shown))}` : "";
  const count = `${octets.length} ${octets.length === 1 ? "octet" : "octets"}`;
  if (octets.length === 0) return count;
  return `${count}: ${encodeHex(shown)}${shown.length < octets.length ? "..." : ""}${text}`;
}
