export { AsExchange, type AsExchangeOptions, type AsStep } from "./as-exchange.ts";
export type { TicketOptions } from "./kdc-request.ts";
export { KerberosClient, type KerberosClientOptions } from "./kerberos-client.ts";
export { keytabSecret, passwordSecret, type Secret } from "./secret.ts";
export type { TgsOptions } from "./tgs-exchange.ts";
export { TgsWalk } from "./tgs-walk.ts";
