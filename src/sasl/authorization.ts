import { ANONYMOUS, equalPrincipals, formatPrincipal, type Principal } from "../krb5/index.ts";
import { notAuthorized } from "./failure.ts";

/**
 * Decides whether a client may act as it asks.
 *
 * @param client the principal that the client has proved to be
 * @param authorizationId whom it wants to act as; undefined: as itself
 */
export type Authorize = (client: Principal, authorizationId: string | undefined) => boolean | Promise<boolean>;

/** Rule SS7 in SECURITY.md. Throws GssError `SASL_NOT_AUTHORIZED`. */
export async function requireAuthorized(
  authorize: Authorize | undefined,
  client: Principal,
  authorizationId: string | undefined,
): Promise<void> {
  if ((await (authorize ?? asItself)(client, authorizationId)) === true) return;
  const name = formatPrincipal(client);
  throw notAuthorized(
    authorizationId === undefined
      ? `${name} may not use this service: the option authorize says who may`
      : `${name} may not act as another: the option authorize says who may`,
  );
}

/** A client may act as itself, and an anonymous one has no self. */
function asItself(client: Principal, authorizationId: string | undefined): boolean {
  // In whatever realm (RFC 8062 section 3).
  if (equalPrincipals({ ...client, realm: ANONYMOUS.realm }, ANONYMOUS)) return false;
  return authorizationId === undefined || authorizationId === formatPrincipal(client);
}
