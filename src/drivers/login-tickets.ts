import { formatPrincipal, type Principal, type ServiceTicket, type TicketSource } from "../krb5/index.ts";

/** So long the next ticket of a service is kept, whatever its server says: a hostile one cannot keep the KDC busy. */
const REST_MS = 10_000;
/** Services of a source that rest; more than a few are not of one application. */
const MAX_RESTING = 64;
/** When the ticket of a service was forgotten, by the clock of `performance`. */
const resting = new WeakMap<TicketSource, Map<string, number>>();

/** The tickets of one login. */
export interface LoginTickets {
  /** What gives them. */
  readonly credential: TicketSource;
  /**
   * The server refused the login. A service whose key was made anew cannot read tickets of before (RFC 4120 section
   * 3.2.3: KRB_AP_ERR_BADKEYVER), and most servers do not say so: the source forgets the ticket, so that the next login
   * asks the KDC for one (section 3.3).
   */
  refuse(): Promise<void>;
}

/** Makes the tickets of one login from those of a source that many logins have. */
export function loginTickets(source: TicketSource): LoginTickets {
  let ticket: ServiceTicket | undefined;
  return {
    credential: {
      getTicket: async (service, options) => {
        ticket = await source.getTicket(service, options);
        return ticket;
      },
      getForwardedTicket: async (options) => await source.getForwardedTicket?.(options),
      ...(source.loadEncTypes === undefined ? {} : { loadEncTypes: source.loadEncTypes.bind(source) }),
    },
    async refuse() {
      // What logs a person in is never thrown away for what a server says, which nobody vouches for.
      if (ticket === undefined || ticket.service.components[0] === "krbtgt") return;
      if (source.forget === undefined || isResting(source, ticket.service)) return;
      // The login's own failure counts.
      await source.forget(ticket).catch(() => {});
    },
  };
}

/** Whether a ticket of the service was forgotten a moment ago; if not, it counts as forgotten now. */
function isResting(source: TicketSource, service: Principal): boolean {
  const times = resting.get(source) ?? new Map<string, number>();
  resting.set(source, times);
  const name = formatPrincipal(service);
  const now = performance.now();
  if (now - (times.get(name) ?? Number.NEGATIVE_INFINITY) < REST_MS) return true;
  times.delete(name);
  times.set(name, now);
  const [oldest] = times.keys();
  if (times.size > MAX_RESTING && oldest !== undefined) times.delete(oldest);
  return false;
}
