import type { EncTypeSet } from "../crypto/index.ts";
import { CredentialError } from "../errors.ts";
import { KDC_OPTION, TICKET_FLAG } from "../iana/index.ts";
import {
  type AuthenticatorClock,
  createAuthenticatorClock,
  DEFAULT_SKEW_SECONDS,
  type Enctypes,
  etypesOf,
  formatPrincipal,
  type Principal,
  parsePrincipal,
  printableName,
  type RegisteredNames,
  type ServiceTicket,
  tgsPrincipal,
} from "../krb5/index.ts";

import { checkMechanisms, type PreauthMechanism, type Prompts } from "../preauth/index.ts";
import { hasListener, type Trace, tracedLogin } from "../trace.ts";
import type { KdcSearch, KdcTransport, SpareConnections } from "../transport/index.ts";
import type { AsStep } from "./as/as-options.ts";
import { type LoginWish, runDirectLogin } from "./as/direct-login.ts";
import type { Login, LoginOptions } from "./as/login.ts";
import type { ComputerArmor, ExplicitArmor, LoginArmor } from "./as/login-armor.ts";
import { LoginMemory, type RestScope } from "./as/login-memory.ts";
import { type AskPrimary, type LoginParts, runLogin } from "./as/logins.ts";
import type { Secret } from "./credentials/secret.ts";
import type { KeptTickets, RefreshOptions, ServiceTicketOptions, WalkTicketOptions } from "./kerberos.ts";
import { checkLifetimes } from "./option-checks.ts";
import { type PacWish, pacWishes } from "./pac-wish.ts";
import { unasked } from "./reply-checks.ts";
import type { TgsOptions } from "./tgs/tgs-exchange.ts";
import { TgsWalk, type TgsWalkOptions } from "./tgs/tgs-walk.ts";

/** Options for {@link Exchanges}. */
export interface ExchangesOptions {
  /** The permitted enctypes; asked for once, when they are first needed. */
  readonly loadEncTypes: () => Promise<EncTypeSet>;
  readonly transport: KdcTransport;
  readonly trace: Trace;
  readonly now?: (() => number) | undefined;
  /** Maximum clock skew, in seconds. Default 300. */
  readonly skewSeconds?: number | (() => number) | undefined;
  /** Whether the KDC's clock is learned from its replies (`kdc_timesync`). Default true. */
  readonly isTimeLearned?: (() => boolean) | undefined;
  /** The mechanisms of pre-authentication, best first. Default: PA-ENC-TIMESTAMP. */
  readonly preauth?: readonly PreauthMechanism[] | undefined;
  /** Deprecated enctypes whose key, made of a password, may be proven. Default: none. */
  readonly weakLogin?: readonly number[] | undefined;
  /** How the user is asked for what a mechanism needs. Default: nobody is asked. */
  readonly prompts?: Prompts | undefined;
  /** Whether a weaker mechanism may be used than at an earlier login. Default false. */
  readonly allowPreauthDowngrade?: boolean | undefined;
  /** What errors and the trace call numbers. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
  /** What armors the logins. Default: nothing. */
  readonly armor?: LoginArmor | undefined;
  /** The code that asks the primary KDC after another one, where the transport knows primaries. Default: none. */
  readonly primary?: AskPrimary | undefined;
  /** The code of FAST for {@link ServiceTicketOptions.armor}. Default: that of `armor`. */
  readonly explicitArmor?: ExplicitArmor | undefined;
  /** What KDCs are asked about the PAC. Default: nothing. */
  readonly pac?: PacWish | undefined;
  /** See {@link TgsWalkOptions.capaths}. */
  readonly capaths?: TgsWalkOptions["capaths"];
  /** The realm of a host by configuration alone; undefined: it says nothing. */
  readonly configuredRealm?: ((host: string) => string | undefined) | undefined;
  /** Whether a login that has asked no KDC begins with a timestamp, where it can. Default false. */
  readonly isTimestampFirst?: boolean | undefined;
  /** The realm of a host by configuration or DNS; `""`: the KDC's referral shall say. */
  readonly realmOfHost?: ((host: string, options: KdcSearch) => Promise<string>) | undefined;
}

/** What a walk to a service may use. */
export interface WalkOptions extends WalkTicketOptions, KeptTickets {
  /** A connection that a login has opened for it. */
  readonly spares?: SpareConnections | undefined;
  /** See {@link TgsWalkOptions.isEntryWanted}. */
  readonly isEntryWanted?: boolean;
}

/** Requests to KDCs, one after the other, that end with a ticket. */
export interface TicketMachine {
  start(): AsStep;
  step(reply: Uint8Array): AsStep;
}

/** What the exchanges of one client keep, whatever trace they report to. */
interface Kept {
  readonly clock: AuthenticatorClock;
  encTypes: EncTypeSet | undefined;
  logins: LoginMemory | undefined;
}

