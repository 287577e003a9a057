import { keytabLoader, passwordLoader } from "../../client/index.ts";
import { type Principal, principalOf } from "../../krb5/index.ts";
import type { LeanCredentials } from "./options.ts";

/** Who the credentials are of. Throws TypeError. */
export function principalIn(credentials: LeanCredentials): Principal {
  const principal = principalOf("credentials.principal", credentials.principal);
  if (principal.realm === "")
    throw new TypeError("credentials.principal must name its realm, for example alice@EXAMPLE.ORG");
  return principal;
}

/** What loads their secret. Throws TypeError. */
export function secretLoader(principal: Principal, credentials: LeanCredentials): ReturnType<typeof passwordLoader> {
  if ("password" in credentials) return passwordLoader(principal, credentials.password, credentials.salt);
  if ("loadSecret" in credentials) return credentials.loadSecret;
  if ("keytab" in credentials) return keytabLoader(principal, credentials.keytab);
  throw new TypeError("credentials is { principal, password } or { principal, keytab }");
}
