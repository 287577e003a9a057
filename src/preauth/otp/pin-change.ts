import { hasName, type PreauthError } from "../../errors.ts";
import { PADATA } from "../../iana/index.ts";
import type { PaData, Principal } from "../../krb5/index.ts";
import { findPaData } from "../methods.ts";
import type { PinNotice } from "../prompts.ts";
import { otpFailure } from "./failure.ts";
import { otpMessages } from "./messages.ts";
import { FORMATS, isShowable } from "./token.ts";

/** PinFlags (RFC 6560 section 4.3). */
const SYSTEM_SET_PIN = 0x4000_0000;
const MANDATORY = 0x2000_0000;

/** KDC_ERR_PIN_EXPIRED and KDC_ERR_PIN_REQUIRED (RFC 6560 sections 2.3 and 3.4). */
const PIN_EXPIRED = 96;
const PIN_REQUIRED = 97;

/** What the KDC says of a PIN; undefined: nothing that can be shown. */
export function pinNoticeIn(padata: readonly PaData[], client: Principal): PinNotice | undefined {
  const value = findPaData(padata, PADATA.otpPinChange)?.padataValue;
  if (value === undefined) return undefined;
  try {
    const { pinFlags, pin, minLength, maxLength, format: number = -1 } = otpMessages.decode("PA-OTP-PIN-CHANGE", value);
    if (pin !== undefined && !isShowable(pin)) return undefined;
    const isSet = (pinFlags & SYSTEM_SET_PIN) !== 0;
    const format = FORMATS[number];
    return {
      client,
      ...(pin === undefined ? {} : isSet ? { newPin: pin } : { proposedPin: pin }),
      // Of a PIN that is set already the flag says nothing.
      isChangeNeeded: !isSet && (pinFlags & MANDATORY) !== 0,
      ...(minLength === undefined ? {} : { minLength }),
      ...(maxLength === undefined ? {} : { maxLength }),
      ...(format === undefined ? {} : { format }),
    };
  } catch (error) {
    if (!hasName(error, "DecodeError")) throw error;
    return undefined;
  }
}

/** The error for a PIN that must be changed, or that the KDC wants apart; undefined: the code is another's. */
export function pinError(
  errorCode: number,
  offer: readonly PaData[],
  client: Principal,
  cause: Error,
): PreauthError | undefined {
  if (errorCode !== PIN_EXPIRED && errorCode !== PIN_REQUIRED) return undefined;
  const words = (us: string): string =>
    errorCode === PIN_REQUIRED
      ? `the KDC wants the PIN of the token of ${us} apart from its code, and its challenge did not say so: ask the realm's administrators`
      : `the PIN of the token of ${us} has expired: change it where the realm has that done${rulesOf(pinNoticeIn(offer, client))}, and log in again with the token's next code`;
  return otpFailure("OTP_REFUSED", client, words, cause);
}

/** The rules of a new PIN, in words; never the PIN that is proposed. */
function rulesOf(notice: PinNotice | undefined): string {
  const { minLength, maxLength, format } = notice ?? {};
  const rules = [
    ...(minLength === undefined ? [] : [`at least ${minLength} characters`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(format === undefined ? [] : [format]),
  ];
  return rules.length === 0 ? "" : ` (the new one: ${rules.join(", ")})`;
}
