import type { SecurityContext } from "../../gssapi/index.ts";
import type { Link } from "../session/link.ts";
import type { Turn } from "../session/turns.ts";
import type { CommandParts, Exchange } from "./exchange.ts";

/** A version of the protocol beside 2 and 3: `version1()` makes it. */
export interface RemctlProtocol {
  /** Of the time before 2007. */
  readonly version: 1;
}

/** {@link RemctlProtocol} with what the session does with it. */
export interface Protocol extends RemctlProtocol {
  /** Makes the one command of a connection. */
  exchange(link: Link, context: SecurityContext, turn: Turn, parts: CommandParts): Exchange;
}
