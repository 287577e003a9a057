import type { PreauthMechanism } from "../mechanism.ts";
import { pkinitWith } from "./mechanism.ts";

/**
 * Makes the mechanism PKINIT (RFC 4556): a certificate proves the client, and another one the KDC. It serves the
 * credentials of `certificate()` and `anonymous()`; what it needs to read certificates is loaded at its first login.
 *
 * @returns the mechanism, for the option `preauth`
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 * import { certificate, pkinit } from "krb5-remctl/pkinit";
 *
 * const client = createClient({
 *   credentials: certificate("robot@EXAMPLE.ORG", { certificate: pem, key: keyPem, anchors: caPem }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [pkinit()],
 * });
 * ```
 */
export function pkinit(): PreauthMechanism {
  return pkinitWith(async () => (await import("./exchange.ts")).PkinitExchange);
}
