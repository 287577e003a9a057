/**
 * A remctl server to build into a program: commands are functions, clients are Kerberos principals. It speaks the
 * remctl protocol, versions 2 and 3 and, if asked to, 1, to libremctl and to this package's client, over sockets or any
 * byte stream.
 *
 * The room may import every room below it; the host is given to it, except in `on-host.ts`.
 */
export type {
  Acl,
  AclFunction,
  AclRequest,
  CommandHandler,
  CommandRequest,
  HelpText,
  OutputWriter,
  RemctlCommand,
} from "./command.ts";
export type { ErrorSource, ServerEvent } from "./events.ts";
export type { RemctlServerOptions, ServerListenOptions, ServerPeer } from "./options.ts";
export type { RemctlServer } from "./server.ts";
