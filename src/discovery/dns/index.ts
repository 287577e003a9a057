export type { DnsAnswer } from "./answer.ts";
export { type DnsQuery, type DnsRecord, type DnsResponse, decodeResponse, encodeQuery } from "./message.ts";
export { encodeName, isHostName } from "./name.ts";
export type { RecordData, RecordType } from "./records.ts";
export { parseResolvConf, type ResolvConf } from "./resolv-conf.ts";
export { createResolver, type Resolver, type ResolverOptions } from "./resolver.ts";
