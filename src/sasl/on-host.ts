import { chooseProvider } from "../crypto/index.ts";
import { requireSharedReplays } from "../gssapi/index.ts";
import { acceptorHost } from "../runtime/index.ts";
import { type SaslServer, type SaslServerOptions, createSaslServer as server } from "./index.ts";

/**
 * Begins a SASL exchange as the server of GSSAPI (RFC 4752), GSS-SPNEGO, GS2-KRB5 or GS2-KRB5-PLUS (RFC 5801). It makes
 * and takes octets; the protocol that carries them is the caller's. One server serves one exchange.
 *
 * Without TLS the octets after the exchange are encrypted, or there is an error: name `layers` for anything else.
 *
 * @param options the service's keys, what shall protect the octets, and who may act as whom
 * @returns the server, before its first step
 * @throws CredentialError `KEYTAB` for octets that are not a keytab, TypeError and RangeError for other options that
 *   make no server; TypeError where other workers accept with the same keys and without a replay cache that they
 *   share: the caller's mistakes
 * @example
 * ```ts
 * import { createSaslServer } from "krb5-remctl/sasl";
 *
 * const sasl = createSaslServer({ keytab: octets, layers: ["confidentiality", "integrity"] });
 * let challenge = await sasl.step(await receive());
 * while (!sasl.isComplete) {
 *   await send(challenge ?? new Uint8Array(0));
 *   challenge = await sasl.step(await receive());
 * }
 * ```
 */
export function createSaslServer(options: SaslServerOptions): SaslServer {
  const host = acceptorHost();
  const made = server(options, () => chooseProvider(host));
  requireSharedReplays(options.replayCache, host);
  return made;
}
