/**
 * Where tickets and keys are kept: keytabs, credential caches (one type a file in `ccache/`) and key-value stores (one
 * a file in `stores/`).
 *
 * Layer 3: it may import `krb5`, `crypto`, `host` and what is below them; the host is given to it, except in
 * `on-host.ts`.
 */
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
export { decodeKeytab, encodeKeytab, Keytab } from "./keytab.ts";
export { changeKeytabFile, readKeytabFile, shownKeytab, writeKeytabFile } from "./keytab-file.ts";
export { decodeKeytabEntries, type KeytabEntry, type KeytabReadOptions, keytabReadChecks } from "./keytab-format.ts";
export { type KeytabKeys, type KeytabQuery, keysOf } from "./keytab-keys.ts";
export { checkKeytab, checkKeytabOrFile } from "./keytab-option.ts";
export { isKeytabText, KEYTAB_FORMS, type KeytabText, keytabOctets, refuseEncodedKeytab } from "./keytab-text.ts";
export {
  isRefusedProof,
  keepRejection,
  type RefusedProof,
  repeatRejection,
} from "./rejection.ts";
export * from "./stores/index.ts";
