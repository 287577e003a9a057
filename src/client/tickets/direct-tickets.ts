import { equalPrincipals, formatPrincipal, type Principal, printableName } from "../../krb5/index.ts";
import type { Trace } from "../../trace.ts";

const MAX_REFUSED = 64;

/** Parts of {@link DirectTickets}. */
export interface DirectParts {
  readonly client: Principal;
  /** The realm of a host by configuration alone: DNS does not choose whom a secret is proven for. */
  readonly configuredRealm: ((host: string) => string | undefined) | undefined;
  /** Whether a ticket for a service is kept here. */
  readonly isKept: (service: Principal) => boolean;
}

/** The name of a login among the client's. Each service has its own: what the login gives is for that one alone. */
export const flightOf = (name: Principal): string => ["login for", formatPrincipal(name)].join(" ");

/**
 * Which service is asked for in the login itself (`directTicket`): one at a time. A client that wants tickets for more
 * services gets a ticket-granting ticket, so that it logs in twice at the most, not once a service.
 */
export class DirectTickets {
  readonly #parts: DirectParts;
  /** Services that the KDC gave no ticket for so. */
  readonly #refused = new Set<string>();
  #current: Principal | undefined;
  #isUnderWay = false;

  constructor(parts: DirectParts) {
    this.#parts = parts;
  }

  /** The service by its whole name, if it is to be asked for so. */
  nameOf(service: Principal, trace: Trace): Principal | undefined {
    const { client, configuredRealm, isKept } = this.#parts;
    const [kind, host] = service.components;
    if (kind === "krbtgt") return undefined;
    const realm = service.realm || (host === undefined ? undefined : configuredRealm?.(host));
    // Rule DT1.
    if (realm !== client.realm) {
      const why =
        realm === undefined || realm === "" ? "the configuration does not give its realm" : `it is of ${realm}`;
      trace({ type: "note", text: `no direct ticket for ${printableName(service)}: ${why}` });
      return undefined;
    }
    const name = { ...service, realm };
    if (this.#refused.has(formatPrincipal(name))) return undefined;
    const current = this.#current;
    if (current === undefined || equalPrincipals(current, name)) return name;
    return this.#isUnderWay || isKept(current) ? undefined : name;
  }

  /** The name that the latest login for a service has among the client's. */
  get flight(): string | undefined {
    return this.#current && flightOf(this.#current);
  }

  /** Does the login for a service, which counts from its beginning. */
  async run<T>(name: Principal, login: () => Promise<T>): Promise<T> {
    this.#current = name;
    this.#isUnderWay = true;
    try {
      return await login();
    } finally {
      this.#isUnderWay = false;
    }
  }

  /** Takes note of a service that has to be asked for with a ticket-granting ticket. */
  refuse(name: Principal): void {
    this.#refused.add(formatPrincipal(name));
    if (this.#refused.size > MAX_REFUSED) this.#refused.delete(this.#refused.values().next().value as string);
  }
}
