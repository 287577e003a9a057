import { concat, encodeText, equal } from "../../bytes/index.ts";
import {
  type CacheContents,
  type Credential,
  type CredentialCache,
  credential,
  credentialOfTicket,
  type LoginNotes,
  StoreCache,
  tgtNameIn,
  ticketOfCredential,
  wholeContents,
} from "../../credentials/index.ts";
import type { EncTypeSet } from "../../crypto/index.ts";
import { isKerberosError } from "../../errors.ts";
import { TICKET_FLAG } from "../../iana/index.ts";
import {
  DEFAULT_SKEW_SECONDS,
  equalPrincipals,
  type Principal,
  printableName,
  type ServiceTicket,
} from "../../krb5/index.ts";
import type { Trace } from "../../trace.ts";
import type { KeptLogins } from "../as/earlier-logins.ts";
import { type OpenedCredentials, READ_AT_OPENING, type ReadCredentials } from "../credentials/credential-source.ts";
import { ownContents } from "../credentials/credentials.ts";
import type { Secret } from "../credentials/secret.ts";
import { contentsAfter, noTicketsIn, refreshTimeIn } from "./cache-contents.ts";
import { storedLogins } from "./kept-logins.ts";
import { isFresh, type TicketCache } from "./ticket-cache.ts";
import type { HeldTgt, Obtained, ShelfLook, ShelfQuery, TicketShelf } from "./ticket-shelf.ts";

/** What a {@link TicketShelf} works with. */
export interface ShelfParts {
  readonly credentials: OpenedCredentials;
  readonly memory: TicketCache;
  readonly encTypes: EncTypeSet;
  readonly now: () => number;
  readonly trace: Trace;
  /** Whether the KDC may call the client by another name: then a cache of another principal is only a stale one. */
  readonly mayBeRenamed: boolean;
}

/** Tickets that servers refused and that a cache may still have: more than a few are never asked for again. */
const MAX_REFUSED = 64;

/** The call that opened the credentials looks at their tickets by then; if it was aborted before, nobody may. */
const FIRST_MS = 1_000;

/** The shelf that is a credential cache, which other programs may use as well. */
export function cacheShelf(cache: CredentialCache, parts: ShelfParts): TicketShelf {
  return new CacheShelf(cache, parts);
}

class CacheShelf implements TicketShelf {
  readonly #cache: CredentialCache;
  readonly #parts: ShelfParts;
  /** The part of a store that belongs to the secret of the last login. */
  #bound: StoreCache | "none" | undefined;
  readonly #refused: Uint8Array[] = [];
  /** What was read when the credentials were opened, for the first look. */
  #first: { readonly contents: CacheContents; readonly atMs: number } | undefined;
  /** Whether the cache could not be made anew: what stands there is another's, and gets nothing more. */
  #isNotOurs = false;

  constructor(cache: CredentialCache, parts: ShelfParts) {
    this.#cache = cache;
    this.#parts = parts;
    const { [READ_AT_OPENING]: contents } = parts.credentials as ReadCredentials;
    if (contents !== undefined) this.#first = { contents, atMs: parts.now() };
  }

  forgetRead(): void {
    this.#first = undefined;
  }