/** Exchanges with KDCs, one call each: the state machines, driven over a transport. It keeps no ticket. */
export class Exchanges {
  readonly #options: ExchangesOptions;
  readonly #now: () => number;
  readonly #kept: Kept;

  constructor(options: ExchangesOptions, kept?: Kept) {
    if (kept === undefined) checkMechanisms(options.preauth);
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#kept = kept ?? { clock: createAuthenticatorClock(this.#now), encTypes: undefined, logins: undefined };
  }

  /** The same exchanges, reporting to the trace of one call. */
  reportingTo(trace: Trace): Exchanges {
    return trace === this.#options.trace ? this : new Exchanges({ ...this.#options, trace }, this.#kept);
  }

  get now(): () => number {
    return this.#now;
  }

  get trace(): Trace {
    return this.#options.trace;
  }

  /** Whether KDCs are asked for claims: a request that has PA-PAC-OPTIONS says it there. */
  get isClaimsWanted(): boolean {
    return this.#options.pac === "claims";
  }

  async loadEncTypes(): Promise<EncTypeSet> {
    this.#kept.encTypes ??= await this.#options.loadEncTypes();
    return this.#kept.encTypes;
  }

  /** The realm of a host, if the configuration gives it. */
  get configuredRealm(): ExchangesOptions["configuredRealm"] {
    return this.#options.configuredRealm;
  }

  /** The AS exchange (RFC 4120 section 3.1); with `wish.direct`, for a service if the KDC gives its ticket so. */
  async login(client: Principal, secret: Secret, options: LoginOptions = {}, wish: LoginWish = {}): Promise<Login> {
    return await tracedLogin(
      this.trace,
      () => formatPrincipal(client),
      () => this.#login(client, secret, options, wish),
    );
  }

