export { createLocator } from "./locator.ts";
export type { DnsOption, Locator, LocatorOptions, SearchOptions, ServiceHost } from "./types.ts";
