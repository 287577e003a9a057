// The small client, and what all its entries publish of it: each adds `createClient` for its hosts.

export type {
  Deferred,
  PacWish,
  Secret,
  SecretCredentials,
  ServiceTicketOptions,
  TicketOptions,
} from "../../client/index.ts";
export { isKerberosError, isSafeToRetry } from "../../errors.ts";
export type { LegacyTokens } from "../../gssapi/index.ts";
export { type Enctypes, type PaData, type Principal, type RegisteredNames, registeredNames } from "../../krb5/index.ts";
export type { ExchangeOptions, FastPart, ServerLists } from "../../library/index.ts";
export { encTimestamp, hintFor, longTermReplyKey } from "../../preauth/index.ts";
export { streamedArguments, streamedOutput, version1 } from "../../remctl/index.ts";
export type {
  HostsOptions,
  ImpersonateOptions,
  KdcTransportPart,
  LeanClient,
  LeanClientOptions,
  LeanCredentials,
  RemctlOptions,
  SessionClient,
  UserCertificate,
} from "../../remctl-client/index.ts";
export { actFor, httpsProxy, impersonate, pool, runOnHosts } from "../../remctl-client/index.ts";
export type * from "./commands.ts";
export type * from "./crypto.ts";
export * from "./errors.ts";
export type * from "./files.ts";
export type * from "./host.ts";
export type * from "./keytabs.ts";
export type * from "./mechanisms.ts";
export type * from "./secrets.ts";
export type * from "./tickets.ts";
export type * from "./trace.ts";
