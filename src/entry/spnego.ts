/**
 * SPNEGO (RFC 4178, MS-SPNG): the negotiation that HTTP Negotiate, LDAP's GSS-SPNEGO and SMB put before a context, both
 * sides. A negotiated context is used as one of `krb5-remctl/gssapi` is; what is agreed on is krb5.
 *
 * ```ts
 * import { createSpnegoAcceptor } from "krb5-remctl/spnego";
 *
 * const context = createSpnegoAcceptor({ keytab: octets, service: "HTTP" });
 * const reply = await context.step(await receive());
 * if (context.isEstablished) console.log(context.peer, context.wasReselected);
 * ```
 *
 * @module
 */
export type { KeyValueStore } from "../credentials/index.ts";
export { GssError, isKerberosError, KerberosError } from "../errors.ts";
export type { AcceptorKeys, InitiatorOptions, LegacyTokens } from "../gssapi/index.ts";
export {
  type AuthenticatorClock,
  type AuthenticatorTime,
  type Enctypes,
  formatPrincipal,
  type Principal,
} from "../krb5/index.ts";
export {
  createNegotiationHints,
  createSpnegoInitiator,
  describeToken,
  type SpnegoAcceptorOptions,
  type SpnegoContext,
  type SpnegoInitiatorOptions,
  type TokenDescription,
  type TokenMechanism,
} from "../spnego/index.ts";
export { createSpnegoAcceptor } from "../spnego/on-host.ts";
export type * from "./lists/accepting.ts";
export type * from "./lists/contexts.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/pac.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
