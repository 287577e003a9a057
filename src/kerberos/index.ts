/**
 * The API of npm `kerberos` 7 over this library: contexts as base64 text, in promises and callbacks, and the class of
 * its 0.x versions. It is what drivers load as an optional native module.
 *
 * Layer 8: it may import every room below it; the host is given to it, except in `on-host.ts`.
 */
export type { Callback } from "./callback.ts";
export { KerberosClient, type WrapOptions } from "./client.ts";
export type { InitializeClientOptions } from "./client-options.ts";
export * from "./constants.ts";
export type { AuthGssClientContext, AuthGssServerContext, LegacyKerberos } from "./legacy.ts";
export { NativeError } from "./native-error.ts";
export { KerberosServer } from "./server.ts";
export type { ConfigureOptions } from "./settings.ts";
