import { equal } from "../../bytes/index.ts";
import {
  type CacheContents,
  type Credential,
  type CredentialCache,
  credential,
  credentialOfTicket,
  ticketOfCredential,
} from "../../credentials/index.ts";
import type { EncTypeSet } from "../../crypto/index.ts";
import { KerberosError } from "../../errors.ts";
import { equalPrincipals, formatPrincipal, type Principal, type ServiceTicket } from "../../krb5/index.ts";
import type { Trace } from "../../trace.ts";
import { ownContents } from "../credentials/credentials.ts";
import { isFresh, TicketCache } from "./ticket-cache.ts";

/** What a {@link TicketKeeper} works with. */
export interface TicketKeeperOptions {
  readonly principal: Principal;
  readonly cache: CredentialCache | undefined;
  readonly encTypes: EncTypeSet;
  readonly now: () => number;
  readonly trace: Trace;
  /** Whether the KDC may call the client by another name: then a cache of another principal is only a stale one. */
  readonly mayBeRenamed: boolean;
}

/** Tickets that servers refused and that a cache may still have: more than a few are none that anyone asks for again. */
const MAX_REFUSED = 64;

/** The tickets of one client: in memory, and behind that in its cache, which other programs may use as well. */
export class TicketKeeper {
  readonly memory: TicketCache = new TicketCache();
  readonly #options: TicketKeeperOptions;
  readonly #refused: Uint8Array[] = [];

  constructor(options: TicketKeeperOptions) {
    this.#options = options;
  }

  /** The cache as it is now; undefined if there is none, or none of ours. Throws CredentialError `CCACHE`. */
  async read(signal?: AbortSignal): Promise<CacheContents | undefined> {
    const { cache, principal, mayBeRenamed } = this.#options;
    if (cache === undefined) return undefined;
    const contents = await cache.read(signal === undefined ? {} : { signal });
    if (mayBeRenamed && contents !== undefined && !equalPrincipals(contents.principal, principal)) return undefined;
    return ownContents(cache, contents, principal);
  }

  /** The tickets of a cache for a service, of those enctypes, that have not ended, the one that lasts longest first. */
  ticketsFor(
    { credentials, clockOffsetMs = 0 }: CacheContents,
    service: Principal,
    etypes?: readonly number[],
  ): ServiceTicket[] {
    const { now, trace, encTypes } = this.#options;
    const kdcTimeMs = now() + clockOffsetMs;
    const fitting = credentials
      .filter((one) => isFor(one, service) && !one.isSkey && this.#isUsable(one, kdcTimeMs, etypes))
      .sort((a, b) => b.endTime.getTime() - a.endTime.getTime());
    const found: ServiceTicket[] = [];
    for (const one of fitting) {
      try {
        found.push(ticketOfCredential(one, encTypes, { clockOffsetMs }));
      } catch (error) {
        if (!(error instanceof KerberosError)) throw error;
        trace({ type: "note", text: `a kept ticket for ${formatPrincipal(service)} is passed over: ${error.message}` });
      }
    }
    return found;
  }

  /** A kept ticket that is fresh, or with `isLastResort` one that has not ended. */
  async find(
    service: Principal,
    options: {
      readonly etypes?: readonly number[] | undefined;
      readonly isLastResort?: boolean;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<ServiceTicket | undefined> {
    const { now } = this.#options;
    const { etypes, isLastResort = false, signal } = options;
    const kept = this.memory.get(service, now());
    if (kept !== undefined && hasEtype(kept, etypes)) return kept;
    const contents = await this.read(signal);
    if (contents === undefined) return undefined;
    this.loadTgts(contents);
    const [first] = this.ticketsFor(contents, service, etypes);
    if (first === undefined || !(isLastResort || isFresh(first, now()))) return undefined;
    if (etypes === undefined) this.memory.set(service, first);
    return first;
  }

  /** Takes the cross-realm ticket-granting tickets of a cache into memory: a walk begins at the nearest. */
  loadTgts(contents: CacheContents): void {
    const { now, principal } = this.#options;
    for (const { server } of contents.credentials) {
      const [first, realm] = server.components;
      if (first !== "krbtgt" || realm === principal.realm || this.memory.get(server, now()) !== undefined) continue;
      const [tgt] = this.ticketsFor(contents, server);
      if (tgt !== undefined && isFresh(tgt, now())) this.memory.set(server, tgt);
    }
  }

  /** Keeps what a walk gave: under the name that was asked for, as libkrb5 does, so that the next look finds it. */
  async add(
    asked: Principal,
    ticket: ServiceTicket,
    intermediate: readonly ServiceTicket[],
    isInMemoryToo: boolean,
  ): Promise<void> {
    for (const hop of intermediate) this.memory.set(hop.service, hop);
    if (isInMemoryToo) this.memory.set(asked, ticket);
    const { cache } = this.#options;
    if (cache === undefined) return;
    const home = this.#options.principal.realm;
    // A name without a realm finds those of the client's own; another realm's is found under the name without.
    const isFound = asked.realm !== "" || ticket.service.realm === home;
    const server = isFound ? ticket.service : asked;
    await this.#quietly("kept in memory only", async () => {
      for (const hop of intermediate) await cache.store(credentialOfTicket(hop));
      await cache.store(credential({ ...credentialOfTicket(ticket), server }));
    });
  }

  /** Forgets a ticket that a server refused. */
  async drop(ticket: ServiceTicket): Promise<void> {
    this.memory.delete(ticket);
    this.#refused.push(ticket.ticket);
    if (this.#refused.length > MAX_REFUSED) this.#refused.shift();
    const { cache } = this.#options;
    if (cache === undefined) return;
    await this.#quietly("not removed", async () => {
      await cache.remove((one) => equal(one.ticket, ticket.ticket));
    });
  }

  #isUsable(one: Credential, kdcTimeMs: number, etypes: readonly number[] | undefined): boolean {
    return (
      one.endTime.getTime() > kdcTimeMs &&
      (one.startTime ?? one.authTime).getTime() <= kdcTimeMs + 1000 * 300 &&
      (etypes === undefined || etypes.includes(one.key.etype)) &&
      !this.#refused.some((octets) => equal(octets, one.ticket))
    );
  }

  /** A ticket is good where it cannot be kept; what was kept is as it was. */
  async #quietly(what: string, operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      this.#options.trace({ type: "note", text: `${what}: ${error.message}` });
    }
  }
}

/** A name with an empty realm is that of a referral: it is kept as that, or it is in the client's own realm. */
function isFor({ server, client }: Credential, service: Principal): boolean {
  if (equalPrincipals(server, service)) return true;
  return service.realm === "" && equalPrincipals(server, { ...service, realm: client.realm });
}

function hasEtype({ sessionKey }: ServiceTicket, etypes: readonly number[] | undefined): boolean {
  return etypes === undefined || etypes.includes(sessionKey.encType.etype);
}
