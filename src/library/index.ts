/**
 * One program's Kerberos library: its configuration, KDCs, enctypes and transport, as libkrb5 has them in a context. It
 * may import every room below it; the host is given to it, except in `on-host.ts`.
 */
export { exchangeChecks } from "./exchange-checks.ts";
export { checkKdc, kdcsOf } from "./kdc-lists.ts";
export { kerberosChecks } from "./kerberos-checks.ts";
export { mechanismsByConfig, ticketDefaults } from "./kerberos-defaults.ts";
export { KerberosLibrary } from "./kerberos-library.ts";
export type { ExchangeOptions, FastPart, KerberosOptions, LibraryOptions, ServerLists } from "./kerberos-options.ts";
export { typesOfConfig } from "./permitted-enctypes.ts";
export { preauthChoice } from "./preauth-choice.ts";
export { defined, ticketWishes } from "./ticket-wishes.ts";
export { type VerifiedPassword, type VerifyPasswordOptions, verifyPasswordOn } from "./verify-password.ts";
