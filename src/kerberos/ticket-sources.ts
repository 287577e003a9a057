import { type CredentialSource, ccache, fromEnvironment, openSource } from "../client/index.ts";
import { CredentialError, isKerberosError } from "../errors.ts";
import type { HostEnvironment, Runtime } from "../host/index.ts";
import {
  equalPrincipals,
  formatPrincipal,
  type Principal,
  principalOf,
  printableName,
  type ServiceTicket,
  type TicketSource,
} from "../krb5/index.ts";
import { defined, type KerberosLibrary } from "../library/index.ts";
import { type ClientOptions, RemctlClient } from "../remctl-client/index.ts";
import { libraryOf } from "./server-keys.ts";
import { type ConfigureOptions, isTicketSource, libraryOptions } from "./settings.ts";

/** Who a client of the drop-in is to be. */
export interface Wanted {
  /** The principal that is named; undefined: the owner of the credentials. */
  readonly principal?: string;
  /** The password of that principal. */
  readonly password?: string;
  /** The cache whose tickets are used, whatever else is configured. */
  readonly cache?: string;
}

/** Clients that are kept: each has tickets, and a rejected password that rests. */
const MAX_CLIENTS = 64;
/** The variables that choose other tickets or another configuration, as libkrb5 reads them for each context. */
const VARIABLES = ["KRB5CCNAME", "KRB5_CONFIG", "KRB5_CLIENT_KTNAME", "KRB5_KTNAME"];

interface Kept {
  readonly password: string | undefined;
  readonly client: RemctlClient;
}

/** The ticket sources of one configuration: a client for each principal, kept with its tickets. */
export class TicketSources {
  readonly #settings: ConfigureOptions;
  readonly #runtime: Runtime;
  readonly #kept: Map<string, Kept> = new Map();
  #library: { readonly key: string; readonly value: KerberosLibrary } | undefined;

  constructor(settings: ConfigureOptions, runtime: Runtime) {
    this.#settings = settings;
    this.#runtime = runtime;
  }

  /**
   * The source of tickets for one context. That a principal that is named has none is known before the first step, as
   * with the native module; where none is named, the first step says so.
   */
  async sourceFor({ principal, password, cache }: Wanted): Promise<TicketSource> {
    if (cache !== undefined) return await this.#ownersSource(ccache(cache), `${cache}\0`, undefined);
    const { credentials } = this.#settings;
    if (password !== undefined && principal !== undefined) {
      return this.#client(`password\0${principal}`, { principal, password }, password);
    }
    if (credentials !== undefined) {
      const source = isTicketSource(credentials) ? credentials : this.#client("", credentials);
      return principal === undefined ? source : namedSource(source, principalOf("principal", principal));
    }
    const source = fromEnvironment(principal === undefined ? {} : { principal });
    return await this.#ownersSource(source, "", principal);
  }

  /**
   * Looks at the cache and the client keytab anew for each context, like libkrb5: after kinit, kswitch and kdestroy
   * a program goes on as what is there now.
   */
  async #ownersSource(source: CredentialSource, name: string, principal: string | undefined): Promise<TicketSource> {
    const key = this.#environmentKey();
    try {
      if (this.#library?.key !== key) this.#library = { key, value: libraryOf(this.#settings, this.#runtime) };
      const opened = await openSource(source, await this.#library.value.host());
      const owner = formatPrincipal(opened.principal);
      return this.#client(`${name}${key}\0${owner}`, source);
    } catch (error) {
      if (principal !== undefined || !isKerberosError(error)) throw error;
      return { getTicket: () => Promise.reject(error) };
    }
  }

  #client(key: string, credentials: ClientOptions["credentials"], password?: string): RemctlClient {
    const kept = this.#kept.get(key);
    // Another password than the one that is kept may be the right one, so it does not rest with that.
    if (kept !== undefined && kept.password === password) return kept.client;
    const client = new RemctlClient({
      ...libraryOptions(this.#settings),
      ...defined({ credentials }),
      runtime: this.#runtime,
    });
    this.#kept.delete(key);
    this.#kept.set(key, { password, client });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_CLIENTS && oldest !== undefined) this.#kept.delete(oldest);
    return client;
  }

  #environmentKey(): string {
    const environment: HostEnvironment | undefined = this.#settings.environment ?? this.#runtime.environment?.();
    return VARIABLES.map((name) => environment?.env[name] ?? "").join("\0");
  }
}

/** Tickets of a source, if they are the named principal's: another's are never handed to who asks for this one's. */
function namedSource(source: TicketSource, principal: Principal): TicketSource {
  const checked = (ticket: ServiceTicket): ServiceTicket => {
    const wanted = principal.realm === "" ? { ...principal, realm: ticket.client.realm } : principal;
    if (equalPrincipals(ticket.client, wanted)) return ticket;
    throw new CredentialError(
      "NO_CREDENTIAL",
      `the credentials of configure() are those of ${printableName(ticket.client)}, and the client is to be ` +
        `${printableName(wanted)}: leave the option principal out, or configure that principal`,
      { principal: formatPrincipal(wanted) },
    );
  };
  return {
    getTicket: async (service, options) => checked(await source.getTicket(service, options)),
    getForwardedTicket: async (options) => {
      const ticket = await source.getForwardedTicket?.(options);
      return ticket && checked(ticket);
    },
    ...(source.loadEncTypes === undefined ? {} : { loadEncTypes: source.loadEncTypes.bind(source) }),
  };
}
