import { hasName, KdcError, ProtocolError } from "../../errors.ts";
import { KDC_OPTION, KRB_ERROR, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import { equalPrincipals, type Principal, printableName, type ServiceTicket } from "../../krb5/index.ts";
import { findPaData } from "../../preauth/index.ts";
import type { Exchanges } from "../exchanges.ts";
import type { KeptTickets } from "../kerberos.ts";
import { otherClient, otherService } from "../reply-checks.ts";
import { type AskOptions, askOnce } from "../tgs/one-request.ts";
import type { TgsReplyParts } from "../tgs/tgs-exchange.ts";
import { hostBased, referredTo, tgsRealm } from "../tgs/tgs-walk.ts";
import { entryTicket, referral } from "./impersonate.ts";
import { CLAIMS, pacOptions, RESOURCE_BASED, s4uMessages } from "./messages.ts";

/** What a ticket of {@link proxyTicket} may be asked for with. */
export type ProxyOptions = Pick<AskOptions, "signal" | "enctypes" | "lifetimeSeconds"> & KeptTickets;

/**
 * S4U2Proxy (MS-SFU section 3.1.5.2): a ticket of the user whose ticket the evidence is, for another service. The
 * evidence is a ticket for the service whose ticket-granting ticket this is: the user sent it, or S4U2Self gave it.
 *
 * Our own realm is asked first, whatever realm is named (section 3.1.5.2.2). Where it refers, its ticket is a
 * ticket-granting ticket of our own that says for whom we act.
 */
export async function proxyTicket(
  exchanges: Exchanges,
  tgt: ServiceTicket,
  evidence: ServiceTicket,
  wanted: Principal,
  { kept: _, ...options }: ProxyOptions = {},
): Promise<ServiceTicket> {
  const here = tgsRealm(tgt);
  /** The proof is the evidence, or the ticket-granting ticket that it led to. */
  const ask = (shown: ServiceTicket, asked: Principal, proof: ServiceTicket, canonicalize = true) => {
    const flags = RESOURCE_BASED + (exchanges.isClaimsWanted ? CLAIMS : 0);
    const pending = askOnce(exchanges, shown, asked, {
      ...options,
      kdcOptions: KDC_OPTION.cnameInAddlTkt,
      canonicalize,
      additionalTickets: [proof.ticket],
      padata: () => [pacOptions(flags)],
      checkClient: (reply) => {
        // A ticket-granting ticket that was asked for is not a referral. The last ticket needs no PA-PAC-OPTIONS: the
        // name on it says whether the KDC knew what it was asked (section 3.1.5.2.4). MIT's sends some, Samba's and
        // Heimdal's send none.
        const next = equalPrincipals(reply.service, asked) ? undefined : referredTo(reply.service);
        if (next === undefined) checkClient(reply, evidence.client);
        else checkReferral(reply, shown.client, asked.realm, next);
      },
    });
    return explained(pending, shown, evidence, wanted.realm === "" ? asked : wanted);
  };

  const local = { ...(wanted.realm === here ? wanted : hostBased(wanted)), realm: here };
  let ticket = await ask(tgt, local, evidence);
  // A KDC may answer CANONICALIZE with the service's other name.
  if (!equalPrincipals(ticket.service, local) && referredTo(ticket.service) === undefined) {
    ticket = await ask(tgt, local, evidence, false);
  }
  if (equalPrincipals(ticket.service, local)) {
    // Rule DG7: a service of our own realm that has the same name is another.
    return expected(ticket, wanted.realm === "" ? local : wanted);
  }
  const next = referral(ticket, here);
  if (next === undefined) throw otherService(ticket.service, local);
  exchanges.trace({ type: "referral", from: here, to: next });

  // In the service's realm (MS-SFU section 3.1.5.2.2): a ticket-granting ticket for it that is our own, and one that
  // says for whom we act, which this ticket is or leads to. As ourselves: the KDCs' referrals say which realm it is.
  const { signal } = options;
  const { ticket: ours, intermediate } = await exchanges.getServiceTicket(tgt, wanted, { signal });
  const own = intermediate.at(-1);
  if (own === undefined) throw otherService(ticket.service, wanted);
  const there = { ...wanted, realm: ours.service.realm };
  // None that is kept: those are of ourselves alone.
  const proof = await entryTicket(exchanges, ticket, there.realm, { signal });
  return expected(await ask(own, there, proof), there);
}

/** The ticket, which is for this service. */
function expected(ticket: ServiceTicket, service: Principal): ServiceTicket {
  if (equalPrincipals(ticket.service, service)) return ticket;
  throw otherService(ticket.service, service);
}

/** Rule DG4: the ticket is the user's whose ticket the evidence is. */
function checkClient({ client }: TgsReplyParts, owner: Principal): void {
  if (equalPrincipals(client, owner)) return;
  throw otherClient(client, owner);
}

/**
 * Rule DG5: a referral is a ticket of our own. One that says for whom we act, and one of a KDC that does not know what
 * it was asked, look alike; the KDC says which it is.
 */
function checkReferral(reply: TgsReplyParts, service: Principal, here: string, next: string): void {
  if (!knowsResourceBased(reply)) {
    throw new ProtocolError(
      "REFERRAL",
      `the KDC of ${here} refers to ${next} and does not know delegation across realms: ask for a service of ${here}`,
    );
  }
  checkClient(reply, service);
}

/** Whether the KDC says, where only it can, that it knows resource-based delegation (MS-SFU section 3.1.5.2.2.2). */
function knowsResourceBased({ encryptedPaData }: TgsReplyParts): boolean {
  const answer = findPaData(encryptedPaData, PADATA.pacOptions);
  return (
    answer !== undefined && (s4uMessages.decode("PA-PAC-OPTIONS", answer.padataValue).flags & RESOURCE_BASED) !== 0
  );
}

/** What a KDC says that does not let this service act for this user there. */
function isRefusal({ errorCode }: KdcError): boolean {
  return errorCode === KRB_ERROR.KDC_ERR_BADOPTION || errorCode === KRB_ERROR.KDC_ERR_POLICY;
}

/** Tells which policy it may be, as far as the error and the evidence tell. */
async function explained(
  pending: Promise<ServiceTicket>,
  { client }: ServiceTicket,
  evidence: ServiceTicket,
  service: Principal,
): Promise<ServiceTicket> {
  try {
    return await pending;
  } catch (error) {
    if (!hasName(error, "KdcError") || !isRefusal(error)) throw error;
    const { code, ...fields } = error;
    const [us, user] = [client, evidence.client].map(printableName);
    const why =
      (evidence.flags & TICKET_FLAG.forwardable) !== 0
        ? `the account of ${us} must be allowed to delegate to it (msDS-AllowedToDelegateTo or krbAllowedToDelegateTo), or it must allow ${us} (resource-based)`
        : `the user's ticket is not forwardable: ${us} must be trusted to authenticate for delegation (ok_to_auth_as_delegate), and ${user} neither protected nor marked as not to be delegated`;
    throw new KdcError(
      "DELEGATION_REFUSED",
      `the KDC does not let ${us} act for ${user} at ${printableName(service)}: ${why} (${error.errorName}${error.text ? `: ${error.text}` : ""})`,
      { ...fields, cause: error },
    );
  }
}
