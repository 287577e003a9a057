import { type Checks, checkList, checkMethods, checkOptions } from "../../checks/index.ts";
import { edwards25519, type Group } from "../../curves/index.ts";
import type { PreauthMechanism } from "../mechanism.ts";
import { spakeWith } from "./mechanism.ts";

/** Options for {@link spake}. */
export interface SpakeOptions {
  /** The groups to offer, best first. Default: edwards25519, which every KDC with SPAKE must have. */
  readonly groups?: readonly Group[] | undefined;
}

const SPAKE_OPTIONS: Checks<SpakeOptions> = {
  groups: [checkList, (name, value) => checkMethods(name, value, "decode", "draw", "reduce")],
};

/**
 * Makes the mechanism SPAKE (RFC 9588): a login by password from which an attacker who listens, or plays the KDC,
 * cannot guess the password offline. With it in the list, no timestamp goes to a KDC that offers SPAKE.
 *
 * @param options The groups.
 * @returns A mechanism for the option `preauth`.
 * @throws TypeError or RangeError: the caller's mistake.
 * @example
 * ```ts
 * import { createClient, encTimestamp } from "krb5-remctl/lean";
 * import { edwards25519, p256, spake } from "krb5-remctl/spake";
 *
 * const client = createClient({
 *   credentials: { principal: "alice@EXAMPLE.ORG", password: secret },
 *   kdc: ["kdc.example.org"],
 *   preauth: [spake({ groups: [edwards25519, p256] }), encTimestamp],
 * });
 * ```
 */
export function spake(options: SpakeOptions = {}): PreauthMechanism {
  checkOptions("spake", options, SPAKE_OPTIONS);
  const { groups = [edwards25519] } = options;
  if (groups.length === 0) throw new RangeError("groups is an empty list: give a group, for example [edwards25519]");
  if (new Set(groups.map(({ number }) => number)).size < groups.length) {
    throw new RangeError("groups has a group twice");
  }
  return spakeWith(async () => groups);
}
