import type { Kerberos } from "../../client/index.ts";
import type { EncTypeSet } from "../../crypto/index.ts";
import type { Locator } from "../../discovery/index.ts";
import type { Principal, ServiceTicket } from "../../krb5/index.ts";
import type { PreauthMechanism } from "../../preauth/index.ts";
import type { Trace } from "../../trace.ts";
import type { CommandHost } from "../command.ts";
import type { ParsedArgs } from "../getopt.ts";
import type { Local } from "../local.ts";
import type { Report } from "./report.ts";

/** What the checks share. */
export interface World {
  readonly host: CommandHost;
  readonly args: ParsedArgs;
  readonly report: Report;
  readonly local: Local;
  readonly locator: Locator;
  readonly kerberos: Kerberos;
  readonly encTypes: EncTypeSet;
  /** What the library's login of the principal asks for and may answer with, by krb5.conf. */
  readonly wishes: {
    readonly etypes: readonly number[];
    readonly mechanisms: readonly PreauthMechanism[];
    readonly isCanonical: boolean;
  };
  readonly trace: Trace;
  readonly timeoutMs: number;
}

/** Who logs in, and the ticket-granting ticket if there is one. */
export interface Identity {
  readonly client: Principal;
  readonly tgt?: ServiceTicket | undefined;
}

export const KRB5_CONF = "[realms] of krb5.conf, or DNS";
