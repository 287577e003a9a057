export { cf2, prfPlus } from "./cf2.ts";
export type { EncType, ProtocolKey, StringToKeyOptions, UsageKey } from "./enctype.ts";
export { createEncTypeSet, type EncTypeSet } from "./enctype-set.ts";
export { etypeByName, strongEncTypes } from "./enctypes/index.ts";
export { type KeyedChecksum, makeKeyedChecksum, verifyKeyedChecksum } from "./keyed-checksum.ts";
export type { AesCbc, CryptoProvider, DigestName, HashName, Hmac } from "./provider.ts";
export { chooseProvider, loadNobleProvider } from "./providers/load.ts";
export { createNodeCryptoProvider, type NodeCrypto } from "./providers/node.ts";
export { createTieredProvider } from "./providers/tiered.ts";
