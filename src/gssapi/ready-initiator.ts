import type { EncTypeSet } from "../crypto/index.ts";
import type { ServiceTicket } from "../krb5/index.ts";
import type { ContextFlags, SealingContext, SecurityContext } from "./context.ts";
import { InitiatorHandshake, type InitiatorParts } from "./initiator.ts";
import { Krb5Context } from "./krb5-context.ts";
import { SealedContext } from "./sealed-context.ts";

/*
 * Initiators for a protocol that wants every protection and has its ticket already. A bundle has the one that it uses:
 * most protocols seal all messages and need no MIC apart.
 */

/** Begins a context as its initiator that seals every message. */
export function createSealingInitiator(...parts: Parameters<typeof handshake>): SealingContext {
  return new SealedContext(handshake(...parts), parts[2].legacyTokens);
}

/** Begins a context as its initiator that also makes and checks MICs. */
export function createSigningInitiator(...parts: Parameters<typeof handshake>): SecurityContext {
  return new Krb5Context(handshake(...parts), parts[2].legacyTokens);
}

const ALL_FLAGS: ContextFlags = {
  mutual: true,
  replay: true,
  sequence: true,
  confidentiality: true,
  integrity: true,
  delegation: false,
  channelBound: false,
};

function handshake(
  ticket: ServiceTicket,
  encTypes: EncTypeSet,
  rest: Pick<InitiatorParts, "now" | "trace" | "names" | "legacyTokens">,
): InitiatorHandshake {
  const load = async (): Promise<{ ticket: ServiceTicket; encTypes: EncTypeSet }> => ({ ticket, encTypes });
  return new InitiatorHandshake({ target: ticket.service, flags: ALL_FLAGS, load, ...rest });
}
