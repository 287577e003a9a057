import { checkOptions, type OptionHint } from "../checks/index.ts";
import type { Kerberos } from "../client/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { kerberosChecks } from "./kerberos-checks.ts";
import { KerberosLibrary } from "./kerberos-library.ts";
import type { KerberosOptions } from "./kerberos-options.ts";

/**
 * Makes a {@link Kerberos}: the exchanges of `kinit`, `kvno` and `kpasswd` as calls, with no tickets kept (RFC 4120
 * section 3). Nothing is sent or read before the first call.
 *
 * @param options where KDCs are, and how they are reached
 * @returns the exchanges
 * @throws TypeError and RangeError for options that make no sense: the caller's mistakes
 * @example
 * ```ts
 * import { contentsOfLogin, createKerberos, password } from "krb5-remctl";
 * import { openCache } from "krb5-remctl/credentials";
 *
 * const kerberos = createKerberos();
 * const alice = password("alice@EXAMPLE.ORG", secret);
 * const login = await kerberos.login(alice, { lifetimeSeconds: 3600, forwardable: true });
 * await openCache("FILE:/tmp/krb5cc_1000", await kerberos.host()).initialize(contentsOfLogin(login));
 * ```
 */
export function createKerberos(options: KerberosOptions = {}): Kerberos {
  checkOptions("createKerberos", options, kerberosChecks, ofClient);
  return new KerberosLibrary({ ...options, runtime: options.runtime ?? detectRuntime() });
}

const ofClient: OptionHint = (name) => (name === "credentials" ? "give credentials to its login()" : undefined);
