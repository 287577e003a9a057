import { ProtocolError } from "../errors.ts";
import { MESSAGE_TYPE } from "../iana/index.ts";
import {
  applicationTag,
  decodeKrbError,
  equalPrincipals,
  formatPrincipal,
  krbErrorToError,
  type Principal,
  type ServiceTicket,
  tgsPrincipal,
} from "../krb5/index.ts";
import type { AsStep } from "./as-exchange.ts";
import { modified } from "./reply-checks.ts";
import { acceptTgsReply, createTgsRequest, type PendingTgs, type TgsOptions } from "./tgs-exchange.ts";

/** Rules X1 and X5: requests for one ticket, over all realms. */
const maxRequests = 10;

/**
 * From a ticket-granting ticket to a service's ticket, through as many realms as it takes (RFC 4120 section 3.3.1, RFC 6806
 * section 8): a state machine with no I/O. A service whose realm is empty is looked for by the KDC's referrals.
 */
export class TgsWalk {
  readonly #wanted: Principal;
  readonly #options: TgsOptions;
  readonly #seen = new Set<string>();
  #tgt: ServiceTicket;
  #pending: PendingTgs | undefined;
  #isTgtWanted = false;
  #requests = 0;
  #isOver = false;

  constructor(tgt: ServiceTicket, wanted: Principal, options: TgsOptions) {
    this.#tgt = tgt;
    this.#wanted = wanted;
    this.#options = options;
    this.#seen.add(this.#realm());
  }

  /** The cross-realm ticket-granting tickets got on the way: worth keeping. */
  readonly intermediate: ServiceTicket[] = [];

  start(): AsStep {
    return this.#ask();
  }

  step(reply: Uint8Array): AsStep {
    if (this.#isOver || this.#pending === undefined) throw new TypeError("this TGS walk is over or was not started");
    try {
      return this.#step(reply, this.#pending);
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #step(reply: Uint8Array, pending: PendingTgs): AsStep {
    const tag = applicationTag(reply);
    if (tag === MESSAGE_TYPE.krbError) {
      const failure = krbErrorToError(decodeKrbError(reply), {
        client: this.#tgt.client,
        service: pending.request.service,
      });
      const { errorCode, errorName, text } = failure;
      this.#options.trace({
        type: "kdc-error",
        realm: this.#realm(),
        errorCode,
        errorName,
        ...(text === undefined ? {} : { text }),
      });
      throw failure;
    }
    // Rule T1.
    if (tag !== MESSAGE_TYPE.tgsRep) {
      throw new ProtocolError(
        "REPLY_MODIFIED",
        `the KDC answered a TGS-REQ with something else (${tag === undefined ? "no Kerberos message" : `APPLICATION ${tag}`})`,
      );
    }
    const ticket = acceptTgsReply(reply, pending, this.#options);
    const { service } = pending.request;
    // Rules T4 and T5: the ticket that is given back is for the name that was asked for, in the realm that was asked.
    if (!this.#isTgtWanted && equalPrincipals(ticket.service, service)) {
      this.#isOver = true;
      return { type: "done", ticket };
    }
    return this.#follow(ticket, service);
  }

  /** Takes one hop: rule X3, a referral is `krbtgt/X` of the realm that was asked, and X2, to a realm not yet seen. */
  #follow(ticket: ServiceTicket, asked: Principal): AsStep {
    const [first, next, ...rest] = ticket.service.components;
    const isReferral = first === "krbtgt" && next !== undefined && rest.length === 0;
    const mayRefer = this.#isTgtWanted || this.#wanted.realm === "";
    if (!isReferral || !mayRefer || ticket.service.realm !== asked.realm) {
      throw modified(`it is for ${formatPrincipal(ticket.service)}, we asked for ${formatPrincipal(asked)}`);
    }
    if (this.#seen.has(next)) {
      throw new ProtocolError("REFERRAL", `the KDCs send us in a circle: ${[...this.#seen, next].join(" to ")}`);
    }
    this.#seen.add(next);
    this.#options.trace({ type: "referral", from: asked.realm, to: next });
    this.intermediate.push(ticket);
    this.#tgt = ticket;
    return this.#ask();
  }

  #ask(): AsStep {
    this.#requests += 1;
    if (this.#requests > maxRequests) {
      throw new ProtocolError(
        "REFERRAL",
        `no ticket for ${formatPrincipal(this.#wanted)} after ${maxRequests} requests: ${[...this.#seen].join(" to ")}`,
      );
    }
    const realm = this.#realm();
    this.#isTgtWanted = this.#wanted.realm !== "" && this.#wanted.realm !== realm;
    const service = this.#isTgtWanted ? tgsPrincipal(this.#wanted.realm, realm) : { ...this.#wanted, realm };
    this.#pending = createTgsRequest(this.#tgt, service, {
      ...this.#options,
      canonicalize: this.#wanted.realm === "",
    });
    return { type: "send", realm, request: this.#pending.octets };
  }

  #realm(): string {
    return this.#tgt.service.components[1] ?? this.#tgt.service.realm;
  }
}
