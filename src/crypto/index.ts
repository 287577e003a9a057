/**
 * The encryption framework of RFC 3961: enctypes, one a file in `enctypes/`, keys, checksums, key derivation, and the
 * providers of AES, HMAC and PBKDF2.
 *
 * Layer 1: it may import `errors.ts`, `bytes` and `iana`; `crypto` and `asn1` do not know each other.
 */
export { cf2, prfPlus } from "./cf2.ts";
export type { EncType, ProtocolKey, StringToKeyOptions, UsageKey } from "./enctype.ts";
export { createEncTypeSet, type EncTypeSet } from "./enctype-set.ts";
export { encTypeByName, strongEncTypes } from "./enctypes/index.ts";
export { type KeyedChecksum, makeKeyedChecksum, verifyKeyedChecksum } from "./keyed-checksum.ts";
export type { CbcCipher, CryptoProvider, DigestName, HashName, Mac } from "./provider.ts";
export { chooseProvider, loadNobleProvider, loadNodeProvider } from "./providers/load.ts";
export { createNodeCryptoProvider, type NodeCrypto } from "./providers/node.ts";
export { createTieredProvider } from "./providers/tiered.ts";
