import { type Checks, checkOptions, checkWord } from "../../checks/index.ts";
import { armorOf, type CredentialSource, type KerberosClient, type LoginArmor } from "../../client/index.ts";
import type { FastPart } from "../../library/index.ts";
import { checkForms } from "../credential-checks.ts";
import type { LeanCredentials } from "./options.ts";
import { principalIn, secretLoader } from "./secret-loader.ts";

/** What is behind {@link FastPart}. */
export interface Fast extends FastPart, CredentialSource {
  /** Makes the armor of a client, whose part it is to get the tickets of credentials. */
  arm(ticketsOf: (credentials: LeanCredentials) => KerberosClient): LoginArmor;
}

/** Options for {@link fast}. */
export interface FastOptions {
  /**
   * `"required"`: nothing is sent without armor. `"if-offered"`: armor is taken up where the KDC offers FAST, which an
   * attacker can hide. Default `"required"`.
   */
  readonly policy?: "required" | "if-offered" | undefined;
}

const fastChecks: Checks<FastOptions> = { policy: [checkWord, "required", "if-offered"] };

/**
 * Makes the part that puts every login and every request for a ticket inside FAST (RFC 6113 section 5.4). The main
 * entry has the options `armor` and `armorPolicy` for it.
 *
 * @param credentials whose ticket-granting ticket is the armor: a machine's keytab, or `anonymous()`
 * @param options whether armor is required
 * @returns a value for the option `armor` of `krb5-remctl/lean`
 * @throws TypeError and RangeError for what cannot work: the caller's mistakes
 * @example
 * ```ts
 * import { encryptedChallenge, fast } from "krb5-remctl/fast";
 * import { createClient } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password },
 *   armor: fast({ principal: "host/laptop.example.org@EXAMPLE.ORG", keytab: octets }),
 *   kdc: ["tcp://kdc.example.org:88"],
 *   preauth: [encryptedChallenge],
 * });
 * ```
 */
export function fast(credentials: LeanCredentials, options: FastOptions = {}): FastPart {
  checkForms(credentials);
  checkOptions("fast", options, fastChecks);
  const { policy = "required" } = options;
  const principal = principalIn(credentials);
  const part: Fast = {
    name: "FAST",
    kind: "fast",
    principal,
    // For the main entry, which has the code of FAST by itself.
    open: async () => ({ principal, loadSecret: secretLoader(principal, credentials) }),
    arm: (ticketsOf) => armorOf(ticketsOf(credentials), policy),
  };
  return part;
}
