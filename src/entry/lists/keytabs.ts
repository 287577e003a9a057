// Keytabs and keys. A list that several entries publish.

export type { Keytab, KeytabEntry, KeytabQuery, KeytabText, RawKey } from "../../credentials/index.ts";
