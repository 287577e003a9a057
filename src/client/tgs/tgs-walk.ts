import { type AnyKerberosError, ProtocolError } from "../../errors.ts";
import { KDC_OPTION, KRB_ERROR, MESSAGE_TYPE, NAME_TYPE } from "../../iana/index.ts";
import {
  applicationTag,
  equalPrincipals,
  type Principal,
  printableName,
  type ServiceTicket,
  tgsPrincipal,
} from "../../krb5/index.ts";
import type { AsStep } from "../as/as-options.ts";
import type { ComputerArmor } from "../as/login-armor.ts";
import { otherMessage, otherService } from "../reply-checks.ts";
import { acceptTgsReply, createTgsRequest, type PendingTgs, refusedTgs, type TgsOptions } from "./tgs-exchange.ts";
import { realmOfDomain, realmPath } from "./tgs-path.ts";

/** What a {@link TgsWalk} works with. */
export interface TgsWalkOptions extends TgsOptions {
  /** The realms between two by configuration, in order; undefined: it says nothing about the two. */
  readonly capaths?: ((clientRealm: string, serverRealm: string) => readonly string[] | undefined) | undefined;
  /** A ticket-granting ticket from an earlier walk that is still good. */
  readonly kept?: ((service: Principal) => ServiceTicket | undefined) | undefined;
  /** Where to begin to look for a service with an empty realm, by `[domain_realm]`; referrals lead on from there. */
  readonly hostRealm?: string | undefined;
  /** The armor of the computer that the client is at, for the request for the service itself. */
  readonly explicit?: ComputerArmor | undefined;
  /**
   * A ticket-granting ticket of another realm is wanted, and the one that the realm before it issues is enough: no KDC
   * of that realm is asked.
   */
  readonly isEntryWanted?: boolean;
}

/** Rules X1 and X5: requests for one ticket, over all realms and whatever they are for. */
const maxRequests = 10;

/** What a KDC says when it does not know the way that was asked for, and may know another. */
const NO_WAY: ReadonlySet<number> = new Set([
  KRB_ERROR.KDC_ERR_S_PRINCIPAL_UNKNOWN,
  KRB_ERROR.KDC_ERR_POLICY,
  KRB_ERROR.KDC_ERR_BADOPTION,
  KRB_ERROR.KDC_ERR_ETYPE_NOSUPP,
  KRB_ERROR.KDC_ERR_PATH_NOT_ACCEPTED,
]);

/** What a KDC says of the ticket-granting ticket or the clock: the same request fails again. */
const OF_OUR_TICKET: ReadonlySet<number> = new Set([
  KRB_ERROR.KRB_AP_ERR_TKT_EXPIRED,
  KRB_ERROR.KRB_AP_ERR_TKT_NYV,
  KRB_ERROR.KRB_AP_ERR_SKEW,
]);

/** Options that ask for a ticket to be made of the one that is shown. */
const OF_A_TICKET: number = KDC_OPTION.renew | KDC_OPTION.validate | KDC_OPTION.forwarded | KDC_OPTION.proxy;

/**
 * From a ticket-granting ticket to a service's ticket, through as many realms as it takes (RFC 4120 sections 1.2 and
 * 3.3.1, RFC 6806 section 8): a state machine with no I/O.
 *
 * A service whose realm is named: a ticket-granting ticket for that realm is asked for, then for each realm on the way
 * to it, the farthest first; a KDC may answer with one for a realm that is nearer. A service whose realm is empty is
 * looked for in the realm of the ticket-granting ticket.
 *
 * The service itself is asked for in libkrb5's order: with CANONICALIZE first, which lets the KDC refer to another
 * realm; where the first such request fails, without it, of a named realm in that realm, of an empty one in the realm
 * that its host's domain would be.
 */
export class TgsWalk {
  readonly #wanted: Principal;
  readonly #options: TgsWalkOptions;
  /** Rule X2: realms that have been asked. */
  readonly #seen = new Set<string>();
  /** Whether it is known, by name or by configuration, which realm the service is in: no other is guessed at. */
  readonly #isRealmKnown: boolean;
  #tgt: ServiceTicket;
  /** The realm whose KDC is asked. */
  #here: string;
  /** The realm to look for the service in; a referral moves it. */
  #target: string;
  /** Realms from the present one to the target, and the one of them that a ticket-granting ticket is asked for. */
  #path: readonly string[] = [];
  #next = 0;
  #pending: PendingTgs | undefined;
  #canonicalize: boolean;
  /** Whether a KDC has sent us on to another realm. */
  #isReferred = false;
  #firstFailure: AnyKerberosError | undefined;
  /** The first refusal of a KDC that knows the way and has no key for it that is permitted here. */
  #noEnctype: AnyKerberosError | undefined;
  #requests = 0;
  #isOver = false;

