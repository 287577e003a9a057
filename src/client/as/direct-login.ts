import { kdcErrorOf } from "../../errors.ts";
import { KRB_ERROR } from "../../iana/index.ts";
import { type Principal, printableName } from "../../krb5/index.ts";
import type { SpareConnections } from "../../transport/index.ts";
import type { KeptLogins } from "./earlier-logins.ts";
import type { Login } from "./login.ts";
import type { LoginParts } from "./logins.ts";

/**
 * Errors that say of a service that it is not had so: it is not of this realm, or it needs a ticket-granting ticket
 * (RFC 4120 section 7.5.9). Rule DT2: all others are about the client, and end the login.
 */
const NOT_SO: ReadonlySet<number | undefined> = new Set([
  KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN,
  KRB_ERROR.KDC_ERR_POLICY,
  KRB_ERROR.KDC_ERR_BADOPTION,
  KRB_ERROR.KDC_ERR_ETYPE_NOSUPP,
  KRB_ERROR.KDC_ERR_SERVER_NOMATCH,
  KRB_ERROR.KDC_ERR_MUST_USE_USER2USER,
]);

/** What a login of a client that wants a ticket for a service may use beside its options. */
export interface LoginWish {
  readonly direct?: DirectService | undefined;
  readonly spares?: SpareConnections | undefined;
  readonly kept?: KeptLogins | undefined;
}

/** A service that is asked for in the login itself. */
export interface DirectService {
  readonly service: Principal;
  /** Called where the KDC gives no ticket for it so. */
  readonly onRefused: () => void;
}

/**
 * The AS exchange for a service (RFC 4120 section 3.1: any service may be named); where the KDC does not give its
 * ticket so, that for the ticket-granting ticket. Both are one login: what the first proved is all that the second
 * proves.
 */
export async function runDirectLogin(
  run: (parts: LoginParts) => Promise<Login>,
  parts: LoginParts,
  { service, onRefused }: DirectService,
): Promise<Login> {
  const { options, memory, signal, spares } = parts;
  try {
    return await run({ ...parts, options: { ...options, service } });
  } catch (error) {
    const code = kdcErrorOf(error)?.errorCode;
    if (signal?.aborted === true || !NOT_SO.has(code)) throw error;
    onRefused();
    const given = memory.givenBy(error);
    // Rule DT3: nobody vouches for the error, and a second proof of this kind would give away more than the first.
    if (given !== undefined && !given.isRepeatable) throw error;
    const text = `the KDC gives no ticket for ${printableName(service)} in a login (error ${code}): the usual way, from now on`;
    options.trace({ type: "note", text });
    if (spares !== undefined) spares.afterLogin = 1;
    return await run({ ...parts, options: { ...options, ...(given === undefined ? {} : { given }) } });
  }
}
