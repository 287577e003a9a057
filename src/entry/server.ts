/**
 * A remctl server to build into a program: commands are functions, clients are Kerberos principals. It speaks the remctl protocol, versions 2
 * and 3 and, if asked to, 1, to libremctl and to this package's client, over sockets or any byte stream.
 *
 * @module
 */
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
} from "../server/index.ts";
export { createRemctlServer } from "../server/on-host.ts";
