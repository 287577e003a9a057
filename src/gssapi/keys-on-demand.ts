import type { Keytab } from "../credentials/index.ts";
import { chooseProvider, createEncTypeSet, type EncTypeSet } from "../crypto/index.ts";
import { type KeySource, permittedTypes } from "../krb5/index.ts";
import { keytabKeys } from "./key-source.ts";
import { type ContextOptions, isEncTypeSet } from "./options.ts";

/**
 * Gives the enctypes and keys of a server's contexts. Nothing of the host is touched before the first client; then the
 * keys are made ready, once for all.
 */
export function keysOnDemand(
  keytab: Keytab | KeySource,
  enctypes: ContextOptions["enctypes"],
  host: Parameters<typeof chooseProvider>[0],
): () => Promise<{ readonly enctypes: EncTypeSet; readonly keytab: KeySource }> {
  const types = isEncTypeSet(enctypes) ? [] : permittedTypes(enctypes);
  let ready: { readonly enctypes: EncTypeSet; readonly keytab: KeySource } | undefined;
  return async () => {
    if (ready !== undefined) return ready;
    const set = isEncTypeSet(enctypes) ? enctypes : createEncTypeSet(types, await chooseProvider(host));
    ready ??= { enctypes: set, keytab: "keysOf" in keytab ? keytab : keytabKeys(keytab, set) };
    return ready;
  };
}