  async look(signal: AbortSignal, loadSecret: () => Promise<Secret | undefined>): Promise<ShelfLook> {
    if (this.#cache instanceof StoreCache) this.#bound = bind(this.#cache, await loadSecret());
    const contents = await this.#read(signal);
    const held = contents === undefined ? undefined : this.#heldIn(contents);
    const isGood = contents !== undefined && this.#isGood(contents);
    if (contents !== undefined && isGood) this.#loadTgts(contents);
    return {
      held,
      isGood,
      acquire: (obtain, inner, mayRest, direct) => this.#acquire(contents, obtain, inner, mayRest, direct),
      noTickets: () => noTicketsIn(contents, this.#cache, this.#parts.credentials, this.#parts.now()),
    };
  }

  async find(service: Principal, query: ShelfQuery): Promise<ServiceTicket | undefined> {
    const { requested, isLastResort = false, signal } = query;
    const contents = await this.#read(signal);
    if (contents === undefined) return undefined;
    this.#loadTgts(contents);
    const [first] = this.#ticketsFor(contents, service, requested);
    if (first === undefined || !(isLastResort || isFresh(first, this.#parts.now()))) return undefined;
    return first;
  }

  /** As libkrb5 does: under the name that was asked for, so that the next look finds it. */
  async add(asked: Principal, ticket: ServiceTicket, intermediate: readonly ServiceTicket[]): Promise<void> {
    const cache = await this.#own();
    if (cache === undefined || this.#isNotOurs) return;
    // A name without a realm finds those of the client's own; all else is found under the name that was asked for.
    const isFound = asked.realm === "" && ticket.service.realm === this.#parts.credentials.principal.realm;
    const server = isFound ? ticket.service : asked;
    await this.#quietly("kept in memory only", async () => {
      for (const hop of intermediate) await cache.store(credentialOfTicket(hop));
      await cache.store(credential({ ...credentialOfTicket(ticket), server }));
    });
  }

  async drop(ticket: ServiceTicket): Promise<void> {
    this.#refused.push(ticket.ticket);
    if (this.#refused.length > MAX_REFUSED) this.#refused.shift();
    await this.#quietly("not removed", async () => {
      await (await this.#own())?.remove((one) => equal(one.ticket, ticket.ticket));
    });
  }

  async forgetRejection(): Promise<void> {
    const cache = await this.#own();
    if (cache instanceof StoreCache) await cache.forgetRejection();
  }

  async #acquire(
    contents: CacheContents | undefined,
    obtain: (kept?: KeptLogins) => Promise<Obtained>,
    signal: AbortSignal,
    mayRest: (error: unknown) => boolean,
    direct: Principal | undefined,
  ): Promise<HeldTgt | undefined> {
    const { credentials, now } = this.#parts;
    const cache = await this.#own();
    const renew = async (kept?: KeptLogins) => contentsAfter(await obtain(kept), contents, credentials, now());
    let fresh: CacheContents;
    if (cache instanceof StoreCache) {
      const isFresh = (there: CacheContents): boolean =>
        this.#isGood(there) || this.#freshFor(there, direct) !== undefined;
      const login = (notes: LoginNotes | undefined) => renew(notes && storedLogins(notes));
      fresh = await cache.acquire({ signal, isFresh, obtain: login, mayRest });
    } else {
      const obtained = await renew();
      const keep = async (): Promise<void> => cache?.initialize(obtained, { signal });
      this.#isNotOurs = !(await this.#quietly("kept in memory only", keep));
      fresh = wholeContents(obtained);
    }
    this.#loadTgts(fresh);
    const ticket = this.#freshFor(fresh, direct);
    return ticket === undefined ? this.#heldIn(fresh) : { ticket };
  }

  /** A ticket for the service that a login may ask for. */
  #freshFor(contents: CacheContents, direct: Principal | undefined): ServiceTicket | undefined {
    const [first] = direct === undefined ? [] : this.#ticketsFor(contents, direct);
    return first !== undefined && isFresh(first, this.#parts.now()) ? first : undefined;
  }

  /**
   * The cache of this client's secret (rule ST5): a store serves many, and a client that knows only a name must not
   * get its tickets. Undefined if nobody could tell the secret from another: then tickets are in memory only.
   */
  async #own(): Promise<CredentialCache | undefined> {
    const cache = this.#cache;
    if (!(cache instanceof StoreCache)) return cache;
    this.#bound ??= bind(cache, await this.#parts.credentials.loadSecret?.());
    return this.#bound === "none" ? undefined : this.#bound;
  }

  /** The cache as it is now; undefined if it is absent or another principal's. Throws CredentialError `CCACHE`. */
  async #read(signal?: AbortSignal): Promise<CacheContents | undefined> {
    const { credentials, mayBeRenamed } = this.#parts;
    const { principal } = credentials;
    const first = this.#first;
    this.#first = undefined;
    // The call that opened the credentials has looked a moment ago; each later one looks itself.
    if (first !== undefined && Math.abs(this.#parts.now() - first.atMs) < FIRST_MS) return first.contents;
    const cache = await this.#own();
    const contents = await cache?.read(signal === undefined ? {} : { signal });
    if (mayBeRenamed && contents !== undefined && !equalPrincipals(contents.principal, principal)) return undefined;
    return ownContents(this.#cache, contents, principal);
  }

  #heldIn(contents: CacheContents): HeldTgt | undefined {
    // RFC 6806 section 7: a client that was sent on has its ticket-granting ticket from the realm it was sent to.
    const tickets = this.#ticketsFor(contents, tgtNameIn(contents));
    const ticket = tickets.find(({ flags }) => (flags & TICKET_FLAG.invalid) === 0);
    return ticket === undefined ? undefined : { ticket, refreshAtMs: refreshTimeIn(contents) };
  }

  #isGood(contents: CacheContents): boolean {
    const held = this.#heldIn(contents);
    const { now, credentials } = this.#parts;
    if (held === undefined || !isFresh(held.ticket, now())) return false;
    return credentials.isRefreshedAtHalf !== true || held.refreshAtMs === undefined || held.refreshAtMs > now();
  }

  /** The tickets of a cache for a service, of those enctypes, that have not ended, the one that lasts longest first. */
  #ticketsFor(
    { principal, credentials, clockOffsetMs = 0 }: CacheContents,
    service: Principal,
    requested?: readonly number[],
  ): ServiceTicket[] {
    const { now, trace, encTypes } = this.#parts;
    const kdcTimeMs = now() + clockOffsetMs;
    const fitting = credentials
      // Rule DG6: S4U of MIT's tools leaves tickets of other users in the cache.
      .filter((one) => equalPrincipals(one.client, principal))
      .filter((one) => isFor(one, service) && !one.isSkey && this.#isUsable(one, kdcTimeMs, requested))
      .sort((a, b) => b.endTime.getTime() - a.endTime.getTime());
    const found: ServiceTicket[] = [];
    for (const one of fitting) {
      try {
        found.push(ticketOfCredential(one, encTypes, { clockOffsetMs }));
      } catch (error) {
        if (!isKerberosError(error)) throw error;
        trace({
          type: "note",
          text: `a cached ticket for ${printableName(service)} is passed over: ${error.message}`,
        });
      }
    }
    return found;
  }

  #isUsable(one: Credential, kdcTimeMs: number, requested: readonly number[] | undefined): boolean {
    return (
      one.endTime.getTime() > kdcTimeMs &&
      (one.startTime ?? one.authTime).getTime() <= kdcTimeMs + 1000 * DEFAULT_SKEW_SECONDS &&
      (requested === undefined || requested.includes(one.key.etype)) &&
      !this.#refused.some((octets) => equal(octets, one.ticket))
    );
  }

  /** Takes the cross-realm ticket-granting tickets of a cache into memory: a walk begins at the nearest. */
  #loadTgts(contents: CacheContents): void {
    const { now, credentials, memory } = this.#parts;
    for (const { server } of contents.credentials) {
      const [first, realm] = server.components;
      if (first !== "krbtgt" || realm === credentials.principal.realm) continue;
      if (memory.get(server, now()) !== undefined) continue;
      const [tgt] = this.#ticketsFor(contents, server);
      if (tgt !== undefined && isFresh(tgt, now())) memory.set(server, tgt);
    }
  }

  /**
   * A failed change of the cache is not an error: the ticket can still be used, and what was kept is as it was. Tells
   * whether it was changed.
   */
  async #quietly(what: string, operation: () => Promise<void>): Promise<boolean> {
    try {
      await operation();
      return true;
    } catch (error) {
      if (!isKerberosError(error)) throw error;
      this.#parts.trace({ type: "note", text: `${what}: ${error.message}` });
      return false;
    }
  }
}

function bind(cache: StoreCache, secret: Secret | undefined): StoreCache | "none" {
  if (secret === undefined) return cache;
  const identity = secret.identity?.();
  return identity === undefined ? "none" : cache.withSecret(concat(encodeText(`${secret.kind}\0`), identity));
}

/** A name with an empty realm is that of a referral: it is kept as that, or it is in the client's own realm. */
function isFor({ server, client }: Credential, service: Principal): boolean {
  if (equalPrincipals(server, service)) return true;
  return service.realm === "" && equalPrincipals(server, { ...service, realm: client.realm });
}
