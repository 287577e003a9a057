// Service tickets and where they come from. A list that several entries publish.

export type {
  ForwardedTicketOptions,
  GetTicketOptions,
  ServiceTicket,
  TicketElement,
  TicketSource,
} from "../../krb5/index.ts";
