import { decodeText, encodeText } from "../../bytes/index.ts";
import {
  type CacheContents,
  type CredentialCache,
  configValue,
  credentialOfTicket,
  type NewCacheContents,
  StoreCache,
} from "../../credentials/index.ts";
import { CredentialError, KerberosError } from "../../errors.ts";
import { TICKET_FLAG } from "../../iana/index.ts";
import {
  equalPrincipals,
  formatPrincipal,
  type Principal,
  type ServiceTicket,
  tgsPrincipal,
} from "../../krb5/index.ts";
import { contentsOfLogin, type LoginOptions } from "../as/login.ts";
import type { OpenedCredential } from "../credentials/credential-source.ts";
import type { Secret } from "../credentials/secret.ts";
import type { Exchanges } from "../exchanges.ts";
import { isRejection, RejectedSecret } from "./rejection.ts";
import { isFresh } from "./ticket-cache.ts";
import type { TicketKeeper } from "./ticket-keeper.ts";

/** What a {@link TgtSource} works with. */
export interface TgtSourceOptions {
  readonly credential: OpenedCredential;
  readonly cache: CredentialCache | undefined;
  readonly keeper: TicketKeeper;
  readonly exchanges: Exchanges;
  /** What is asked of a login. */
  readonly options: LoginOptions;
  readonly restMs: number;
}

/** The remark of libkrb5 in a cache that a client keytab filled: seconds since the epoch. */
const REFRESH_TIME = "refresh_time";
/** After a refresh that failed the next waits so long, as in libkrb5. */
const REFRESH_RETRY_MS = 30_000;

/**
 * Where a client's ticket-granting ticket comes from: memory, its cache, a renewal, a login; in that order, so that a KDC is asked
 * only where nothing else helps, and before the ticket at hand has ended.
 */
export class TgtSource {
  readonly #options: TgtSourceOptions;
  readonly #rejected: RejectedSecret;
  #refreshAtMs: number | undefined;
  /** The last one, which is renewed, or used to its end, when memory gives it out no more. */
  #last: ServiceTicket | undefined;

  constructor(options: TgtSourceOptions) {
    this.#options = options;
    this.#rejected = new RejectedSecret(options.restMs, options.exchanges.now);
  }

  get service(): Principal {
    return tgsPrincipal(this.#options.credential.principal.realm);
  }

  /** The one in memory, if it will do. */
  get kept(): ServiceTicket | undefined {
    const { keeper, exchanges } = this.#options;
    const isDue = this.#refreshAtMs !== undefined && this.#refreshAtMs <= exchanges.now();
    return isDue ? undefined : keeper.memory.get(this.service, exchanges.now());
  }

  get hasSecret(): boolean {
    return this.#options.credential.loadSecret !== undefined;
  }

  /** Lets a rejected secret be tried again: a password was changed. */
  async forgetRejection(): Promise<void> {
    const { cache } = this.#options;
    this.#rejected.forget();
    if (cache instanceof StoreCache) await cache.forgetRejection();
  }

  /** The ticket-granting ticket, by whatever gives one. */
  async get(signal: AbortSignal): Promise<ServiceTicket> {
    const { keeper } = this.#options;
    const contents = await keeper.read(signal);
    const found = contents === undefined ? undefined : this.#tgtOf(contents);
    if (contents !== undefined && found !== undefined && this.#isGood(contents, found)) {
      return this.#keep(contents, found);
    }
    const atHand = found ?? (isAlive(this.#last, this.#options.exchanges.now()) ? this.#last : undefined);
    try {
      const fresh = await this.#acquire(contents, atHand, signal);
      const ticket = this.#tgtOf(fresh) ?? atHand;
      if (ticket === undefined) throw this.#noTickets(undefined);
      return this.#keep(fresh, ticket);
    } catch (error) {
      // What is at hand is good until it ends, whoever cannot be reached now.
      if (atHand === undefined || signal.aborted || !(error instanceof KerberosError)) throw error;
      this.#options.exchanges.trace({
        type: "note",
        text: `no new ticket-granting ticket, the one at hand ends at ${atHand.endTime.toISOString()}: ${error.message}`,
      });
      this.#refreshAtMs = this.#options.exchanges.now() + REFRESH_RETRY_MS;
      this.#last = atHand;
      return atHand;
    }
  }

  async #acquire(
    contents: CacheContents | undefined,
    atHand: ServiceTicket | undefined,
    signal: AbortSignal,
  ): Promise<CacheContents> {
    const { cache, credential } = this.#options;
    const secret = await credential.loadSecret?.();
    if (!(cache instanceof StoreCache)) {
      const obtained = await this.#obtain(contents, atHand, secret, signal);
      if (cache !== undefined) await this.#write(cache, obtained, signal);
      return { credentials: [], config: [], ...obtained };
    }
    const secretOctets = secret?.identity?.();
    return await cache.acquire({
      signal,
      isFresh: (there) => {
        const tgt = this.#tgtOf(there);
        return tgt !== undefined && this.#isGood(there, tgt);
      },
      obtain: () => this.#obtain(contents, atHand, secret, signal),
      isRejection,
      ...(secretOctets === undefined ? {} : { secretId: await cache.secretIdOf(secretOctets) }),
    });
  }

