import type { TicketDefaults, TicketOptions } from "../client/index.ts";

/**
 * What a program's options ask of its tickets: of all of them, and of those of logins alone. What is not set is left
 * out.
 */
export function ticketWishes(options: TicketOptions): TicketDefaults {
  const { lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable, canonicalize, renewableOk } = options;
  const login = { lifetimeSeconds, renewLifetimeSeconds, forwardable, proxiable, canonicalize, renewableOk };
  // A service's ticket may do what the ticket-granting ticket may do: that is asked for where the request is made.
  return { login: defined(login), service: defined({ lifetimeSeconds }) };
}

/** The options that are set: one that is `undefined` says nothing. */
export function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
