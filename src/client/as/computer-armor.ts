import { CredentialError } from "../../errors.ts";
import { formatPrincipal, printableName } from "../../krb5/index.ts";
import { createArmor, explicitEnvelope } from "../../preauth/index.ts";
import { referredTo } from "../tgs/tgs-walk.ts";
import type { ExplicitArmor } from "./login-armor.ts";

/** FAST around TGS-REQs with the ticket of a computer for its armor. */
export const explicitArmor: ExplicitArmor = (ticket, { now, ...parts }) => {
  const realm = referredTo(ticket.service);
  if (realm === undefined) {
    throw new RangeError(
      `armor is a ticket for ${printableName(ticket.service)}: give a ticket-granting ticket, as getTicket("krbtgt/REALM") gets it`,
    );
  }
  if (ticket.endTime.getTime() <= now() + ticket.clockOffsetMs) {
    throw new CredentialError(
      "TICKET_EXPIRED",
      `the armor, the ticket-granting ticket of ${printableName(ticket.client)}, ended at ${ticket.endTime.toISOString()}: get a new one`,
      { principal: formatPrincipal(ticket.client), service: formatPrincipal(ticket.service) },
    );
  }
  return {
    wrapFor: (asked) =>
      asked === realm ? (tgs) => explicitEnvelope(tgs, createArmor({ ticket, ...parts }), parts.encTypes) : undefined,
    check(service) {
      const { realm: other } = service;
      // Rule FA7: the ticket would say nothing of the computer.
      if (other === realm) return;
      throw new CredentialError(
        "NO_CREDENTIAL",
        `the service ${printableName(service)} is in realm ${other}, and the armor is a ticket-granting ticket for ${realm}: ` +
          `give one for ${other}, got by the computer's client as krbtgt/${other}@${realm}`,
        { service: formatPrincipal(service) },
      );
    },
  };
};
