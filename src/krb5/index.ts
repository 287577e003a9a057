export * from "./messages/index.ts";
export { type Principal, principal } from "./principal.ts";
export type { ServiceTicket, TicketSource } from "./ticket-source.ts";
