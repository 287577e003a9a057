import type { PreauthMechanism } from "../mechanism.ts";
import { OtpExchange } from "./exchange.ts";
import { otpWith } from "./mechanism.ts";

/**
 * Makes the mechanism for one-time passwords (RFC 6560), for a login inside FAST: the option `armor` is needed. The
 * code is asked for by `ask.otp`, and sent once; the PIN of a token by `ask.pin`.
 *
 * @returns the mechanism, for the option `preauth`
 * @example
 * ```ts
 * import { fast } from "krb5-remctl/fast";
 * import { createClient } from "krb5-remctl/lean";
 * import { interactive, otp } from "krb5-remctl/otp";
 *
 * const client = createClient({
 *   credentials: interactive("alice@EXAMPLE.ORG"),
 *   armor: fast({ principal: "host/laptop.example.org@EXAMPLE.ORG", keytab: octets }),
 *   ask: { otp: async ({ text }) => await readLine(text) },
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [otp()],
 * });
 * ```
 */
export function otp(): PreauthMechanism {
  return otpWith(async () => OtpExchange);
}
