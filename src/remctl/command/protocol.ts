import type { createSigningInitiator, SealingContext } from "../../gssapi/index.ts";
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
  /** Begins the security context, which this version wants MICs of. */
  readonly createContext: typeof createSigningInitiator;
  /** Makes the one command of a connection, whose context {@link createContext} or a caller has made. */
  exchange(link: Link, context: SealingContext, turn: Turn, parts: CommandParts): Exchange;
}