  async #login(
    client: Principal,
    secret: Secret,
    options: LoginOptions,
    { direct, spares, kept }: LoginWish,
  ): Promise<Login> {
    const { service, signal, enctypes, ...rest } = options;
    checkLifetimes(options);
    const requested = requestedOf(enctypes);
    const common = await this.#common();
    const { preauth, prompts, weakLogin, allowPreauthDowngrade, isTimestampFirst } = this.#options;
    const exchangeOptions = {
      ...rest,
      ...requested,
      ...common,
      preauth,
      weakLogin,
      prompts,
      allowPreauthDowngrade,
      wishes: pacWishes(this.#options.pac),
      isTimestampFirst,
      isTimeLearned: this.#options.isTimeLearned?.() ?? true,
      client,
      secret,
      service: serviceOf(service, client),
    };
    this.#kept.logins ??= new LoginMemory(common.encTypes.provider);
    const { transport, armor, primary } = this.#options;
    const parts = { transport, memory: this.#kept.logins, options: exchangeOptions, signal, spares, kept, primary };
    const run = (those: LoginParts): Promise<Login> => armor?.login(those, this.#kept.clock) ?? runLogin(those);
    const login = await (direct === undefined ? run(parts) : runDirectLogin(run, parts, direct));
    this.#report("AS", login.ticket);
    return login;
  }

  /** For whom the secret rests after a login that failed with this error. */
  restOf(error: unknown): RestScope {
    return this.#kept.logins?.restOf(error) ?? "nobody";
  }

  /** The TGS exchanges that lead from a ticket-granting ticket to a service (RFC 4120 section 3.3). */
  async getServiceTicket(
    tgt: ServiceTicket,
    service: Principal,
    options: WalkOptions = {},
  ): Promise<{ readonly ticket: ServiceTicket; readonly intermediate: readonly ServiceTicket[] }> {
    const { signal, enctypes, userToUser, armor, pac, spares, ...rest } = options;
    const { realmOfHost, capaths } = this.#options;
    const [, host] = service.components;
    const isHost = service.realm === "" && service.components.length === 2 && host !== undefined;
    const hostRealm = isHost ? await realmOfHost?.(host, { signal, trace: this.trace }) : undefined;
    const explicit = armor && (await this.#explicit(armor));
    const own = {
      ...rest,
      ...requestedOf(enctypes),
      ...(userToUser && { kdcOptions: KDC_OPTION.encTktInSkey, additionalTickets: [userToUser.ticket] }),
      explicit,
      capaths,
      hostRealm,
    };
    let intermediate: readonly ServiceTicket[] = [];
    const make = (common: TgsOptions): TgsWalk => {
      const walk = new TgsWalk(tgt, service, { ...own, ...common });
      intermediate = walk.intermediate;
      return walk;
    };
    return { ticket: await this.run(make, signal, pac, spares), intermediate };
  }

  /** The same ticket with a new life (RFC 4120 section 3.3.3, RENEW). */
  async renew(ticket: ServiceTicket, options: RefreshOptions = {}): Promise<ServiceTicket> {
    return await this.refresh(ticket, ticket.service, KDC_OPTION.renew, options);
  }

  /**
   * A ticket-granting ticket to hand on (RFC 4120 section 2.6). Throws CredentialError `TICKET_FLAGS` if `tgt` is not
   * forwardable.
   */
  async forward(tgt: ServiceTicket, options: RefreshOptions = {}): Promise<ServiceTicket> {
    if ((tgt.flags & TICKET_FLAG.forwardable) === 0) {
      throw new CredentialError(
        "TICKET_FLAGS",
        `the ticket-granting ticket of ${printableName(tgt.client)} is not forwardable: log in with the option \`forwardable\`, and let the KDC's policy allow it`,
        { principal: formatPrincipal(tgt.client) },
      );
    }
    const ticket = await this.refresh(tgt, tgsPrincipal(tgt.client.realm), KDC_OPTION.forwarded, options);
    // What is handed on must be the copy that says so, not our own.
    if ((ticket.flags & TICKET_FLAG.forwarded) === 0)
      throw unasked("we asked for a forwarded ticket, and this one is not forwarded");
    return ticket;
  }

  /** One request that shows the ticket itself in place of a ticket-granting ticket. */
  async refresh(
    ticket: ServiceTicket,
    service: Principal,
    kdcOptions: number,
    { signal, addresses }: RefreshOptions,
  ): Promise<ServiceTicket> {
    return await this.run((common) => new TgsWalk(ticket, service, { ...common, kdcOptions, addresses }), signal);
  }

  /** Drives the machine that is made of what each TGS-REQ says, and reports its ticket. */
  async run(
    make: (common: TgsOptions) => TicketMachine,
    signal: AbortSignal | undefined,
    pac: PacWish | undefined = this.#options.pac,
    spares?: SpareConnections,
  ): Promise<ServiceTicket> {
    const machine = make(await this.#tgsOptions(pac));
    if (spares !== undefined) spares.following = 0;
    const options = { signal, trace: this.trace, spares };
    let next = machine.start();
    while (next.type === "send") {
      next = machine.step(await this.#options.transport.exchange(next.realm, next.request, options));
    }
    this.#report("TGS", next.ticket);
    return next.ticket;
  }

  /** The armor of a computer's ticket. */
  async #explicit(ticket: ServiceTicket): Promise<ComputerArmor> {
    const { explicitArmor = this.#options.armor?.explicit } = this.#options;
    if (explicitArmor === undefined) {
      throw new TypeError("the option armor of a ticket needs FAST: give the client the option armor: fast(...)");
    }
    return explicitArmor(ticket, { clock: this.#kept.clock, encTypes: await this.loadEncTypes(), now: this.#now });
  }

  async #tgsOptions(pac: PacWish | undefined): Promise<TgsOptions> {
    const common = await this.#common();
    const { armor } = this.#options;
    return {
      ...common,
      clock: this.#kept.clock,
      wishes: pacWishes(pac),
      // Around each TGS-REQ where logins are armored: a KDC may want FAST of a ticket that came by it.
      ...(armor === undefined ? {} : { wrap: (parts) => armor.wrap(parts, common.encTypes) }),
    };
  }

  async #common(): Promise<Pick<TgsWalkOptions, "encTypes" | "trace" | "now" | "skewMs" | "names">> {
    const encTypes = await this.loadEncTypes();
    const { trace, skewSeconds = DEFAULT_SKEW_SECONDS, names } = this.#options;
    const skewMs = (typeof skewSeconds === "number" ? skewSeconds : skewSeconds()) * 1000;
    return { encTypes, trace, now: this.#now, skewMs, names };
  }

  #report(exchange: "AS" | "TGS", ticket: ServiceTicket): void {
    reportTicket(this.trace, exchange, ticket, false);
  }
}

/** The enctypes to ask a KDC for, if the caller names some. */
export function requestedOf(enctypes: Enctypes | undefined): { readonly requested?: readonly number[] } {
  return enctypes === undefined ? {} : { requested: etypesOf("enctypes", enctypes) };
}

/** Reports a ticket that was got, or found. Its names are written where somebody listens. */
export function reportTicket(trace: Trace, exchange: "AS" | "TGS", ticket: ServiceTicket, cached: boolean): void {
  if (!hasListener(trace)) return;
  trace({
    type: "ticket",
    exchange,
    client: formatPrincipal(ticket.client),
    service: formatPrincipal(ticket.service),
    etype: ticket.sessionKey.encType.name,
    endTime: ticket.endTime,
    cached,
  });
}

function serviceOf(service: string | Principal | undefined, client: Principal): Principal {
  if (service === undefined) return tgsPrincipal(client.realm);
  const name = typeof service === "string" ? parsePrincipal(service, { defaultRealm: client.realm }) : service;
  return name.realm === "" ? { ...name, realm: client.realm } : name;
}
