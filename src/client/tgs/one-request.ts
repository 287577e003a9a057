import { CredentialError } from "../../errors.ts";
import { KDC_OPTION, MESSAGE_TYPE, TICKET_FLAG } from "../../iana/index.ts";
import {
  applicationTag,
  formatPrincipal,
  type Principal,
  printableName,
  type ServiceTicket,
} from "../../krb5/index.ts";
import { type Exchanges, requestedOf } from "../exchanges.ts";
import type { TicketOptions } from "../kdc-request.ts";
import type { RefreshOptions, ServiceTicketOptions } from "../kerberos.ts";
import { acceptTgsReply, createTgsRequest, refusedTgs, type TgsOptions } from "./tgs-exchange.ts";

/** What one request to a KDC may say, and what is checked of its reply. */
export interface AskOptions
  extends TicketOptions,
    Pick<ServiceTicketOptions, "enctypes" | "signal">,
    Pick<TgsOptions, "kdcOptions" | "additionalTickets" | "padata" | "checkClient"> {
  /** Whose ticket it shall be, for errors. Default: the client of the ticket-granting ticket. */
  readonly client?: Principal;
}

/**
 * One request of the KDC of the ticket-granting ticket's realm, and its reply, whatever ticket that has: the caller
 * looks at its service. No other realm is asked.
 */
export async function askOnce(
  exchanges: Exchanges,
  tgt: ServiceTicket,
  service: Principal,
  options: AskOptions = {},
): Promise<ServiceTicket> {
  const { signal, enctypes, client = tgt.client, ...rest } = options;
  const { realm } = service;
  const own = { ...rest, ...requestedOf(enctypes) };
  return await exchanges.run((common) => {
    const tgs = { ...own, ...common };
    const pending = createTgsRequest(tgt, service, tgs);
    return {
      start: () => ({ type: "send", realm, request: pending.octets }),
      step(reply) {
        if (applicationTag(reply) === MESSAGE_TYPE.krbError) {
          throw refusedTgs(reply, pending, { client, realm, trace: tgs.trace, names: tgs.names }).failure;
        }
        return { type: "done", ticket: acceptTgsReply(reply, pending, tgs) };
      },
    };
  }, signal);
}

/** A postdated ticket, valid at last (RFC 4120 section 3.3.3, VALIDATE). */
export async function validateTicket(
  exchanges: Exchanges,
  ticket: ServiceTicket,
  options: RefreshOptions = {},
): Promise<ServiceTicket> {
  if ((ticket.flags & TICKET_FLAG.invalid) === 0) {
    throw new CredentialError(
      "TICKET_FLAGS",
      `the ticket for ${printableName(ticket.service)} is valid already: use it`,
      {
        service: formatPrincipal(ticket.service),
      },
    );
  }
  return await exchanges.refresh(ticket, ticket.service, KDC_OPTION.validate, options);
}
