import { equal } from "../../../bytes/index.ts";
import { hasCode, hasName } from "../../../errors.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../../iana/index.ts";
import { encodeMethodData, openData, type PaData } from "../../../krb5/index.ts";
import type { Entry } from "../entry.ts";
import { refuse } from "../failure.ts";
import type { FastDraft } from "../fast/draft.ts";
import type { KdcLogin, KdcMechanism } from "../mechanism.ts";
import type { TestOtp } from "../options.ts";
import { refuseProof } from "../preauth-failed.ts";
import { otpMessages } from "./otp-messages.ts";

/** Flags of a token (RFC 6560 section 4.1): collect-pin(3), separate-pin-required(6) and nextOTP(1). */
const COLLECT_PIN = 0x1000_0000;
const SEPARATE_PIN = 0x0200_0000;
const NEXT_OTP = 0x4000_0000;
/** Flags of a PIN (RFC 6560 section 4.3): systemSetPin(1) and mandatory(2). */
const SYSTEM_SET_PIN = 0x4000_0000;
const MANDATORY = 0x2000_0000;
/** KDC_ERR_PIN_EXPIRED and KDC_ERR_PIN_REQUIRED (RFC 6560 sections 2.3 and 3.4). */
const PIN_EXPIRED = 96;
const PIN_REQUIRED = 97;

/** One-time passwords (RFC 6560), which are inside FAST only, their values sent as they are. */
export const otp: KdcMechanism = {
  name: "otp",
  type: PADATA.otpChallenge,
  requestType: PADATA.otpRequest,
  isUsable: ({ fast, entry }) => fast !== undefined && tokensOf(entry).length > 0,
  offer({ state, entry }, cookie) {
    // RFC 6560 section 4.1: random, and at least as long as the armor key.
    const nonce = state.encTypes.provider.randomBytes(36);
    cookie.otpNonce = nonce;
    const tokens = tokensOf(entry);
    const otpTokenInfo = tokens.map(({ vendor, pin, isPinSeparate = true }, place) => ({
      flags:
        (pin === undefined ? 0 : COLLECT_PIN | (isPinSeparate ? SEPARATE_PIN : 0)) |
        (entry.driftedToken === place ? NEXT_OTP : 0),
      ...(vendor === undefined ? {} : { otpVendor: vendor }),
      // It comes back, and tells which token it was.
      ...(tokens.length === 1 ? {} : { otpTokenID: Uint8Array.of(place) }),
    }));
    return otpMessages.encode("PA-OTP-CHALLENGE", { nonce, otpTokenInfo });
  },
  verify(login, data, { otpNonce }) {
    const { entry } = login;
    // RFC 6560 section 3.6: the value was sent, so that the client key and the reply key are the armor key.
    const { armorKey } = login.fast as FastDraft;
    const request = opened(login, () => otpMessages.decode("PA-OTP-REQUEST", data));
    const { nonce } = opened(login, () =>
      otpMessages.decode("PA-OTP-ENC-REQUEST", openData(armorKey, KEY_USAGE.otpRequest, request.encData)),
    );
    if (otpNonce === undefined || !equal(nonce, otpNonce)) refuseProof(login, "the nonce is not of the challenge");
    const place = request.otpTokenID?.[0] ?? 0;
    const token = tokensOf(entry)[place];
    const code = token && codeOf(login, token, request);
    const spent = `${place} ${code}`;
    // The same words for each: an answer must not say whether it was the PIN.
    if (token === undefined || code === undefined || !token.codes.includes(code) || entry.usedCodes.has(spent)) {
      return refuseProof(login, "the one-time password is wrong");
    }
    entry.usedCodes.add(spent);
    entry.failures = 0;
    const isNext = entry.driftedToken === place && (request.flags & NEXT_OTP) !== 0;
    entry.driftedToken = token.hasDrifted === true && !isNext ? place : undefined;
    if (entry.driftedToken !== undefined) {
      const eData = encodeMethodData(login.offers());
      return refuse(KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, "the token has drifted: its next code, too", { eData });
    }
    if (token.isPinExpired === true) {
      const rules = { flags: MANDATORY, minLength: 4, maxLength: 8, format: 0 };
      return refuse(PIN_EXPIRED, "the PIN has expired", { eData: encodeMethodData([pinChange(rules)]) });
    }
    const { newPin, ...rest } = token;
    if (newPin === undefined) return { replyKey: armorKey };
    const changed = tokensOf(entry).map((one, i) => (i === place ? { ...rest, pin: newPin } : one));
    entry.options = { ...entry.options, otp: changed };
    return { replyKey: armorKey, padata: [pinChange({ flags: SYSTEM_SET_PIN, pin: newPin })] };
  },
};

function tokensOf({ options: { otp: tokens = [] } }: Entry): readonly TestOtp[] {
  return [tokens].flat() as readonly TestOtp[];
}

type PinChange = Parameters<typeof otpMessages.encode<"PA-OTP-PIN-CHANGE">>[1];

function pinChange(change: PinChange): PaData {
  return { padataType: PADATA.otpPinChange, padataValue: otpMessages.encode("PA-OTP-PIN-CHANGE", change) };
}

type OtpRequest = ReturnType<typeof otpMessages.decode<"PA-OTP-REQUEST">>;

/** The code of a value; undefined without one, or if the PIN is not the token's. */
function codeOf(
  login: KdcLogin,
  { pin, isPinSeparate = true }: TestOtp,
  { otpValue, otpPin }: OtpRequest,
): string | undefined {
  const value = otpValue && new TextDecoder().decode(otpValue);
  if (pin === undefined || value === undefined) return value;
  if (!isPinSeparate) return value.startsWith(pin) ? value.slice(pin.length) : undefined;
  if (otpPin !== undefined) return otpPin === pin ? value : undefined;
  return refuse(PIN_REQUIRED, "the PIN is wanted apart from the code", { eData: encodeMethodData(login.offers()) });
}

function opened<T>(login: KdcLogin, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!hasCode(error, "DECODE") && !hasName(error, "CryptoError")) throw error;
    return refuseProof(login, "the OTP request does not decode, or is under another key");
  }
}
