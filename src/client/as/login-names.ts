import { type KerberosError, ProtocolError } from "../../errors.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import { equalPrincipals, type Principal, printableName, tgsPrincipal } from "../../krb5/index.ts";
import type { Trace } from "../../trace.ts";

/** Rule A14: client referrals that are followed (RFC 6806 section 7). */
const maxReferrals = 5;

/** Who logs in to what, by the KDC of which realm: a referral moves both names to another realm. */
export class LoginNames {
  client: Principal;
  service: Principal;
  readonly #first: Principal;
  readonly #mayFollow: boolean;
  #referrals = 0;

  constructor(client: Principal, service: Principal, canonicalize: boolean) {
    this.client = client;
    this.service = service;
    this.#first = client;
    this.#mayFollow = canonicalize || this.isEnterprise;
  }

  /** Whether the client's name is for a KDC to look up (RFC 6806 section 5). */
  get isEnterprise(): boolean {
    return this.client.nameType === NAME_TYPE.enterprise;
  }

  /** Both names, as they are now. */
  get now(): { readonly client: Principal; readonly service: Principal } {
    return { client: this.client, service: this.service };
  }

  get isReferred(): boolean {
    return this.#referrals > 0;
  }

  /**
   * Goes to the realm that the KDC names. Throws `failure` unless rule A15 allows it: a referral that was asked for,
   * and leads on.
   */
  follow(realm: string | undefined, failure: KerberosError, trace: Trace): void {
    const here = this.client.realm;
    if (!this.#mayFollow || realm === undefined || realm === "" || realm === here) throw failure;
    this.#referrals += 1;
    if (this.#referrals > maxReferrals) {
      throw new ProtocolError(
        "REFERRAL",
        `more than ${maxReferrals} referrals of ${printableName(this.#first)} from realm to realm: name the client's own realm`,
      );
    }
    trace({ type: "referral", from: here, to: realm });
    const isTgs = equalPrincipals(this.service, tgsPrincipal(here));
    this.client = { ...this.client, realm };
    this.service = isTgs ? tgsPrincipal(realm) : { ...this.service, realm };
  }
}
