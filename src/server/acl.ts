import { equalPrincipals, type Principal, parsePrincipal } from "../krb5/index.ts";
import type { Acl, AclFunction, AclRequest } from "./command.ts";

/** Everybody who has authenticated. */
const ANYUSER = "ANYUSER";

/** What else an entry may be: a SID of the client or of a group, and an authentication indicator. */
const SID = /^sid:(S-1-\d{1,15}(?:-\d{1,10}){1,15})$/;
const INDICATOR = /^indicator:(\S{1,128})$/;

/**
 * An ACL as one function. Throws TypeError for a list with an entry that is not a principal, or has no realm: a name
 * that could mean another in another realm grants nothing.
 */
export function compileAcl(acl: Acl, what: string, readsTickets = false): AclFunction {
  if (typeof acl === "function") return acl;
  if (!Array.isArray(acl)) {
    throw new TypeError(
      `the acl of ${what} is ill-formed: give a function, or a list of principals, SIDs, indicators and ANYUSER`,
    );
  }
  const named: Principal[] = [];
  const sids: string[] = [];
  const indicators: string[] = [];
  let isForAnyUser = false;
  for (const entry of acl as readonly unknown[]) {
    if (entry === ANYUSER) {
      isForAnyUser = true;
      continue;
    }
    if (typeof entry !== "string")
      throw new TypeError(`the acl of ${what} has an entry that is not text: write it as a string`);
    const sid = SID.exec(entry)?.[1];
    const indicator = INDICATOR.exec(entry)?.[1];
    if (sid !== undefined) sids.push(sid);
    if (indicator !== undefined) indicators.push(indicator);
    if (sid !== undefined || indicator !== undefined) {
      if (readsTickets) continue;
      throw new TypeError(`the acl of ${what} has ${entry}, which needs the option authorizationData of the server`);
    }
    const principal = parsePrincipal(entry);
    if (principal.realm === "")
      throw new TypeError(`the acl of ${what}: ${entry} must name its realm, for example ${entry}@REALM`);
    named.push(principal);
  }
  // What the ticket says is asked for last, and only by a list that needs it: what is not proven throws, and denies.
  return ({ principal, authorization }) =>
    named.some((entry) => equalPrincipals(entry, principal)) ||
    (isForAnyUser && !isAnonymous(principal)) ||
    (sids.length > 0 && authorization?.sids.some((sid) => sids.includes(sid)) === true) ||
    (indicators.length > 0 && authorization?.indicators.some((one) => indicators.includes(one)) === true);
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
