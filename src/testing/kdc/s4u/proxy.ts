import { KDC_OPTION, KRB_ERROR, PADATA, TICKET_FLAG } from "../../../iana/index.ts";
import type { EncTicketPart, KdcReq, PaData } from "../../../krb5/index.ts";
import { checkTicketTimes, openTicket } from "../ap-req.ts";
import { answersTo } from "../database.ts";
import type { Entry } from "../entry.ts";
import { refuse } from "../failure.ts";
import { formatComponents } from "../names.ts";
import type { KdcState } from "../state.ts";
import type { Shown } from "../tgs-request.ts";
import { s4uMessages } from "./messages.ts";

/** Bit 3 of PA-PAC-OPTIONS (MS-KILE section 2.2.10). */
const RESOURCE_BASED = 0x10000000;

/** The user whom a service acts for. */
export interface ProxyRequest {
  readonly evidence: EncTicketPart;
  /** The service that acts. */
  readonly service: string;
}

/** S4U2Proxy (MS-SFU section 3.2.5.2); undefined where a request does not ask for it. Throws KdcFailure. */
export function proxyRequest(state: KdcState, request: KdcReq, shown: Shown, target: Entry): ProxyRequest | undefined {
  const { kdcOptions, additionalTickets = [] } = request.reqBody;
  if ((kdcOptions & KDC_OPTION.cnameInAddlTkt) === 0) return undefined;
  const [ticket] = additionalTickets;
  if (ticket === undefined) return refuse(KRB_ERROR.KDC_ERR_BADOPTION, "S4U2Proxy without a ticket of the user");
  const { service: own, ticket: evidence } = openTicket(state, { ticket });
  checkTicketTimes(state, evidence, kdcOptions);
  const { ticket: tgt } = shown;
  if (tgt.crealm !== state.realm || !answersTo(own, tgt.cname.nameString)) {
    refuse(KRB_ERROR.KDC_ERR_BADOPTION, "the user's ticket is for another service");
  }
  checkPolicy(state, own, target, evidence, (flagsOf(request) & RESOURCE_BASED) !== 0);
  return { evidence, service: formatComponents(own.components) };
}

/** MS-SFU section 3.2.5.2.1: the list of the one who acts, or that of the one who is acted at. */
function checkPolicy(state: KdcState, own: Entry, target: Entry, evidence: EncTicketPart, asksOther: boolean): void {
  const isListed = (list: readonly string[] | undefined, entry: Entry): boolean =>
    list?.some((name) => state.database.get(name) === entry) === true;
  const isForwardable = (evidence.flags & TICKET_FLAG.forwardable) !== 0;
  const user = state.database.find(evidence.cname.nameString);
  if (asksOther && isListed(target.options.takesDelegationFrom, own)) {
    if (isForwardable || user?.options.isNotDelegated !== true) return;
    refuse(KRB_ERROR.KDC_ERR_BADOPTION, "this user must not be acted for");
  }
  if (!isForwardable) refuse(KRB_ERROR.KDC_ERR_BADOPTION, "EVIDENCE_TKT_NOT_FORWARDABLE");
  if (!isListed(own.options.delegatesTo, target)) refuse(KRB_ERROR.KDC_ERR_BADOPTION, "NOT_ALLOWED_TO_DELEGATE");
}

/** What of PA-PAC-OPTIONS this KDC knows, for the encrypted part of its reply; undefined where it was not asked. */
export function knownPacOptions(request: KdcReq): PaData | undefined {
  const flags = flagsOf(request) & RESOURCE_BASED;
  if (flags === 0) return undefined;
  return { padataType: PADATA.pacOptions, padataValue: s4uMessages.encode("PA-PAC-OPTIONS", { flags }) };
}

function flagsOf({ padata }: KdcReq): number {
  const found = padata?.find(({ padataType }) => padataType === PADATA.pacOptions);
  return found === undefined ? 0 : s4uMessages.decode("PA-PAC-OPTIONS", found.padataValue).flags;
}
