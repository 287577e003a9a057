/**
 * A remctl server to build into a program: commands are functions, clients are Kerberos principals. It speaks the
 * remctl protocol, versions 2 and 3 and, if asked to, 1, to libremctl and to this package's client, over sockets or any
 * byte stream.
 *
 * ```ts
 * import { createRemctlServer } from "krb5-remctl/server";
 *
 * const server = createRemctlServer({
 *   keytab: octets,
 *   commands: [{ command: "ping", subcommand: "EMPTY", acl: ["ANYUSER"], handler: () => 0 }],
 * });
 * await server.listen();
 * ```
 *
 * @module
 */

export { isKerberosError } from "../errors.ts";
export type {
  AcceptorKeys,
  AcceptorOptions,
  AcceptorService,
  BindingAddress,
  ChannelBindings,
  ChannelBindingsOption,
  ContextOptions,
  LegacyTokens,
} from "../gssapi/index.ts";
export type { Enctypes, Principal, ServiceTicket, TicketElement } from "../krb5/index.ts";
export { REMCTL_ERROR } from "../remctl-wire/index.ts";
export type {
  Acl,
  AclFunction,
  AclRequest,
  CommandHandler,
  CommandRequest,
  ErrorSource,
  HelpText,
  OutputWriter,
  RemctlCommand,
  RemctlServer,
  RemctlServerOptions,
  ServerEvent,
  ServerListenOptions,
  ServerPeer,
} from "../server/index.ts";
export { createRemctlServer } from "../server/on-host.ts";
export type * from "./lists/accepting.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/files.ts";
export type * from "./lists/host.ts";
export type * from "./lists/keytabs.ts";
export type * from "./lists/pac.ts";
export type * from "./lists/trace.ts";
