import { chooseProvider, createEncTypeSet as createSet, type EncTypeSet, permittedTypes } from "../crypto/index.ts";
import type { Runtime } from "../host/index.ts";
import { detectRuntime } from "../runtime/index.ts";

/** Options for {@link createEncTypeSet}. */
export interface EncTypeSetOptions {
  /** The host whose cryptography is used. Default: the one that runs this. */
  readonly runtime?: Runtime;
}

/**
 * Makes a set of encryption types (RFC 3961), computed by the fastest cryptography of this host. A context permits those of
 * its set and no others.
 *
 * @param enctypes names, best first, for example `aes256-sha2`. Default: `aes256-sha1`, `aes128-sha1`, `aes256-sha2`,
 *   `aes128-sha2`
 * @param options the host
 * @returns the set, for the option `encTypes` of a context
 * @throws TypeError for what is not a list, RangeError for an empty one and for a name that is not built in: the caller's
 *   mistakes
 * @example
 * ```ts
 * import { createAcceptor, createEncTypeSet } from "krb5-remctl/gssapi";
 *
 * const encTypes = await createEncTypeSet(["aes256-sha2", "aes128-sha2"]);
 * const context = createAcceptor({ keytab: octets, encTypes });
 * ```
 */
export async function createEncTypeSet(
  enctypes?: readonly string[],
  options: EncTypeSetOptions = {},
): Promise<EncTypeSet> {
  const { runtime = detectRuntime() } = options;
  return createSet(permittedTypes(enctypes), await chooseProvider(runtime));
}
