import { type Checks, checkFunction, checkMethods, checkText, checkWord, refuse } from "../checks/index.ts";
import { createInitiator, type InitiatorOptions, type SecurityContext } from "../gssapi/index.ts";
import type { Connection } from "../host/index.ts";
import { servicePrincipal, type TicketSource } from "../krb5/index.ts";
import type { TraceListener } from "../trace.ts";
import { loginTickets } from "./login-tickets.ts";
import { AuthenticatedConnection, refused } from "./postgres-authentication.ts";
import { encrypt, requestTls } from "./postgres-encryption.ts";

/** Whether a connection is encrypted with GSSAPI: the words of `gssencmode` of `psql`. */
export type GssEncryption = "disable" | "prefer" | "require";

/** Options for `gssStream` and `postgresSocket`. */
export interface GssStreamOptions {
  /** Where tickets come from, for example a client of `createClient`. */
  readonly credential: TicketSource;
  /**
   * `"require"`: every octet is encrypted, or there is an error. `"prefer"`: as the server has it, which an attacker on
   * the way can turn to "not". `"disable"`: the login alone is by Kerberos, and what follows can be read and changed on
   * the way. Default `"require"`, and `"disable"` with `tls`: the two exclude each other.
   */
  readonly encryption?: GssEncryption | undefined;
  /**
   * TLS beneath the login, in place of GSSAPI encryption: `true`, or options of Node's `tls.connect`, for example `ca`.
   * The server's certificate is checked. Leave the driver's own option `ssl` out.
   */
  readonly tls?: boolean | object | undefined;
  /** The service's name, `krbsrvname` of libpq. Default `postgres`. */
  readonly service?: string | undefined;
  /** The host whose principal is asked for. Default: the one that the driver connects to; no name is looked up. */
  readonly host?: string | undefined;
  /**
   * Hands the server a forwarded ticket: `true` always, `"policy"` if the KDC says that it may have it. Default false.
   */
  readonly delegation?: boolean | "policy" | undefined;
  /** Takes each step of the context as an event. */
  readonly onTrace?: TraceListener | undefined;
}

export const gssStreamChecks: Checks<GssStreamOptions> = {
  credential: [checkMethods, "getTicket", "getForwardedTicket?", "forget?", "loadEncTypes?"],
  encryption: [checkWord, "disable", "prefer", "require"],
  tls: (name, value) => {
    if (typeof value !== "boolean" && (typeof value !== "object" || value === null)) {
      refuse(name, value, "true, false or options of tls.connect");
    }
  },
  service: checkText,
  host: checkText,
  delegation: (name, value) => {
    if (typeof value !== "boolean" && value !== "policy") refuse(name, value, 'true, false or "policy"');
  },
  onTrace: checkFunction,
};

/** Throws TypeError for options that exclude each other: the caller's mistake. */
export function checkEncryption({ encryption = "disable", tls = false }: GssStreamOptions): void {
  if (tls === false || encryption === "disable") return;
  throw new TypeError(`encryption is "${encryption}" and tls is given: GSSAPI encryption and TLS exclude each other`);
}

/** Puts TLS onto a connection. */
export type StartTls = (raw: Connection, host: string, settings: object) => Promise<Connection>;

/** Makes a connection to a PostgreSQL server one that logs in by Kerberos, encrypted as the options say. */
export async function securePostgres(
  raw: Connection,
  host: string,
  options: GssStreamOptions,
  startTls: StartTls,
): Promise<Connection> {
  const { credential, tls = false, service = "postgres", delegation = false, onTrace } = options;
  const { encryption = tls === false ? "require" : "disable" } = options;
  const target = servicePrincipal(service, options.host ?? host);
  const tickets = loginTickets(credential);
  const settings: InitiatorOptions = { target, credential: tickets.credential, flags: { delegation }, onTrace };
  const makeContext = (): SecurityContext => createInitiator(settings);
  if (tls !== false) {
    // Rule PG7: a server without TLS gets nothing.
    if (!(await requestTls(raw))) throw refused("has no TLS", "set ssl = on there, or leave the option tls out");
    const within = await startTls(raw, host, tls === true ? {} : tls);
    return new AuthenticatedConnection(within, makeContext, false, tickets.refuse);
  }
  if (encryption !== "disable") {
    const encrypted = await encrypt(raw, makeContext(), encryption === "require", tickets.refuse);
    if (encrypted !== undefined) return new AuthenticatedConnection(encrypted, makeContext, true, tickets.refuse);
  }
  if (encryption === "require") {
    throw refused(
      "has no GSSAPI encryption",
      "give it a keytab (krb_server_keyfile) and a line hostgssenc in pg_hba.conf, or use " +
        'encryption: "disable" where the network is trusted',
    );
  }
  return new AuthenticatedConnection(raw, makeContext, false, tickets.refuse);
}
