/**
 * The client for small bundles, for example of a Worker: KDCs and credentials are given, tickets are kept in memory. It has no
 * krb5.conf, no DNS and no credential caches, and connects by itself on Workers only; its calls, options and errors are those of
 * the main entry.
 *
 * @module
 */
export {
  type Attempt,
  type CommandState,
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  type ErrorCode,
  GssError,
  KdcError,
  KerberosError,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  TransportError,
} from "../errors.ts";
export type { ByteStream, Dial, Fetch } from "../host/index.ts";
export type { Principal, ServiceTicket } from "../krb5/index.ts";
export type { RemctlArgument, RemctlResult, RemctlSession } from "../remctl/index.ts";
export type {
  LeanClient,
  LeanClientOptions,
  LeanCredentials,
  RemctlOptions,
  SessionClient,
} from "../remctl-client/index.ts";
export { createClient } from "../remctl-client/lean/on-host.ts";
export type { TraceEvent, TraceListener } from "../trace.ts";
