/**
 * The clients that programs open: one core, a shell for the main entry and one for `krb5-remctl/lean`. It may import
 * every room below it; the host is given to it, except in `on-host.ts`.
 */

export { actFor, type ImpersonateOptions, impersonate, type UserCertificate } from "./acting.ts";
export type { LeanClient } from "./lean/client.ts";
export { type FastOptions, fast } from "./lean/fast.ts";
export type { LeanClientOptions, LeanCredentials } from "./lean/options.ts";
export { httpsProxy, type KdcTransportPart } from "./lean/transports.ts";
export { checkCredentials } from "./main-checks.ts";
export { type HostsOptions, pool, runOnHosts } from "./many.ts";
export type { ClientOptions, Credentials, RemctlOptions, StoreCacheSettings } from "./options.ts";
export { RemctlClient } from "./remctl-client.ts";
export { SessionClient } from "./session-client.ts";
