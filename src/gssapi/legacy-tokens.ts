import type { ProtectionParameters } from "./sealed-messages.ts";
import type { MessageTokens } from "./tokens.ts";

/**
 * The tokens of an enctype that RFC 4121 does not cover, as the option `legacyTokens`: what `arcfourTokens()` of
 * `krb5-remctl/legacy-tokens` gives.
 */
export interface LegacyTokens {
  /** The number of the enctype. */
  readonly etype: number;
}

/** What {@link LegacyTokens} is within the package. */
export interface TokensOfEnctype extends LegacyTokens {
  /** Makes the tokens of one context. */
  protect(parameters: ProtectionParameters): MessageTokens;
}
