import { type Checks, checkBoolean } from "../checks/index.ts";
import { checkKeytabOrFile } from "../credentials/index.ts";
import { type AcceptorKeys, acceptorChecks } from "../gssapi/index.ts";
import type { ReplayCache, TicketSource } from "../krb5/index.ts";
import { type KerberosOptions, kerberosChecks } from "../library/index.ts";
import { type Credentials, checkCredentials } from "../remctl-client/index.ts";

/** Options for `configure`: those of `createKerberos`, and where tickets and keys come from. */
export interface ConfigureOptions extends KerberosOptions {
  /**
   * Who clients are: as the option of `createClient`, or anything with `getTicket`, for example a client. A client that
   * names another principal is refused. Default: what libkrb5 would use, looked at anew for each client: `KRB5CCNAME`,
   * or the client keytab.
   */
  readonly credentials?: Credentials | TicketSource | undefined;
  /**
   * The keys of servers and of `checkPassword`: octets of a keytab or their base64, a `Keytab`, a key source, or the
   * name of a file, which is read for each server, so that a rotated key is taken up. Default: `KRB5_KTNAME`,
   * `default_keytab_name` or `/etc/krb5.keytab`.
   */
  readonly keytab?: AcceptorKeys | string | undefined;
  /**
   * Takes passwords: `user` and `password` (or `pass`) of `initializeClient` log in, and `checkPassword` works. Default
   * false: they are ignored, as the native module ignores them on Unix, and `checkPassword` refuses.
   */
  readonly passwords?: boolean | undefined;
  /**
   * Remembers what servers have accepted. Default: memory, one for the process; where others accept with the same keys
   * (workers of a cluster) `initializeServer` refuses without one that they share, such as `fileReplayCache`.
   */
  readonly replayCache?: ReplayCache | undefined;
}

export const configureChecks: Checks<ConfigureOptions> = {
  ...kerberosChecks,
  credentials: (name, value) => {
    if (!isTicketSource(value)) checkCredentials(name, value);
  },
  keytab: checkKeytab,
  passwords: checkBoolean,
  replayCache: acceptorChecks.replayCache,
};

/** What of the settings a library or client takes. */
export function libraryOptions(settings: ConfigureOptions): KerberosOptions {
  const { credentials: _, keytab: __, passwords: ___, replayCache: ____, ...options } = settings;
  return options;
}

/** Whether credentials are something that gives tickets itself. */
export function isTicketSource(value: unknown): value is TicketSource {
  return typeof (value as Partial<TicketSource> | null | undefined)?.getTicket === "function";
}

/** The keytab of the option, or what gives other keys. Octets are read when they are used. */
function checkKeytab(name: string, value: unknown): void {
  if (typeof (Object(value) as { readonly keysOf?: unknown }).keysOf !== "function") checkKeytabOrFile(name, value);
}
