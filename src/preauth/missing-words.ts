import { PADATA } from "../iana/index.ts";
import type { LoginContext } from "./mechanism.ts";

/** What to do about a KDC that offers nothing which a login can answer: by what it offers. */
export function missingWords(login: LoginContext, offered: readonly number[], name: string): string {
  const has = (type: number): boolean => offered.includes(type);
  const ways = [
    ...(has(PADATA.fxFast) && login.armor === undefined
      ? ["log in inside FAST, which may offer more: give the option `armor` (kinit -T)"]
      : []),
    ...(has(PADATA.spake) ? ["let spake() of krb5-remctl/spake be among the mechanisms"] : []),
    ...(has(PADATA.pkAsReq) && login.identity === undefined ? ["give a certificate (kinit -X)"] : []),
    ...(has(PADATA.otpChallenge) ? ["let otp() of krb5-remctl/otp be among the mechanisms, with `ask.otp`"] : []),
  ];
  return ways.length === 0 ? `allow one of ours for ${name} on the KDC` : ways.join(", or ");
}
