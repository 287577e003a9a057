// The KDC's half of one-time passwords (RFC 6560): what a test changes of it is what an attacker could.

import type { ProtocolKey } from "../../src/crypto/index.ts";
import { KEY_USAGE, KRB_ERROR, PADATA } from "../../src/iana/index.ts";
import { openData } from "../../src/krb5/index.ts";
import { later, type ToLater } from "./later-types.ts";
import { find, type Script } from "./preauth-kdc.ts";
import { pa } from "./preauth-mechanisms.ts";

type Challenge = ToLater<"PA-OTP-CHALLENGE">;
type Token = Challenge["otpTokenInfo"][number];

const NONCE = new Uint8Array(36).fill(7);

/** PA-OTP-CHALLENGE for these tokens. */
export function otpChallenge(tokens: readonly Token[] = [{ flags: 0 }], more: Partial<Challenge> = {}) {
  const challenge = { nonce: NONCE, otpTokenInfo: tokens, ...more };
  return pa(PADATA.otpChallenge, later.encode("PA-OTP-CHALLENGE", challenge));
}

/** What a client sent. */
export function openOtp(value: Uint8Array) {
  return later.decode("PA-OTP-REQUEST", value);
}

/** A KDC that takes any one-time password, for whose challenge the nonce comes back under the armor key. */
export function otpKdc(armor: ProtocolKey, ...challenge: Parameters<typeof otpChallenge>): Script {
  return (request, _, kdc) => {
    const value = find(request.padata, PADATA.otpRequest);
    const methods = [kdc.etypeInfo, otpChallenge(...challenge), pa(PADATA.fxCookie, Uint8Array.of(1))];
    if (value === undefined) return { code: KRB_ERROR.KDC_ERR_PREAUTH_REQUIRED, methods };
    const { encData, otpValue } = openOtp(value);
    const { nonce } = later.decode("PA-OTP-ENC-REQUEST", openData(armor, KEY_USAGE.otpRequest, encData));
    if (String(nonce) !== String(NONCE) || otpValue === undefined) {
      return { code: KRB_ERROR.KDC_ERR_PREAUTH_FAILED, methods };
    }
    return { replyKey: armor };
  };
}
