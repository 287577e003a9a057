import { PreauthError } from "../../errors.ts";
import { formatPrincipal, type Principal } from "../../krb5/index.ts";

/** The mechanism's name, as errors have it. */
export const NAME = "PA-OTP-CHALLENGE";

/** The error for a login that ends; `words` are given the client's name. */
export function otpFailure(
  code: "PREAUTH" | "OTP_REFUSED",
  client: Principal,
  words: (client: string) => string,
  cause?: unknown,
): PreauthError {
  const principal = formatPrincipal(client);
  const fields = { principal, realm: client.realm, mechanism: NAME };
  return new PreauthError(code, words(principal), cause === undefined ? fields : { ...fields, cause });
}
