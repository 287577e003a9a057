import { PADATA } from "../iana/index.ts";
import type { LoginContext } from "./mechanism.ts";

/** What to give so that a login can answer a KDC which it could not, by what that offers. */
export function missingWords({ armor, identity }: LoginContext, offered: readonly number[]): string {
  const ways: readonly (readonly [type: number, isMissing: boolean, words: string])[] = [
    [PADATA.fxFast, armor === undefined, "give `armor`, for FAST"],
    [PADATA.spake, true, "allow spake()"],
    [PADATA.pkAsReq, identity === undefined, "give a certificate"],
    [PADATA.otpChallenge, true, "allow otp()"],
  ];
  return ways.flatMap(([type, isMissing, words]) => (isMissing && offered.includes(type) ? [words] : [])).join(", or ");
}
