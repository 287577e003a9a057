import { type ServiceTicket, tgsPrincipal } from "../../krb5/index.ts";
import { asEnvelope, createArmor, tgsEnvelope } from "../../preauth/index.ts";
import type { KerberosClient } from "../kerberos-client.ts";
import type { LoginArmor } from "./login-armor.ts";

/** FAST with the tickets of a client (RFC 6113 section 5.4.1.1), which gets them for each realm, and keeps them. */
export function armorOf(
  tickets: Pick<KerberosClient, "getTicket" | "forget">,
  policy: "required" | "if-offered",
): LoginArmor {
  const used = new Map<string, ServiceTicket>();
  return {
    isRequired: policy === "required",
    async envelope(realm, { encTypes, clock, trace, signal }) {
      // The KDC has to open it: a ticket-granting ticket of the realm that is asked (FreeIPA #5213).
      const ticket = await tickets.getTicket(tgsPrincipal(realm), {
        trace,
        ...(signal === undefined ? {} : { signal }),
      });
      used.set(realm, ticket);
      trace({ type: "note", text: `FAST: armor of the ticket for ${realm}` });
      return asEnvelope(createArmor({ ticket, encTypes, clock }), encTypes);
    },
    async forget(realm) {
      const ticket = used.get(realm);
      if (ticket !== undefined) await tickets.forget(ticket);
    },
    wrap: tgsEnvelope,
  };
}
