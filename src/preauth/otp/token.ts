import { PreauthError } from "../../errors.ts";
import type { OtpToken } from "../prompts.ts";
import { NAME } from "./failure.ts";
import type { OtpChallenge, TokenInfo } from "./messages.ts";

/** Flags of a token (RFC 6560 section 4.1). */
export const TOKEN_FLAG = {
  nextOtp: 0x4000_0000,
  combine: 0x2000_0000,
  collectPin: 0x1000_0000,
  doNotCollectPin: 0x0800_0000,
  mustEncryptNonce: 0x0400_0000,
  separatePin: 0x0200_0000,
  checkDigit: 0x0100_0000,
} as const;

/** What a value or a PIN consists of (RFC 6560 section 4.1), by number. */
export const FORMATS = ["decimal", "hexadecimal", "alphanumeric", "binary", "base64"] as const;
const DECIMAL = 0;
/** More than a person can choose from. */
const MAX_TOKENS = 16;
const MAX_TEXT = 1024;

/** A token that a client without a device can use: its value is typed, and sent as it is. */
export interface Token {
  readonly info: TokenInfo;
  /** What the user is shown. */
  readonly shown: OtpToken;
}

/** Whether all of these flags are set. */
export function has({ otpFlags }: TokenInfo, ...wanted: readonly number[]): boolean {
  return wanted.every((flag) => (otpFlags & flag) !== 0);
}

/**
 * The tokens of a challenge that can be used here (rule OT3). Throws PreauthError `PREAUTH_UNSUPPORTED` without
 * one.
 */
export function usableTokens({ otpService, otpTokenInfo }: OtpChallenge): readonly Token[] {
  const tokens = otpTokenInfo.slice(0, MAX_TOKENS).flatMap((info) => {
    const shown = isSensible(info) ? shownOf(info, otpService) : undefined;
    return shown === undefined ? [] : [{ info, shown }];
  });
  if (tokens.length > 0) return tokens;
  throw new PreauthError(
    "PREAUTH_UNSUPPORTED",
    "the KDC offers no token whose one-time password can be typed here: it wants values that are hashed or encrypted, " +
      "or what it says of its tokens does not go together (RFC 6560); let the KDC take plain values inside FAST",
    { mechanism: NAME },
  );
}

function isSensible(info: TokenInfo): boolean {
  // RFC 6560 section 3.6: a value that is hashed, or a key, which no KDC that we know asks for.
  const isHashed = info.supportedHashAlg !== undefined || info.iterationCount !== undefined;
  if (isHashed || has(info, TOKEN_FLAG.mustEncryptNonce)) return false;
  // RFC 6560 section 3.3: the client SHALL regard these as invalid.
  if (has(info, TOKEN_FLAG.collectPin, TOKEN_FLAG.doNotCollectPin)) return false;
  // The same of a check digit of what has no digits.
  if (has(info, TOKEN_FLAG.checkDigit) && (info.otpFormat ?? DECIMAL) !== DECIMAL) return false;
  return !has(info, TOKEN_FLAG.combine) || info.otpChallenge !== undefined;
}

/** Undefined for a token of which something cannot be shown: the user would not know what is asked. */
function shownOf(info: TokenInfo, service: string | undefined): OtpToken | undefined {
  const { otpVendor: vendor, otpLength: length, otpFormat = -1 } = info;
  const challenge = textOf(info.otpChallenge);
  const texts = [vendor, service, challenge];
  if (challenge === null || !texts.every((text) => text === undefined || isShowable(text as string))) return undefined;
  const format = FORMATS[otpFormat];
  return {
    ...(challenge === undefined ? {} : { challenge }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(service === undefined ? {} : { service }),
    ...(length === undefined ? {} : { length }),
    ...(format === undefined ? {} : { format }),
  };
}

/** Null for octets that are not UTF-8. */
function textOf(octets: Uint8Array | undefined): string | null | undefined {
  if (octets === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    return null;
  }
}

/** Whether a terminal shows a text, and does not obey it. */
export function isShowable(text: string): boolean {
  return text.length <= MAX_TEXT && !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(text);
}
