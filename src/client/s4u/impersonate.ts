import { ProtocolError } from "../../errors.ts";
import { NAME_TYPE } from "../../iana/index.ts";
import {
  equalPrincipals,
  formatPrincipal,
  type Principal,
  principal,
  printableName,
  type ServiceTicket,
  tgsPrincipal,
} from "../../krb5/index.ts";
import type { Exchanges } from "../exchanges.ts";
import type { KeptTickets } from "../kerberos.ts";
import { otherClient, otherService, unasked } from "../reply-checks.ts";
import { type AskOptions, askOnce } from "../tgs/one-request.ts";
import type { TgsReplyParts } from "../tgs/tgs-exchange.ts";
import { referredTo } from "../tgs/tgs-walk.ts";
import { forUser } from "./for-user.ts";
import { confirmedUser, type S4uUser, x509User } from "./x509-user.ts";

/** Referrals that are followed from a user's realm back to the service's (rule X1). */
const MAX_REFERRALS = 10;

/** What a ticket of {@link selfTicket} may be asked for with. */
export type SelfOptions = Pick<AskOptions, "signal" | "enctypes" | "lifetimeSeconds"> & KeptTickets;

/**
 * S4U2Self (MS-SFU section 3.1.5.1.1): a ticket of a user for the service whose ticket-granting ticket this is, without
 * the user's doing. A user of another realm is asked for there first, with a ticket-granting ticket that our own realm
 * issued and under the service's enterprise name, and the referrals lead back.
 */
export async function selfTicket(
  exchanges: Exchanges,
  tgt: ServiceTicket,
  { name, certificate }: S4uUser,
  options: SelfOptions = {},
): Promise<ServiceTicket> {
  const { kept, ...rest } = options;
  const service = tgt.client;
  const wanted: S4uUser = { name: name.realm === "" ? { ...name, realm: service.realm } : name, certificate };
  const encTypes = await exchanges.loadEncTypes();
  let user = wanted;
  let here = wanted.name.realm;
  let shown = here === service.realm ? tgt : await entryTicket(exchanges, tgt, here, options);
  for (let count = 0; count < MAX_REFERRALS; count++) {
    const isHome = here === service.realm;
    // In a realm that does not have it, one component with its realm in it (MS-SFU section 3.1.5.1.1.1).
    const asked = isHome ? service : principal(here, [formatPrincipal(service)], NAME_TYPE.enterprise);
    const about = user;
    const ticket = await askOnce(exchanges, shown, asked, {
      ...rest,
      client: about.name,
      forwardable: true,
      canonicalize: true,
      padata: (parts) => [
        x509User(about, parts),
        ...(about.name.components.length === 0 ? [] : [forUser(about.name, parts.sessionKey, encTypes)]),
      ],
      checkClient: (reply) => {
        user = checkUser(reply, about, service, referredTo(reply.service) !== undefined);
      },
    });
    if (isHome && equalPrincipals(ticket.service, asked)) return ticket;
    const next = referral(ticket, here);
    if (next === undefined) {
      throw otherService(ticket.service, asked, "log in with the name that the KDC has for this account");
    }
    exchanges.trace({ type: "referral", from: here, to: next });
    shown = ticket;
    here = next;
  }
  throw new ProtocolError(
    "REFERRAL",
    `no ticket of ${printableName(wanted.name)} for ${printableName(service)} after ${MAX_REFERRALS} referrals: check the trusts of their realms`,
  );
}

/** The other realm that a ticket of this one refers to; undefined: none. */
export function referral({ service }: ServiceTicket, here: string): string | undefined {
  const next = service.realm === here ? referredTo(service) : undefined;
  return next === here ? undefined : next;
}

/**
 * A ticket-granting ticket for another realm that a realm before it issued: KDCs take no other of a service that is not
 * theirs.
 */
export async function entryTicket(
  exchanges: Exchanges,
  tgt: ServiceTicket,
  realm: string,
  { kept, signal }: SelfOptions,
): Promise<ServiceTicket> {
  return (await exchanges.getServiceTicket(tgt, tgsPrincipal(realm), { kept, signal, isEntryWanted: true })).ticket;
}

/**
 * Whom the next request is about: the same user, by the name that the user's KDC gave. Throws unless the ticket is the
 * user's. KDCs that pass over what they were asked give one of the service itself (rule DG1): with it, a service that
 * means to act as a user acts as itself.
 */
function checkUser(reply: TgsReplyParts, user: S4uUser, service: Principal, isReferral: boolean): S4uUser {
  const { name, certificate } = user;
  const { client } = reply;
  const confirmed = confirmedUser(reply);
  // The KDC may name whom a certificate or an enterprise name is of.
  const isNamedByKdc = certificate !== undefined || name.nameType === NAME_TYPE.enterprise;
  // On the way home the name on the ticket is the service's, and the answer says whose the ticket is.
  if (isReferral && equalPrincipals(client, service)) {
    if (confirmed === undefined || equalPrincipals(confirmed, name)) return user;
    if (isNamedByKdc) return { name: confirmed };
    throw unasked(`the KDC vouches for ${printableName(confirmed)}, we asked for one of ${printableName(name)}`);
  }
  if (confirmed !== undefined && !equalPrincipals(confirmed, client)) {
    throw unasked(`it is labelled ${printableName(client)}, the KDC vouches for ${printableName(confirmed)}`);
  }
  if (equalPrincipals(client, name)) return user;
  // What the KDC may name, it must vouch for; an enterprise name may say what the KDC will say.
  if (isNamedByKdc && (confirmed !== undefined || isSpelledOut(name, client))) {
    if (!equalPrincipals(client, service)) return user;
  }
  throw otherClient(
    client,
    name,
    equalPrincipals(client, service)
      ? "this KDC does not do S4U2Self as it was asked"
      : "if that is how the KDC names the user, ask for that name",
  );
}

/** Whether `alice@EXAMPLE.ORG`, an enterprise name, is the principal itself. */
function isSpelledOut({ components: [text = ""], realm }: Principal, client: Principal): boolean {
  return (
    text === formatPrincipal(client) ||
    (!text.includes("@") && text === client.components.join("/") && realm === client.realm)
  );
}
