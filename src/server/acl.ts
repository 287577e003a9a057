import { equalPrincipals, type Principal, parsePrincipal } from "../krb5/index.ts";
import type { Acl, AclFunction, AclRequest } from "./command.ts";

/** Everybody who has authenticated. */
const ANYUSER = "ANYUSER";

/**
 * An ACL as one function. Throws TypeError for a list with an entry that is not a principal, or has no realm: a name
 * that could mean another in another realm grants nothing.
 */
export function compileAcl(acl: Acl, what: string): AclFunction {
  if (typeof acl === "function") return acl;
  if (!Array.isArray(acl)) {
    throw new TypeError(`the acl of ${what} is neither a function nor a list of principals and ANYUSER`);
  }
  const named: Principal[] = [];
  let isForAnyUser = false;
  for (const entry of acl as readonly unknown[]) {
    if (entry === ANYUSER) {
      isForAnyUser = true;
      continue;
    }
    if (typeof entry !== "string") throw new TypeError(`the acl of ${what} has an entry that is not text`);
    const principal = parsePrincipal(entry);
    if (principal.realm === "")
      throw new TypeError(`the acl of ${what}: ${entry} must name its realm, for example ${entry}@REALM`);
    named.push(principal);
  }
  return ({ principal }) =>
    named.some((entry) => equalPrincipals(entry, principal)) || (isForAnyUser && !isAnonymous(principal));
}

/** Asks an ACL. Whatever is not `true` is a no, a failure too: deny by default. */
export async function isPermitted(
  acl: AclFunction,
  request: AclRequest,
  onError: (error: unknown) => void,
): Promise<boolean> {
  try {
    return (await acl(request)) === true;
  } catch (error) {
    onError(error);
    return false;
  }
}

/** WELLKNOWN/ANONYMOUS in whatever realm (RFC 6112 section 3): proof of nobody's identity. */
function isAnonymous({ components }: Principal): boolean {
  return components.length === 2 && components[0] === "WELLKNOWN" && components[1] === "ANONYMOUS";
}
