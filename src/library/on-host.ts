import { checkOptions, type OptionHint } from "../checks/index.ts";
import type { Kerberos } from "../client/index.ts";
import type { Principal } from "../krb5/index.ts";
import { detectRuntime } from "../runtime/index.ts";
import { kerberosChecks } from "./kerberos-checks.ts";
import { KerberosLibrary } from "./kerberos-library.ts";
import type { KerberosOptions } from "./kerberos-options.ts";
import {
  checkVerifyOptions,
  type VerifiedPassword,
  type VerifyPasswordOptions,
  verifyPasswordOn,
} from "./verify-password.ts";

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

/**
 * Checks a person's password: a separate login with no cache (RFC 4120 section 3.1), and then a ticket for a service
 * of yours, which proves that what answered is the realm's KDC and not somebody who poses as it and knows the password
 * that was typed. An empty password and one of more than 1,024 octets are refused before anything is sent.
 *
 * A wrong password counts as a failed login at the KDC. Limit how often it is tried for one person, as for any form.
 *
 * @param principal who logs in, as typed; a name without a realm is in the first of `realms`
 * @param secret the password, text as UTF-8
 * @param options the keytab, the realms, and where KDCs are
 * @returns the person by the name that the KDC has, which may differ from the one typed
 * @throws PreauthError `WRONG_PASSWORD`; KdcError `PASSWORD_EXPIRED`, `CLIENT_EXPIRED`, `CLIENT_LOCKED` or
 *   `CLIENT_UNKNOWN`, which a KDC says before it looks at the password; ProtocolError `REPLY_MODIFIED` if the KDC did
 *   not prove itself; CredentialError `NO_CREDENTIAL` for a text that is not a principal and for a realm that is not
 *   accepted; what a login throws; TypeError and RangeError without keytab or realms: the caller's mistakes
 * @example
 * ```ts
 * import { formatPrincipal, verifyPassword } from "krb5-remctl";
 *
 * const options = { keytab: "/etc/http.keytab", realms: ["EXAMPLE.ORG"] };
 * const { principal } = await verifyPassword("alice", secret, options);
 * console.log(formatPrincipal(principal)); // alice@EXAMPLE.ORG
 * ```
 */
export async function verifyPassword(
  principal: string | Principal,
  secret: string | Uint8Array,
  options: VerifyPasswordOptions,
): Promise<VerifiedPassword> {
  checkVerifyOptions(options);
  return await verifyPasswordOn(principal, secret, { ...options, runtime: options.runtime ?? detectRuntime() });
}

const ofClient: OptionHint = (name) => (name === "credentials" ? "give credentials to its login()" : undefined);
