import { type Checks, checkBoolean, checkOptions } from "../checks/index.ts";
import { CryptoError } from "../errors.ts";
import type { LegacyTokens, MessageTokens, TokensOfEnctype } from "../gssapi/index.ts";
import { arcfourHmac } from "../legacy-enctypes/index.ts";
import { ArcfourMessages } from "./arcfour-messages.ts";

/** Options for {@link arcfourTokens}. */
export interface ArcfourTokensOptions {
  /**
   * MICs too (`getMic`, `verifyMic`). They can be forged: MD5 signs what collides (CVE-2025-3576), so that a MIC that
   * was asked for one message is good for another. Default false: they are CryptoError `ETYPE_NOT_PERMITTED`.
   */
  readonly mic?: boolean | undefined;
}

const optionChecks: Checks<ArcfourTokensOptions> = { mic: checkBoolean };

/**
 * Permits a GSS-API context whose key is of RC4-HMAC, as the option `legacyTokens` of both ends (RFC 1964 section 1.2
 * with RFC 4757 section 7). The enctype has to be permitted as well. RC4 is broken (RFC 8429): use it with a peer that
 * has nothing better, on a network that nobody else is in, and until the peer has keys of AES.
 *
 * @param options whether MICs are made and taken
 * @returns what the option `legacyTokens` takes
 * @throws TypeError for options that are not known: the caller's mistake
 * @example
 * ```ts
 * import { createAcceptor } from "krb5-remctl/gssapi";
 * import { arcfourHmac } from "krb5-remctl/legacy-enctypes";
 * import { arcfourTokens } from "krb5-remctl/legacy-tokens";
 *
 * const context = createAcceptor({
 *   keytab: octets,
 *   enctypes: ["aes256-sha1", "aes128-sha1", arcfourHmac],
 *   legacyTokens: arcfourTokens(),
 * });
 * ```
 */
export function arcfourTokens(options: ArcfourTokensOptions = {}): LegacyTokens {
  checkOptions("arcfourTokens", options, optionChecks);
  const isMicPermitted = options.mic ?? false;
  const tokens: TokensOfEnctype = {
    etype: arcfourHmac.etype,
    protect: (parameters): MessageTokens => new ArcfourMessages(parameters, isMicPermitted ? () => {} : refuseMic),
  };
  return tokens;
}

/** Rule LE3 in SECURITY.md. */
function refuseMic(): void {
  const { etype, name } = arcfourHmac;
  const message = `MICs of ${name} can be forged (CVE-2025-3576): wrap the message, or permit them (arcfourTokens({ mic: true }))`;
  throw new CryptoError("ETYPE_NOT_PERMITTED", message, { etype });
}