  /** By renewal if that is possible, which needs no proof of the secret; else by a login. */
  async #obtain(
    contents: CacheContents | undefined,
    atHand: ServiceTicket | undefined,
    secret: Secret | undefined,
    signal: AbortSignal,
  ): Promise<NewCacheContents> {
    const { exchanges, credential, options } = this.#options;
    if (atHand !== undefined && isRenewable(atHand, exchanges.now())) {
      try {
        return this.#contentsOf(await exchanges.renew(atHand, { signal }), contents);
      } catch (error) {
        if (secret === undefined || signal.aborted) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        exchanges.trace({ type: "note", text: `the ticket-granting ticket was not renewed, logging in: ${reason}` });
      }
    }
    if (secret === undefined) throw this.#noTickets(contents);
    this.#rejected.refuse(secret);
    try {
      const login = await exchanges.login(credential.principal, secret, { ...options, signal });
      this.#rejected.forget();
      return this.#contentsOf(login.ticket, contents, contentsOfLogin(login));
    } catch (error) {
      this.#rejected.note(secret, error);
      throw error;
    }
  }

  /** A new ticket-granting ticket beside the service tickets that are still good. */
  #contentsOf(tgt: ServiceTicket, old: CacheContents | undefined, made?: NewCacheContents): NewCacheContents {
    const { credential, exchanges } = this.#options;
    const kdcTimeMs = exchanges.now() + tgt.clockOffsetMs;
    const kept = (old?.credentials ?? []).filter(
      ({ server, client, endTime }) =>
        !equalPrincipals(server, tgt.service) && equalPrincipals(client, tgt.client) && endTime.getTime() > kdcTimeMs,
    );
    const config = (made?.config ?? old?.config ?? []).filter(({ key }) => key !== REFRESH_TIME);
    const halfMs = (tgt.startTime.getTime() + tgt.endTime.getTime()) / 2;
    const refresh = { key: REFRESH_TIME, value: encodeText(String(Math.floor(halfMs / 1000))) };
    return {
      principal: tgt.client,
      credentials: [credentialOfTicket(tgt), ...kept],
      config: credential.isRefreshedAtHalf === true ? [...config, refresh] : config,
      ...(tgt.clockOffsetMs === 0 ? {} : { clockOffsetMs: tgt.clockOffsetMs }),
    };
  }

  async #write(cache: CredentialCache, contents: NewCacheContents, signal: AbortSignal): Promise<void> {
    try {
      await cache.initialize(contents, { signal });
    } catch (error) {
      if (!(error instanceof KerberosError)) throw error;
      this.#options.exchanges.trace({ type: "note", text: `kept in memory only: ${error.message}` });
    }
  }

  #keep(contents: CacheContents, tgt: ServiceTicket): ServiceTicket {
    const { keeper } = this.#options;
    keeper.memory.set(this.service, tgt);
    this.#last = tgt;
    keeper.loadTgts(contents);
    this.#refreshAtMs = refreshTimeOf(contents);
    return tgt;
  }

  #tgtOf(contents: CacheContents): ServiceTicket | undefined {
    const { keeper } = this.#options;
    // RFC 6806 section 7: a client that was sent on has its ticket-granting ticket from the realm it was sent to.
    const service = tgsPrincipal(contents.principal.realm);
    return keeper.ticketsFor(contents, service).find(({ flags }) => (flags & TICKET_FLAG.invalid) === 0);
  }

  #isGood(contents: CacheContents, tgt: ServiceTicket): boolean {
    const now = this.#options.exchanges.now();
    if (!isFresh(tgt, now)) return false;
    const { credential } = this.#options;
    const refreshAtMs = credential.isRefreshedAtHalf === true ? refreshTimeOf(contents) : undefined;
    return refreshAtMs === undefined || refreshAtMs > now;
  }

  #noTickets(contents: CacheContents | undefined): CredentialError {
    const { cache, credential } = this.#options;
    const who = formatPrincipal(credential.principal);
    const ends = (contents?.credentials ?? []).map(({ endTime }) => endTime.getTime());
    const where = cache === undefined ? "" : ` in ${cache.name}`;
    return ends.length === 0
      ? new CredentialError("NO_CREDENTIAL", `there are no tickets of ${who}${where}: log in with kinit`, {
          principal: who,
        })
      : new CredentialError(
          "TICKET_EXPIRED",
          `the tickets of ${who}${where} ended at ${new Date(Math.max(...ends)).toISOString()} or cannot be renewed any more: log in with kinit`,
          { principal: who },
        );
  }
}

function refreshTimeOf(contents: CacheContents): number | undefined {
  const value = configValue(contents, REFRESH_TIME);
  const seconds = value === undefined ? Number.NaN : Number(decodeText(value));
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

function isAlive(ticket: ServiceTicket | undefined, nowMs: number): boolean {
  return ticket !== undefined && ticket.endTime.getTime() > nowMs + ticket.clockOffsetMs;
}

function isRenewable({ flags, endTime, renewTill, clockOffsetMs }: ServiceTicket, nowMs: number): boolean {
  const kdcTimeMs = nowMs + clockOffsetMs;
  if ((flags & TICKET_FLAG.renewable) === 0 || renewTill === undefined || endTime.getTime() <= kdcTimeMs) return false;
  // One that could not last longer than it does is not worth a request.
  return renewTill.getTime() > endTime.getTime();
}
