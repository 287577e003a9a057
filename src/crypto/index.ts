/**
 * The encryption framework of RFC 3961: enctypes, one a file in `enctypes/`, keys, checksums, key derivation, and the
 * providers of AES, HMAC and PBKDF2.
 *
 * Layer 1: it may import `errors.ts`, `bytes` and `iana`; `crypto` and `asn1` do not know each other.
 */
export { checkGiven, checkParts, seedAsKey } from "./argument-checks.ts";
export { cf2, prfPlus } from "./cf2.ts";
export { type Construction, type Deriver, type KeyLabel, usageConstant } from "./construction.ts";
export { BLOCK_BYTES, ctsDecrypt, ctsEncrypt, ZERO_IV } from "./cts.ts";
export type { EncType, ProtocolKey, StringToKeyOptions, UsageKey } from "./enctype.ts";
export { createEncTypeSet, type EncTypeSet } from "./enctype-set.ts";
export { encTypeByName, strongEncTypes } from "./enctypes/index.ts";
export { hmacMd5, hmacMd5Checksum, littleEndian } from "./hmac-md5.ts";
export { iterationsOf } from "./iterations.ts";
export { type KeyedChecksum, makeKeyedChecksum, verifyKeyedChecksum } from "./keyed-checksum.ts";
export { nFold } from "./n-fold.ts";
export { type ForgettingUsageKey, KeptKey, type KeyOperations, type KeyRoot } from "./protocol-key.ts";
export type { CbcCipher, CryptoProvider, DigestName, HashName, Mac, OtherCipher, ScryptCost } from "./provider.ts";
export { chooseProvider, loadNobleProvider, loadNodeProvider } from "./providers/load.ts";
export { createNodeCryptoProvider, type NodeCrypto } from "./providers/node.ts";
export { createTieredProvider } from "./providers/tiered.ts";
export { constructedKey } from "./usage-key.ts";
