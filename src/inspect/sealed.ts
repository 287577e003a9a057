import { KEY_USAGE } from "../iana/index.ts";
import {
  type Authenticator,
  decodeAuthenticator,
  decodeEncApRepPart,
  decodeEncKdcRepPart,
  decodeEncKrbCredPart,
  decodeEncKrbPrivPart,
  decodeEncryptionKey,
  decodeEncTicketPart,
  decodePaEncTsEnc,
} from "../krb5/index.ts";
import { type FastResponse, fastMessages, otpMessages } from "../preauth/index.ts";
import type { KeyRing, Opened } from "./keys.ts";

/** What an encrypted field holds: under which key usages, and what its plaintext is. */
export interface Sealed {
  readonly usages: readonly number[];
  readonly name: string;
  readonly decode: (plaintext: Uint8Array) => object;
  /** What is known when it is open: keys that are made of this one. */
  readonly learn?: (value: object, opened: Opened, keys: KeyRing) => void;
}

const { ticket, asRepEncPart, tgsRepEncPartSessionKey, tgsRepEncPartSubkey } = KEY_USAGE;

/** The sub-key of an authenticator and the key that opened it are armor (RFC 6113 section 5.4.1.1). */
const authenticator: Sealed = {
  usages: [KEY_USAGE.apReqAuthenticator, KEY_USAGE.tgsReqAuthenticator],
  name: "Authenticator",
  decode: decodeAuthenticator,
  learn: (value, { key, usage }, keys) => {
    const { subkey } = value as Authenticator;
    if (subkey !== undefined) keys.learnArmor(key, subkey, usage === KEY_USAGE.tgsReqAuthenticator);
  },
};

/** By the message, then the field. */
export const SEALED: Readonly<Record<string, Readonly<Record<string, Sealed>>>> = {
  ticket: { encPart: { usages: [ticket], name: "EncTicketPart", decode: decodeEncTicketPart } },
  "AS-REP": {
    encPart: { usages: [asRepEncPart, tgsRepEncPartSessionKey], name: "EncASRepPart", decode: decodeEncKdcRepPart },
  },
  "TGS-REP": {
    encPart: {
      usages: [tgsRepEncPartSessionKey, tgsRepEncPartSubkey],
      name: "EncTGSRepPart",
      decode: decodeEncKdcRepPart,
    },
  },
  "AP-REQ": { authenticator },
  "AP-REP": { encPart: { usages: [KEY_USAGE.apRepEncPart], name: "EncAPRepPart", decode: decodeEncApRepPart } },
  "KRB-PRIV": { encPart: { usages: [KEY_USAGE.krbPrivEncPart], name: "EncKrbPrivPart", decode: decodeEncKrbPrivPart } },
  "KRB-CRED": {
    // MIT's KRB-CRED of a delegation without a subkey is not encrypted: etype 0.
    encPart: { usages: [KEY_USAGE.krbCredEncPart], name: "EncKrbCredPart", decode: decodeEncKrbCredPart },
  },
  // Pre-authentication data
  "PA-FX-FAST-REQUEST": {
    encFastReq: {
      usages: [KEY_USAGE.fastEnc],
      name: "KrbFastReq",
      decode: (octets) => fastMessages.decode("KrbFastReq", octets),
    },
  },
  "PA-FX-FAST-REPLY": {
    encFastRep: {
      usages: [KEY_USAGE.fastRep],
      name: "KrbFastResponse",
      decode: (octets) => fastMessages.decode("KrbFastResponse", octets),
      learn: (value, _, keys) => {
        const { strengthenKey } = value as FastResponse;
        if (strengthenKey !== undefined) keys.learnStrengthen(strengthenKey);
      },
    },
  },
  "PA-OTP-REQUEST": {
    encData: {
      usages: [KEY_USAGE.otpRequest],
      name: "PA-OTP-ENC-REQUEST",
      decode: (octets) => otpMessages.decode("PA-OTP-ENC-REQUEST", octets),
    },
  },
};

/** Pre-authentication data that are an EncryptedData as a whole. */
export const SEALED_PADATA: Readonly<Record<"encTimestamp" | "encryptedChallenge" | "pkinitKx", Sealed>> = {
  encTimestamp: { usages: [KEY_USAGE.asReqPaEncTimestamp], name: "PA-ENC-TS-ENC", decode: decodePaEncTsEnc },
  encryptedChallenge: {
    usages: [KEY_USAGE.encChallengeClient, KEY_USAGE.encChallengeKdc],
    name: "PA-ENC-TS-ENC",
    decode: decodePaEncTsEnc,
  },
  pkinitKx: { usages: [KEY_USAGE.pkinitKx], name: "EncryptionKey", decode: decodeEncryptionKey },
};