  constructor(tgt: ServiceTicket, wanted: Principal, options: TgsWalkOptions) {
    this.#tgt = tgt;
    this.#wanted = wanted.realm === "" ? hostBased(wanted) : wanted;
    this.#options = options;
    const { kdcOptions = 0, hostRealm } = options;
    // Of a ticket that is there another is made: no other realm can.
    this.#canonicalize = (kdcOptions & OF_A_TICKET) === 0;
    // A ticket is renewed and validated by the realm that issued it (RFC 4120 section 3.3.3).
    const isRefresh = (kdcOptions & (KDC_OPTION.renew | KDC_OPTION.validate)) !== 0;
    this.#here = isRefresh ? tgt.service.realm : tgsRealm(tgt);
    const realm = wanted.realm || hostRealm || undefined;
    this.#isRealmKnown = realm !== undefined;
    this.#target = realm ?? this.#here;
    this.#seen.add(tgt.client.realm);
  }

  /** The cross-realm ticket-granting tickets got on the way: worth keeping. */
  readonly intermediate: ServiceTicket[] = [];

  start(): AsStep {
    this.#setOut(this.#target);
    return this.#entered() ?? this.#ask();
  }

  step(reply: Uint8Array): AsStep {
    if (this.#isOver || this.#pending === undefined)
      throw new TypeError("this TGS walk is over or was not started: begin another");
    try {
      return this.#step(reply, this.#pending);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #step(reply: Uint8Array, pending: PendingTgs): AsStep {
    const tag = applicationTag(reply);
    if (tag === MESSAGE_TYPE.krbError) return this.#onError(reply, pending);
    // Rule T1.
    if (tag !== MESSAGE_TYPE.tgsRep) throw otherMessage("a TGS-REQ", tag);
    const ticket = acceptTgsReply(reply, pending, this.#options);
    const { service } = pending.request;
    // Rules T4 and T5: the ticket that is given back is for the name that was asked for, in the realm that was asked.
    if (!this.#isTgtWanted && equalPrincipals(ticket.service, service)) {
      this.#isOver = true;
      this.#options.explicit?.check(ticket.service);
      return { type: "done", ticket };
    }
    // A KDC may answer CANONICALIZE with the service's other name, or with a ticket-granting ticket of the same realm.
    const next = referredTo(ticket.service);
    if (!this.#isTgtWanted && this.#canonicalize && (next === undefined || next === this.#here)) {
      return this.#askAsWritten(`${printableName(ticket.service)} is not what was asked for`);
    }
    return this.#follow(ticket, next, service);
  }

  /** Takes one hop: rule X3, a referral is `krbtgt/X` of the realm that was asked, and X2, to a realm not yet seen. */
  #follow(ticket: ServiceTicket, next: string | undefined, asked: Principal): AsStep {
    const mayRefer = next !== undefined && (this.#isTgtWanted || this.#canonicalize);
    if (!mayRefer || ticket.service.realm !== asked.realm) {
      throw otherService(ticket.service, asked, "if that is the service's own name, ask for that");
    }
    if (this.#seen.has(next)) {
      throw new ProtocolError(
        "REFERRAL",
        `the referrals of the KDCs form a loop: ${[...this.#seen, next].join(" to ")}; name the service's realm`,
      );
    }
    this.#options.trace({ type: "referral", from: asked.realm, to: next });
    this.intermediate.push(ticket);
    const isOnPath = this.#isTgtWanted && this.#path.includes(next);
    if (!this.#isTgtWanted) {
      this.#target = next;
      this.#isReferred = true;
    }
    this.#tgt = ticket;
    this.#here = next;
    if (isOnPath) this.#goOn(this.#path.slice(this.#path.indexOf(next)));
    else this.#setOut(this.#target);
    return this.#entered() ?? this.#ask();
  }

  /** The end of a walk that only leads to a realm. */
  #entered(): AsStep | undefined {
    if (this.#options.isEntryWanted !== true || this.#isTgtWanted) return undefined;
    this.#isOver = true;
    return { type: "done", ticket: this.#tgt };
  }

  #onError(reply: Uint8Array, pending: PendingTgs): AsStep {
    const { names, trace } = this.#options;
    const { failure, errorCode } = refusedTgs(reply, pending, {
      client: this.#tgt.client,
      realm: this.#here,
      trace,
      names,
    });
    if (errorCode === KRB_ERROR.KDC_ERR_ETYPE_NOSUPP) this.#noEnctype ??= failure;
    if (this.#isTgtWanted) {
      if (!NO_WAY.has(errorCode)) throw failure;
      return this.#nearer(failure);
    }
    // Rule X4: without referrals once, and not where the KDC says that our ticket or our clock is wrong.
    if (!this.#canonicalize || this.#isReferred || OF_OUR_TICKET.has(errorCode)) throw failure;
    // What counts where the way to a realm that was guessed is missing.
    this.#firstFailure = failure;
    const [, host] = this.#wanted.components;
    if (this.#isRealmKnown) return this.#askAsWritten("the KDC refused a request with CANONICALIZE");
    if (host === undefined) throw failure;
    const domain = realmOfDomain(host);
    if (domain === undefined || this.#seen.has(domain)) return this.#askAsWritten("there is no other realm to look in");
    this.#canonicalize = false;
    this.#options.trace({ type: "note", text: `no referral from ${this.#here}: looking in realm ${domain}` });
    this.#target = domain;
    this.#setOut(domain);
    return this.#ask();
  }

  /** Asks the same realm again, for the very name and nothing else. */
  #askAsWritten(why: string): AsStep {
    this.#canonicalize = false;
    this.#options.trace({ type: "note", text: `${why}: ${this.#here} is asked without CANONICALIZE` });
    return this.#ask();
  }

  /** The next realm of the path that is nearer than the one that this KDC has no ticket for. */
  #nearer(failure: AnyKerberosError): AsStep {
    if (this.#next > 1) {
      this.#next -= 1;
      return this.#ask();
    }
    // A trust whose keys are not permitted here is a way all the same: [capaths] would not help.
    const known = this.#firstFailure ?? this.#noEnctype;
    if (known !== undefined) throw known;
    throw new ProtocolError(
      "REFERRAL",
      `no way from realm ${this.#tgt.client.realm} to ${this.#target}: the KDC of ${this.#here} has no ticket for ` +
        `${this.#path.slice(1).reverse().join(" or ")}; check the service's realm, and name the realms between in [capaths]`,
      { cause: failure },
    );
  }

  /** Plans the way to a realm, from the nearest place that a kept ticket reaches. */
  #setOut(target: string): void {
    const here = this.#here;
    const path = realmPath(here, target, here === target ? undefined : this.#options.capaths?.(here, target));
    for (let end = path.length - 1; end > 0; end--) {
      for (const issuer of path.slice(0, end)) {
        const kept = this.#options.kept?.(tgsPrincipal(path[end] as string, issuer));
        if (kept === undefined || !equalPrincipals(kept.client, this.#tgt.client)) continue;
        this.#tgt = kept;
        this.#here = path[end] as string;
        this.#goOn(path.slice(end));
        return;
      }
    }
    this.#goOn(path);
  }

  #goOn(path: readonly string[]): void {
    this.#seen.add(path[0] as string);
    this.#path = path;
    this.#next = path.length - 1;
  }

  get #isTgtWanted(): boolean {
    return this.#next > 0;
  }

  #ask(): AsStep {
    this.#requests += 1;
    if (this.#requests > maxRequests) {
      throw new ProtocolError(
        "REFERRAL",
        `no ticket for ${printableName(this.#wanted)} after ${maxRequests} requests: ${[...this.#seen].join(" to ")}; name the service's realm`,
      );
    }
    const realm = this.#here;
    const isTgtWanted = this.#isTgtWanted;
    const service = isTgtWanted ? tgsPrincipal(this.#path[this.#next] as string, realm) : { ...this.#wanted, realm };
    const { kdcOptions, additionalTickets, explicit, ...options } = this.#options;
    // What is asked of the service's ticket is not asked of those on the way.
    const own = isTgtWanted
      ? { canonicalize: false }
      : {
          kdcOptions,
          additionalTickets,
          wrap: explicit?.wrapFor(realm) ?? options.wrap,
          canonicalize: this.#canonicalize,
        };
    this.#pending = createTgsRequest(this.#tgt, service, { ...options, ...own });
    return { type: "send", realm, request: this.#pending.octets };
  }
}

/** The realm whose KDC takes a ticket-granting ticket. */
export function tgsRealm({ service }: ServiceTicket): string {
  const [name, realm = service.realm] = service.components;
  return name === "krbtgt" ? realm : service.realm;
}

/** The realm that a ticket leads to, if it is a ticket-granting ticket: `krbtgt/REALM`. */
export function referredTo({ components }: Principal): string | undefined {
  const [first, next, ...rest] = components;
  return first === "krbtgt" && rest.length === 0 ? next : undefined;
}

/**
 * KDCs refer for names of hosts, and a name from text has no type that says so (RFC 6806 section 8). A name that is
 * said to be of no known type stays that.
 */
export function hostBased(name: Principal): Principal {
  const { nameType, components } = name;
  return nameType === NAME_TYPE.principal && components.length === 2 ? { ...name, nameType: NAME_TYPE.srvHst } : name;
}
