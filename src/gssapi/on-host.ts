import { type Checks, checkObject, checkOptions } from "../checks/index.ts";
import { chooseProvider, createEncTypeSet as createSet, type EncTypeSet } from "../crypto/index.ts";
import type { Runtime } from "../host/index.ts";
import { type Enctypes, permittedTypes } from "../krb5/index.ts";
import { cryptoHost } from "../runtime/index.ts";

/** Options for {@link createEncTypeSet}. */
export interface EncTypeSetOptions {
  /** The host whose cryptography is used. Default: the one that runs this. */
  readonly runtime?: Runtime;
}

const setChecks: Checks<EncTypeSetOptions> = { runtime: checkObject };

/**
 * Makes a set of encryption types (RFC 3961), computed by the fastest cryptography of this host. A context permits
 * those of its set and no others.
 *
 * @param enctypes names or numbers, best first, for example `aes256-sha2`. Default: `aes256-sha1`, `aes128-sha1`,
 *   `aes256-sha2`, `aes128-sha2`
 * @param options the host
 * @returns the set, for the option `enctypes` of a context
 * @throws TypeError for what is not a list, RangeError for an empty one and for an enctype that is not built in: the
 *   caller's mistakes
 * @example
 * ```ts
 * import { createAcceptor, createEncTypeSet } from "krb5-remctl/gssapi";
 *
 * const enctypes = await createEncTypeSet(["aes256-sha2", "aes128-sha2"]);
 * const context = createAcceptor({ keytab: octets, enctypes });
 * ```
 */
export async function createEncTypeSet(enctypes?: Enctypes, options: EncTypeSetOptions = {}): Promise<EncTypeSet> {
  checkOptions("createEncTypeSet", options, setChecks);
  const { runtime = cryptoHost() } = options;
  return createSet(permittedTypes(enctypes), await chooseProvider(runtime));
}
