import {
  decodeKeytab,
  isKeytabText,
  KEYTAB_FORMS,
  type Keytab,
  type KeytabText,
  keytabOctets,
} from "../credentials/index.ts";
import type { EncTypeSet } from "../crypto/index.ts";
import { CredentialError, hasCode } from "../errors.ts";
import type { KeySource } from "../krb5/index.ts";
import { KeytabKeys } from "./keytab-keys.ts";

/** The keys of an acceptor: octets of a keytab file, their base64, a keytab, or anything that has keys. */
export type AcceptorKeys = Uint8Array | KeytabText | Keytab | KeySource;

/**
 * Makes the keys of a keytab ready for acceptors, each once: a server makes one key source and gives it to all its
 * contexts. Keys of enctypes that are not in the set are ignored.
 *
 * @param keytab a keytab, or the octets of a keytab file, or their base64
 * @param enctypes the set, which says what computes them too
 * @returns the keys, for the option `keytab`
 * @throws CredentialError `KEYTAB` for octets that are not a keytab, TypeError for anything else: the caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor, createEncTypeSet, keytabKeys } from "krb5-remctl/gssapi";
 *
 * const enctypes = await createEncTypeSet();
 * const keytab = keytabKeys(octets, enctypes);
 * const context = createAcceptor({ keytab, enctypes });
 * ```
 */
export function keytabKeys(keytab: Uint8Array | KeytabText | Keytab, enctypes: EncTypeSet): KeySource {
  return new KeytabKeys(checkKeys(keytab) as Keytab, enctypes);
}

/** {@link AcceptorKeys} as a {@link KeySource}. */
export function keySourceOf(keys: AcceptorKeys, enctypes: EncTypeSet): KeySource {
  return "keysOf" in keys ? keys : keytabKeys(keys, enctypes);
}

/**
 * The keys that an option names, read if they are octets. Throws CredentialError `KEYTAB` for octets that are not a
 * keytab, TypeError for anything else: the caller's mistakes.
 */
export function checkKeys(keys: AcceptorKeys): Keytab | KeySource {
  // By what is used of it: a keytab may be another copy's of this package.
  const { findAll, keysOf } = Object(keys) as Partial<Keytab & KeySource>;
  if (typeof findAll === "function" || typeof keysOf === "function") return keys as Keytab | KeySource;
  const octets = isKeytabText(keys) ? keytabOctets(keys) : keys;
  if (!(octets instanceof Uint8Array)) throw new TypeError(`keytab is not a keytab: expected ${KEYTAB_FORMS}`);
  try {
    return decodeKeytab(octets);
  } catch (cause) {
    if (!hasCode(cause, "DECODE")) throw cause;
    throw new CredentialError("KEYTAB", `keytab is damaged, or not a keytab: ${cause.message}`, {
      reason: "damaged",
      cause,
    });
  }
}
