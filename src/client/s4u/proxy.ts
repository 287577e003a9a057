import { hasName, KdcError, ProtocolError } from "../../errors.ts";
import { KDC_OPTION, KRB_ERROR, PADATA, TICKET_FLAG } from "../../iana/index.ts";
import { equalPrincipals, type Principal, printableName, type ServiceTicket, tgsPrincipal } from "../../krb5/index.ts";
import type { AskOptions, Exchanges } from "../exchanges.ts";
import type { KeptTickets } from "../kerberos.ts";
import { unasked } from "../reply-checks.ts";
import type { TgsReplyParts } from "../tgs/tgs-exchange.ts";
import { referredTo } from "../tgs/tgs-walk.ts";
import { CLAIMS, pacOptions, RESOURCE_BASED, s4uMessages } from "./messages.ts";

/** Realms that are asked for one ticket (rule X1). */
const MAX_REALMS = 10;

/** What a ticket of {@link proxyTicket} may be asked for with. */
export type ProxyOptions = Pick<AskOptions, "signal" | "enctypes" | "lifetimeSeconds"> & KeptTickets;

/**
 * S4U2Proxy (MS-SFU section 3.1.5.2): a ticket of the user whose ticket the evidence is, for another service. The
 * evidence is a ticket for the service whose ticket-granting ticket this is: the user sent it, or S4U2Self gave it. In
 * another realm (section 3.1.5.2.2.2) the evidence is the user's ticket-granting ticket for it, shown with one of our
 * own.
 */
export async function proxyTicket(
  exchanges: Exchanges,
  tgt: ServiceTicket,
  evidence: ServiceTicket,
  wanted: Principal,
  options: ProxyOptions = {},
): Promise<ServiceTicket> {
  const { kept, ...rest } = options;
  const user = evidence.client;
  const seen = new Set<string>();
  let here = tgt.service.components[1] ?? tgt.service.realm;
  let [shown, proof] = [tgt, evidence];
  for (let canonicalize = true; seen.size < MAX_REALMS; ) {
    seen.add(here);
    const isThere = wanted.realm === "" || wanted.realm === here;
    const asked = isThere ? { ...wanted, realm: here } : tgsPrincipal(wanted.realm, here);
    let isResourceBased = false;
    const ticket = await asking(shown, evidence, asked, () =>
      exchanges.ask(shown, asked, {
        ...rest,
        kdcOptions: KDC_OPTION.cnameInAddlTkt,
        canonicalize,
        additionalTickets: [proof.ticket],
        padata: () => [pacOptions(RESOURCE_BASED | (exchanges.isClaimsWanted ? CLAIMS : 0))],
        checkClient: (reply) => {
          checkUser(reply, user);
          isResourceBased = knowsResourceBased(reply);
        },
      }),
    );
    if (isThere && equalPrincipals(ticket.service, asked)) return ticket;
    const next = referredTo(ticket.service);
    if (canonicalize && (next === undefined || next === here)) {
      canonicalize = false;
      continue;
    }
    if (next === undefined || seen.has(next) || ticket.service.realm !== here) {
      throw unasked(`it is for ${printableName(ticket.service)}, we asked for ${printableName(asked)}`);
    }
    // Rule DG5: a KDC that does not know what it was asked refers with a ticket of the service itself.
    if (!isResourceBased) {
      throw new ProtocolError(
        "REFERRAL",
        `the KDC of ${here} refers to ${next} and does not know delegation across realms: ask for a service of ${here}`,
      );
    }
    exchanges.trace({ type: "referral", from: here, to: next });
    const search = {
      ...(kept === undefined ? {} : { kept }),
      ...(rest.signal === undefined ? {} : { signal: rest.signal }),
    };
    shown = (await exchanges.getServiceTicket(shown, tgsPrincipal(next, here), search)).ticket;
    proof = ticket;
    here = next;
  }
  throw new ProtocolError(
    "REFERRAL",
    `no ticket of ${printableName(user)} for ${printableName(wanted)} after ${MAX_REALMS} realms: check the trusts between them`,
  );
}

/** Rule DG4: the ticket is the user's whose ticket the evidence is. */
function checkUser({ client }: TgsReplyParts, user: Principal): void {
  if (equalPrincipals(client, user)) return;
  throw unasked(`it is of ${printableName(client)}, the evidence is a ticket of ${printableName(user)}`);
}

/** Whether the KDC says, where only it can, that it knows resource-based delegation (MS-SFU section 3.1.5.2.2.2). */
function knowsResourceBased({ encryptedPaData }: TgsReplyParts): boolean {
  const answer = encryptedPaData.find(({ padataType }) => padataType === PADATA.pacOptions);
  if (answer === undefined) return false;
  const { flags } = s4uMessages.decode("PA-PAC-OPTIONS", answer.padataValue);
  return (flags & RESOURCE_BASED) !== 0;
}

/** What a KDC says that does not let this service act for this user there. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([KRB_ERROR.KDC_ERR_BADOPTION, KRB_ERROR.KDC_ERR_POLICY]);

/** Tells which policy it may be, as far as the error and the evidence tell. */
async function asking(
  { client }: ServiceTicket,
  evidence: ServiceTicket,
  service: Principal,
  ask: () => Promise<ServiceTicket>,
): Promise<ServiceTicket> {
  try {
    return await ask();
  } catch (error) {
    if (!hasName(error, "KdcError") || !REFUSALS.has(error.errorCode)) throw error;
    const { code, ...fields } = error;
    const isForwardable = (evidence.flags & TICKET_FLAG.forwardable) !== 0;
    const why = isForwardable
      ? `the account of ${printableName(client)} must be allowed to delegate to it (msDS-AllowedToDelegateTo or krbAllowedToDelegateTo), or it must allow ${printableName(client)} (resource-based)`
      : `the user's ticket is not forwardable: ${printableName(client)} must be trusted to authenticate for delegation (ok_to_auth_as_delegate), and ${printableName(evidence.client)} neither protected nor marked as not to be delegated`;
    throw new KdcError(
      "DELEGATION_REFUSED",
      `the KDC does not let ${printableName(client)} act for ${printableName(evidence.client)} at ${printableName(service)}: ${why} (${error.errorName}${error.text ? `: ${error.text}` : ""})`,
      { ...fields, cause: error },
    );
  }
}
