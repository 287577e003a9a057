import { type Checks, checkOptions, checkSignal, refuse } from "../checks/index.ts";
import {
  ActingClient,
  type Evidence,
  impersonate as impersonateWith,
  KerberosClient,
  type S4uUser,
  type ServiceTicketOptions,
} from "../client/index.ts";
import { checkEnctypes, checkTicket, type Principal, personOf, principal, type ServiceTicket } from "../krb5/index.ts";
import { tracedCall } from "../trace.ts";
import { partsOf, SessionClient, type SessionClientParts } from "./session-client.ts";

/** A user by certificate, which a KDC maps to an account (MS-SFU section 2.2.2). */
export interface UserCertificate {
  /** The DER of the certificate. */
  readonly certificate: Uint8Array;
  /** The realm that knows it. Default: the client's. */
  readonly realm?: string | undefined;
}

/** Options for `impersonate`. */
export type ImpersonateOptions = Pick<ServiceTicketOptions, "signal" | "enctypes">;

const impersonateChecks: Checks<ImpersonateOptions> = { signal: checkSignal, enctypes: checkEnctypes };

/**
 * Gets a ticket of a user for the client itself, without the user's doing (S4U2Self, MS-SFU section 3.1.5.1.1): a
 * service that has authenticated someone by other means learns so what a KDC says of them. The ticket is kept nowhere.
 *
 * @param client a client that `createClient` made, whose principal is a service
 * @param user the name of the user, or the user's certificate
 * @param options enctypes and a signal
 * @returns the ticket: evidence for {@link actFor} if it is forwardable
 * @throws a {@link KerberosError}: `REPLY_MODIFIED` for a KDC that gives a ticket of another than the user
 * @example
 * ```ts
 * import { createClient, impersonate } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "HTTP/www.example.org@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * const { client: user } = await impersonate(client, "alice@EXAMPLE.ORG");
 * ```
 */
export async function impersonate(
  client: SessionClient,
  user: Principal | string | UserCertificate,
  options: ImpersonateOptions = {},
): Promise<ServiceTicket> {
  const parts = partsOf(client);
  const named = userOf("user", user);
  checkOptions("impersonate", options, impersonateChecks);
  const kerberos = ownTickets(parts);
  return await tracedCall(parts.trace, { operation: "impersonate" }, (trace) =>
    impersonateWith(kerberos, named, { ...options, trace }),
  );
}

/**
 * Makes a client that acts as a user at other services (S4U2Proxy, constrained delegation, MS-SFU section 3.1.5.2): its
 * tickets are the user's, so that a remctl server sees the user. The KDC says at which services that may be. Its
 * tickets are kept apart from those of `client`, in memory. Nothing is sent before the first ticket is needed.
 *
 * @param client a client that `createClient` made, whose principal is the service that the user came to
 * @param evidence the user's ticket for that service, what an acceptor has as `context.ticket` or {@link impersonate}
 *   gave; or who the user is: {@link impersonate} then gives the ticket whenever a new one is needed
 * @returns the client, which is a ticket source for `createInitiator` too
 * @throws TypeError for what is neither: the caller's mistake. Its calls throw a {@link KerberosError}:
 *   `DELEGATION_REFUSED` where the KDC does not allow it
 * @example
 * ```ts
 * import { actFor, createClient } from "krb5-remctl/lean";
 *
 * const client = createClient({
 *   credentials: { principal: "HTTP/www.example.org@EXAMPLE.ORG", keytab: async () => octets },
 *   kdc: ["tcp://kdc.example.org:88"],
 * });
 * await actFor(client, "alice@EXAMPLE.ORG").remctl("server.example.org", ["account", "show"]);
 * ```
 */
export function actFor(
  client: SessionClient,
  evidence: ServiceTicket | Principal | string | UserCertificate,
): SessionClient {
  const parts = partsOf(client);
  const kerberos = ownTickets(parts);
  const shown: Evidence = isTicket(evidence) ? evidence : userOf("evidence", evidence);
  const isShared = parts.runtime.hasRequestBoundPromises !== true;
  return new SessionClient({ ...parts, kerberos: new ActingClient(kerberos, shown, isShared, parts.now) });
}

function ownTickets({ kerberos }: SessionClientParts): KerberosClient {
  if (kerberos instanceof KerberosClient) return kerberos;
  throw new TypeError("client acts for another already: only a client with credentials can act for a user");
}

/** Whether it is a ticket; throws TypeError for one that is not this package's. */
function isTicket(evidence: unknown): evidence is ServiceTicket {
  const is = (Object(evidence) as Partial<ServiceTicket>).ticket !== undefined;
  if (is) checkTicket("evidence", evidence);
  return is;
}

/** The user that a caller names. Throws TypeError; CredentialError `NO_CREDENTIAL` for a text that is not a name. */
function userOf(name: string, user: Principal | string | UserCertificate): S4uUser {
  const { certificate, realm = "" } = Object(user) as Partial<UserCertificate>;
  if (certificate === undefined) {
    const person = personOf(name, user);
    if (person.components.length === 0) refuse(name, "", "the name of a user");
    return { name: person };
  }
  if (!(certificate instanceof Uint8Array)) {
    refuse(`${name}.certificate`, certificate, "the DER of a certificate as a Uint8Array");
  }
  return { name: principal(realm, []), certificate };
}
