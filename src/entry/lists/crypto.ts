// Enctypes, keys and what computes with them. A list that several entries publish.

export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  EncTypeSet,
  HashName,
  Mac,
  OtherCipher,
  ProtocolKey,
  ScryptCost,
  StringToKeyOptions,
  UsageKey,
} from "../../crypto/index.ts";
