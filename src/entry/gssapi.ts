/**
 * GSS-API contexts of the Kerberos 5 mechanism (RFC 4121): establishment, sealed and signed messages, both sides. They
 * know neither where tickets come from ({@link TicketSource}) nor what the messages say.
 *
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { createInitiator } from "krb5-remctl/gssapi";
 *
 * const client = createClient({ credentials: { principal: "alice@EXAMPLE.ORG", password } });
 * const context = createInitiator({ target: "imap@mail.example.org", credential: client });
 * const token = await context.step();
 * ```
 *
 * @module
 */
export type { KeyValueStore } from "../credentials/index.ts";
export { GssError, isKerberosError, KerberosError } from "../errors.ts";
export {
  type AcceptorKeys,
  createInitiator,
  type FileReplayCacheOptions,
  type InitiatorOptions,
  keytabKeys,
  type LegacyTokens,
  type StoreReplayCacheOptions,
  storeReplayCache,
  tlsExporter,
  tlsServerEndPoint,
} from "../gssapi/index.ts";
export { createAcceptor, createEncTypeSet, type EncTypeSetOptions, fileReplayCache } from "../gssapi/on-host.ts";
export {
  type AuthenticatorClock,
  type AuthenticatorTime,
  createReplayCache,
  type Enctypes,
  formatPrincipal,
  type Principal,
  type ReplayCacheOptions,
} from "../krb5/index.ts";
export type * from "./lists/accepting.ts";
export type * from "./lists/contexts.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/host.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/pac.ts";
export type * from "./lists/tickets.ts";
export type * from "./lists/trace.ts";
