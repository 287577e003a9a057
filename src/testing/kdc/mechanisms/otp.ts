import { equal } from "../../../bytes/index.ts";
import { hasCode, hasName } from "../../../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import { encodeMethodData, openData, type PaData } from "../../../krb5/index.ts";
import { refuse } from "../failure.ts";
import type { FastDraft } from "../fast/draft.ts";
import type { KdcLogin, KdcMechanism } from "../mechanism.ts";
import { refuseProof } from "../preauth-failed.ts";
import { otpMessages } from "./otp-messages.ts";

/** Flags of a token (RFC 6560 section 4.1): collect-pin(3) and separate-pin-required(6). */
const SEPARATE_PIN = 0x1200_0000;
/** nextOTP(1). */
const NEXT_OTP = 0x4000_0000;
/** Flags of a PIN (RFC 6560 section 4.3): systemSetPin(1) and mandatory(2). */
const SYSTEM_SET_PIN = 0x4000_0000;
const MANDATORY = 0x2000_0000;
/** KDC_ERR_PIN_EXPIRED (RFC 6560 section 2.3). */
const PIN_EXPIRED = 96;

/** One-time passwords (RFC 6560), which are inside FAST only, their values sent as they are. */
export const otp: KdcMechanism = {
  name: "otp",
  type: PADATA.otpChallenge,
  requestType: PADATA.otpRequest,
  isUsable: ({ fast, entry }) => fast !== undefined && entry.options.otp !== undefined,
  offer({ state, entry }, cookie) {
    // RFC 6560 section 4.1: random, and at least as long as the armor key.
    const nonce = state.encTypes.provider.randomBytes(36);
    cookie.otpNonce = nonce;
    const flags =
      (entry.options.otp?.pin === undefined ? 0 : SEPARATE_PIN) | (entry.isNextCodeWanted === true ? NEXT_OTP : 0);
    return otpMessages.encode("PA-OTP-CHALLENGE", { nonce, otpTokenInfo: [{ flags }] });
  },
  verify(login, data, { otpNonce }) {
    const { entry } = login;
    // RFC 6560 section 3.6: the value was sent, so that the client key and the reply key are the armor key.
    const { armorKey } = login.fast as FastDraft;
    const { flags, encData, otpValue, otpPin } = opened(login, () => otpMessages.decode("PA-OTP-REQUEST", data));
    const { nonce } = opened(login, () =>
      otpMessages.decode("PA-OTP-ENC-REQUEST", openData(armorKey, KEY_USAGE.otpRequest, encData)),
    );
    if (otpNonce === undefined || !equal(nonce, otpNonce)) refuseProof(login, "the nonce is not of the challenge");
    const code = otpValue === undefined ? undefined : codeOf(login, new TextDecoder().decode(otpValue), otpPin);
    const { codes = [] } = entry.options.otp ?? {};
    // The same words for each: an answer must not say whether it was the PIN.
    if (code === undefined || !codes.includes(code) || entry.usedCodes.has(code)) {
      return refuseProof(login, "the one-time password is wrong");
    }
    entry.usedCodes.add(code);
    entry.failures = 0;
    const { newPin, isPinExpired, hasDrifted } = entry.options.otp ?? {};
    const isNext = entry.isNextCodeWanted === true && (flags & NEXT_OTP) !== 0;
    entry.isNextCodeWanted = hasDrifted === true && !isNext;
    if (entry.isNextCodeWanted) {
      const eData = encodeMethodData(login.offers());
      return refuse(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "the token has drifted: its next code, too", { eData });
    }
    if (isPinExpired === true) {
      const rules = { flags: MANDATORY, minLength: 4, maxLength: 8, format: 0 };
      return refuse(PIN_EXPIRED, "the PIN has expired", { eData: encodeMethodData([pinChange(rules)]) });
    }
    if (newPin === undefined) return { replyKey: armorKey };
    entry.options = { ...entry.options, otp: { codes, pin: newPin } };
    return { replyKey: armorKey, padata: [pinChange({ flags: SYSTEM_SET_PIN, pin: newPin })] };
  },
};

type PinChange = Parameters<typeof otpMessages.encode<"PA-OTP-PIN-CHANGE">>[1];

function pinChange(change: PinChange): PaData {
  return { padataType: PADATA.otpPinChange, padataValue: otpMessages.encode("PA-OTP-PIN-CHANGE", change) };
}

/** The code of a value; undefined if the PIN is not the token's. */
function codeOf({ entry }: KdcLogin, value: string, sentPin: string | undefined): string | undefined {
  const pin = entry.options.otp?.pin;
  if (pin === undefined || sentPin === pin) return value;
  return sentPin === undefined && value.startsWith(pin) ? value.slice(pin.length) : undefined;
}

function opened<T>(login: KdcLogin, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    return refuseProof(login, "the OTP request does not decode, or is under another key");
  }
}
