/**
 * Where the KDCs of a realm are: configuration, SRV and URI records, DNS over HTTPS; and the realm and name of a host.
 *
 * Layer 4: it may import `transport`, `config` and what is below them.
 */

export { parseDnsOption } from "./dns/server.ts";
export { createLocator } from "./locator.ts";
export { checkSite } from "./site.ts";
export type { DnsOption, Locator, LocatorOptions, SearchOptions, ServiceHost } from "./types.ts";
