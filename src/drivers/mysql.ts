import { GssError } from "../errors.ts";
import { createInitiator } from "../gssapi/index.ts";
import { servicePrincipal } from "../krb5/index.ts";
import { checkDriver, driverChecks, type SaslDriverOptions, withOwnError } from "./sasl-driver.ts";

/** Options for {@link mysql2Gssapi}. */
export type Mysql2Options = Omit<SaslDriverOptions, "authorizationId">;

/** What mysql2 gives a plug-in of its option `authPlugins`. */
export interface Mysql2Context {
  /** The connection that is logging in. */
  readonly connection: {
    readonly config: {
      readonly host?: string | undefined;
      readonly socketPath?: string | undefined;
      readonly ssl?: unknown;
    };
  };
}

/**
 * Makes the plug-in `auth_gssapi_client` for the option `authPlugins` of mysql2, for MariaDB's `auth_gssapi`. mysql2
 * takes no proof of the server in this exchange, so TLS must prove it: `ssl` with `verifyIdentity: true` (or a local
 * socket) is required. The ticket is for the host of the connection, never for the principal that the server names.
 *
 * @param options where tickets come from
 * @returns the plug-in
 * @throws TypeError for options that cannot work: the caller's mistake
 * @example
 * ```ts
 * import { createClient } from "krb5-remctl";
 * import { mysql2Gssapi } from "krb5-remctl/drivers";
 *
 * const settings = {
 *   host: "db.example.org",
 *   user: "alice",
 *   ssl: { verifyIdentity: true },
 *   authPlugins: { auth_gssapi_client: mysql2Gssapi({ credential: createClient() }) },
 * };
 * ```
 */
export function mysql2Gssapi(
  options: Mysql2Options,
): (context: Mysql2Context) => (data: unknown) => Promise<Uint8Array | undefined> {
  checkDriver("mysql2Gssapi", options, driverChecks);
  return ({ connection: { config } }) => {
    let isSent = false;
    return async () => {
      checkProved(config);
      if (isSent) throw failure("the server goes on after the ticket", "it may not be MariaDB's auth_gssapi");
      isSent = true;
      const { credential, service = "mariadb", host = config.host ?? "localhost", onTrace } = options;
      // mysql2 refuses the packet in which MariaDB proves itself, so none is asked for.
      const flags = { mutual: false };
      const context = createInitiator({ target: servicePrincipal(service, host), credential, flags, onTrace });
      try {
        return await withOwnError(() => context.step());
      } finally {
        context.dispose();
      }
    };
  };
}

/** Rule MY1: without a proof of the server, who is on the way could pass the ticket on and use the session. */
function checkProved({ ssl, socketPath }: Mysql2Context["connection"]["config"]): void {
  if (typeof socketPath === "string" && socketPath !== "") return;
  const { rejectUnauthorized, verifyIdentity } = Object(ssl) as {
    readonly rejectUnauthorized?: unknown;
    readonly verifyIdentity?: unknown;
  };
  if (verifyIdentity === true && rejectUnauthorized !== false) return;
  throw failure(
    "MariaDB does not prove who it is in this login",
    "give mysql2 the option ssl with verifyIdentity: true, and not rejectUnauthorized: false",
  );
}

function failure(what: string, advice: string): GssError {
  return new GssError("GSS", "GSS_S_FAILURE", `${what}: ${advice}`);
}
