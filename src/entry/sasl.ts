/**
 * SASL with Kerberos, both sides: GSSAPI (RFC 4752), GSS-SPNEGO, GS2-KRB5 and GS2-KRB5-PLUS (RFC 5801), and the
 * security layer after them. The protocol that carries the octets is the caller's.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createSaslClient } from "krb5-remctl/sasl";
 *
 * const credential = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const sasl = createSaslClient({ service: "ldap", host: "ldap.example.org", credential });
 * const initialResponse = await sasl.step();
 * ```
 *
 * @module
 */
export { isKerberosError } from "../errors.ts";
export type { AcceptorKeys, InitiatorOptions, LegacyTokens } from "../gssapi/index.ts";
export type { ByteStream } from "../host/index.ts";
export type { AuthenticatorClock, AuthenticatorTime, Enctypes, Principal } from "../krb5/index.ts";
export {
  type Authorize,
  createSaslClient,
  type Deframer,
  type Layer,
  type LayerOptions,
  type SaslClient,
  type SaslClientOptions,
  type SaslMechanism,
  type SaslServer,
  type SaslServerOptions,
  type SaslStepOptions,
  type SecurityLayer,
  saslDuplex,
} from "../sasl/index.ts";
export { createSaslServer } from "../sasl/on-host.ts";
export type * from "./lists/accepting.ts";
export type * from "./lists/contexts.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/pac.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
