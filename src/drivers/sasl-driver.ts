import { printableLine } from "../bytes/index.ts";
import { type Checks, checkFunction, checkMethods, checkOptions, checkRequired, checkText } from "../checks/index.ts";
import { GssError, isKerberosError } from "../errors.ts";
import type { TicketSource } from "../krb5/index.ts";
import { createSaslClient, type Layer, type SaslClient } from "../sasl/index.ts";
import type { TraceListener } from "../trace.ts";
import { loginTickets } from "./login-tickets.ts";

/** Options for the functions that log a driver in by SASL. */
export interface SaslDriverOptions {
  /** Where tickets come from, for example a client of `createClient`. */
  readonly credential: TicketSource;
  /** The service's name, the first part of its principal. */
  readonly service?: string | undefined;
  /** The host whose principal is asked for. Default: the one that the driver connects to; no name is looked up. */
  readonly host?: string | undefined;
  /** Whom to act as on the server, in the form that the server has. Default: as the client's own principal. */
  readonly authorizationId?: string | undefined;
  /** Takes each step of the context as an event. */
  readonly onTrace?: TraceListener | undefined;
}

/** For a login without an authorization identity. */
export const driverChecks: Checks<Omit<SaslDriverOptions, "authorizationId">> = {
  credential: [checkMethods, "getTicket", "getForwardedTicket?", "forget?", "loadEncTypes?"],
  service: checkText,
  host: checkText,
  onTrace: checkFunction,
};

export const saslDriverChecks: Checks<SaslDriverOptions> = { ...driverChecks, authorizationId: checkText };

/** Throws TypeError for options that cannot work: the caller's mistake. */
export function checkDriver<T extends SaslDriverOptions>(
  of: string,
  options: T,
  checks: Checks<T>,
  ...required: (keyof T & string)[]
): void {
  checkOptions(of, options, checks);
  checkRequired(options, checks, "credential", ...required);
}

/** What protects the octets that follow a login. */
export type Protection = { readonly layers: readonly Layer[] } | { readonly tls: true };

/** Runs the client's side of one login. */
export async function withSasl<T>(
  options: SaslDriverOptions,
  service: string,
  host: string,
  protection: Protection,
  login: (sasl: SaslClient) => Promise<T>,
): Promise<T> {
  const { authorizationId, onTrace } = options;
  const { credential, refuse } = loginTickets(options.credential);
  const sasl = createSaslClient({
    service: options.service ?? service,
    host: options.host ?? host,
    credential,
    authorizationId,
    onTrace,
    ...protection,
  });
  try {
    return await login(sasl);
  } catch (error) {
    // A host's own error, of a connection that broke, says nothing of the ticket.
    if (!sasl.isComplete && !("syscall" in Object(error))) await refuse();
    throw error;
  }
}

/** The server does not let us in. What it said is bounded and cleaned: nobody vouches for it. */
export function refusedBy(server: string, said: string, advice: string): GssError {
  const words = printableLine(said, 200);
  return new GssError("GSS", "GSS_S_FAILURE", `${server} refused the login (${words}): ${advice}`);
}

/**
 * Runs a login for a driver, which gets a new error: drivers put their codes and words into what they are given
 * (nodemailer, mysql2, Postgres.js), and ours is one that the client keeps and that other logins have too. `code` is
 * that of ours, which is the cause.
 */
export async function withOwnError<T>(login: () => Promise<T>): Promise<T> {
  try {
    return await login();
  } catch (cause) {
    if (!isKerberosError(cause)) throw cause;
    throw Object.assign(new Error(cause.message, { cause }), { code: cause.code });
  }
}
