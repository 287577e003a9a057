import type { SecurityContext } from "../gssapi/index.ts";
import type { TicketAuthorization, VerifiedPac } from "../pac/index.ts";

/** What the ticket of a context says of its client, verified when it is asked for; nothing once the context is over. */
export function authorizationOf(context: SecurityContext): TicketAuthorization {
  return {
    get pac(): VerifiedPac | undefined {
      return context.pac;
    },
    get sids(): readonly string[] {
      return context.sids ?? [];
    },
    get indicators(): readonly string[] {
      return context.indicators ?? [];
    },
  };
}
