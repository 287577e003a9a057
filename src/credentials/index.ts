export {
  type CcacheFile,
  type CcacheReadOptions,
  type CcacheVersion,
  decodeCcacheFile,
  decodeCredential,
  encodeCcacheFile,
  encodeCredential,
  type NewCcacheFile,
} from "./ccache/file-format.ts";
export * from "./ccache/index.ts";
export { type Credential, credential, credentialOfTicket, type TypedOctets, ticketOfCredential } from "./credential.ts";
export { KeyBlock, type RawKey } from "./key-block.ts";
export { decodeKeytab, encodeKeytab, Keytab, type KeytabQuery } from "./keytab.ts";
export { readKeytabFile, writeKeytabFile } from "./keytab-file.ts";
export type { KeytabEntry, KeytabReadOptions } from "./keytab-format.ts";
export * from "./stores/index.ts";
