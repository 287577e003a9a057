import type { EtypeInfo2Entry } from "../../krb5/index.ts";
import { currentKeys, encodeIterations } from "./database.ts";
import type { Entry, StoredKey } from "./entry.ts";

/** The client's keys of the enctypes that it asked for, in its order. */
export function replyKeys(entry: Entry, etypes: readonly number[]): StoredKey[] {
  const keys = currentKeys(entry);
  return etypes.flatMap((etype) => keys.find((key) => key.etype === etype) ?? []);
}

/** PA-ETYPE-INFO2 (RFC 4120 section 5.2.7.5): how each key is made of the password. */
export function etypeInfo2(keys: readonly StoredKey[]): EtypeInfo2Entry[] {
  return keys.map(({ etype, salt, iterations }) => ({
    etype,
    ...(salt === undefined ? {} : { salt }),
    ...(iterations === undefined ? {} : { s2kparams: encodeIterations(iterations) }),
  }));
}
