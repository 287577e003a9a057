/**
 * The client for small bundles, for example of a Worker: KDCs and credentials are given, tickets are kept in memory. It
 * has no krb5.conf, no DNS and no credential caches, and connects by itself on Workers only; its calls, options and
 * errors are those of the main entry.
 *
 * ```ts
 * import { createClient } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "robot@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const { stdout } = await client.remctl("server.example.org", ["account", "list"]);
 * ```
 *
 * @module
 */

export type {
  Deferred,
  PacWish,
  Secret,
  SecretCredentials,
  ServiceTicketOptions,
  TicketOptions,
} from "../client/index.ts";
export {
  ConfigError,
  CredentialError,
  CryptoError,
  DecodeError,
  GssError,
  isKerberosError,
  isSafeToRetry,
  KdcError,
  KerberosError,
  PreauthError,
  ProtocolError,
  RemctlError,
  RemctlProtocolError,
  RemctlServerError,
  ServiceError,
  TransportError,
  UnsupportedError,
} from "../errors.ts";
export type { LegacyTokens } from "../gssapi/index.ts";
export { type Enctypes, type PaData, type Principal, type RegisteredNames, registeredNames } from "../krb5/index.ts";
export type { ExchangeOptions, FastPart, ServerLists } from "../library/index.ts";
export { encTimestamp, hintFor, longTermReplyKey } from "../preauth/index.ts";
export { streamedArguments, streamedOutput, version1 } from "../remctl/index.ts";
export { actFor, httpsProxy, impersonate, pool, runOnHosts } from "../remctl-client/index.ts";
export { createClient } from "../remctl-client/lean/on-host.ts";
export type * from "./types/commands.ts";
export type * from "./types/crypto.ts";
export type * from "./types/errors.ts";
export type * from "./types/files.ts";
export type * from "./types/host.ts";
export type * from "./types/keytabs.ts";
export type * from "./types/mechanisms.ts";
export type * from "./types/secrets.ts";
export type * from "./types/small-client.ts";
export type * from "./types/tickets.ts";
export type * from "./types/trace.ts";
