/**
 * GSS-API contexts of the Kerberos 5 mechanism (RFC 4121): establishment, sealed and signed messages, both sides. It knows
 * neither where tickets come from ({@link TicketSource}) nor what the messages say.
 */
export type { Keytab } from "../credentials/index.ts";
export type { EncTypeSet } from "../crypto/index.ts";
export { GssError, KerberosError } from "../errors.ts";
export {
  type AuthenticatorClock,
  createReplayCache,
  type KeySource,
  type Principal,
  type ReplayCache,
  type ReplayCacheOptions,
  type ReplayEntry,
  type ServiceKey,
  type ServiceTicket,
  type TicketSource,
} from "../krb5/index.ts";
export { type AcceptorOptions, createAcceptor } from "./acceptor.ts";
export {
  type BindingAddress,
  type ChannelBindings,
  type ChannelBindingsOption,
  tlsServerEndPoint,
} from "./channel-bindings.ts";
export type { ContextFlags, SecurityContext, UnwrapOptions, WrapOptions } from "./context.ts";
export { createInitiator, type InitiatorOptions } from "./initiator.ts";
export { type AcceptorKeys, keytabKeys } from "./key-source.ts";
export type { ContextOptions } from "./options.ts";
