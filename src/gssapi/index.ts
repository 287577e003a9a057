/**
 * GSS-API contexts of the Kerberos 5 mechanism (RFC 4121): establishment, sealed and signed messages, both sides. It
 * knows neither where tickets come from ({@link TicketSource}) nor what the messages say.
 *
 * Layer 5: it may import `krb5`, `crypto`, `credentials` and what is below them; it does not know `client`.
 */
export { createAcceptor } from "./acceptor.ts";
export { type AcceptorOptions, acceptorChecks, checkAcceptorKeys, checkBindings } from "./acceptor-options.ts";
export {
  type BindingAddress,
  type ChannelBindings,
  type ChannelBindingsOption,
  tlsExporter,
  tlsServerEndPoint,
} from "./channel-bindings.ts";
export type { ContextFlags, SealingContext, SecurityContext, UnwrapOptions, WrapOptions } from "./context.ts";
export { createInitiator, type InitiatorOptions, initiatorChecks } from "./create-initiator.ts";
export { asContextFailure, badMic, defectiveToken, noContext } from "./failure.ts";
export { createFileReplayCache, type FileReplayCacheOptions, type ReplayFilesHost } from "./file-replay-cache.ts";
export { decodeContextToken, encodeContextToken } from "./framing.ts";
export { flagsOfBits } from "./gss-checksum.ts";
export { type AcceptorKeys, keytabKeys } from "./key-source.ts";
export { keysOnDemand } from "./keys-on-demand.ts";
export type { LegacyTokens, TokensOfEnctype } from "./legacy-tokens.ts";
export type { ContextOptions, LoadProvider } from "./options.ts";
export { createSealingInitiator, createSigningInitiator } from "./ready-initiator.ts";
export { notSealed, type ProtectionParameters, requireOrder } from "./sealed-messages.ts";
export { SequenceWindow } from "./sequence-window.ts";
export type { AcceptorService } from "./service-option.ts";
export { requireSharedReplays } from "./shared-replays.ts";
export { type StoreReplayCacheOptions, storeReplayCache } from "./store-replay-cache.ts";
export type { MessageTokens } from "./tokens.ts";
