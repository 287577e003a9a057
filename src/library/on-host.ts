import type { Kerberos } from "../client/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { KerberosLibrary } from "./kerberos-library.ts";
import type { KerberosOptions } from "./kerberos-options.ts";

/**
 * Makes a {@link Kerberos}: the exchanges of `kinit`, `kvno` and `kpasswd` as calls, with no tickets kept. Nothing is sent
 * or read before the first call.
 *
 * ```ts
 * const kerberos = createKerberos();
 * const login = await kerberos.login(password("alice@EXAMPLE.ORG", secret), { lifetimeSeconds: 3600, forwardable: true });
 * const host = await kerberos.host();
 * await openCache("FILE:/tmp/krb5cc_1000", host).initialize(contentsOfLogin(login));
 * ```
 */
export function createKerberos(options: KerberosOptions = {}): Kerberos {
  return new KerberosLibrary({ ...options, runtime: options.runtime ?? detectRuntime() });
}
