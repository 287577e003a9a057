export type { EncType, ProtocolKey, StringToKeyOptions, UsageKey } from "./enctype.ts";
export { createEncTypeSet, type EncTypeSet } from "./enctype-set.ts";
export type { AesCbc, CryptoProvider, HashName, Hmac } from "./provider.ts";
