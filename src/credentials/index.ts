export { KeyBlock, type RawKey } from "./key-block.ts";
export { decodeKeytab, encodeKeytab, Keytab, type KeytabQuery } from "./keytab.ts";
export type { KeytabEntry, KeytabReadOptions } from "./keytab-format.ts";
