import { KDC_OPTION, KRB_ERROR } from "../../../iana/index.ts";
import type { KdcReq } from "../../../krb5/index.ts";
import { checkTicketTimes, importKey, openTicket } from "../ap-req.ts";
import { answersTo } from "../database.ts";
import type { Entry, StoredKey } from "../entry.ts";
import { refuse } from "../failure.ts";
import { tgsRealm } from "../names.ts";
import type { KdcState } from "../state.ts";

/**
 * The session key of the ticket-granting ticket that a request adds, for the ticket to be under (RFC 4120 section
 * 3.7); undefined where it does not ask for that. Throws KdcFailure.
 */
export function userToUserKey(state: KdcState, { reqBody }: KdcReq, service: Entry): StoredKey | undefined {
  const { kdcOptions, additionalTickets = [] } = reqBody;
  if ((kdcOptions & KDC_OPTION.encTktInSkey) === 0) {
    if (service.options.requiresUserToUser !== true) return undefined;
    return refuse(KRB_ERROR.KDC_ERR_MUST_USE_USER2USER, "this principal takes user-to-user tickets only");
  }
  const [ticket] = additionalTickets;
  if (ticket === undefined || tgsRealm(ticket.sname.nameString) !== state.realm) {
    return refuse(KRB_ERROR.KDC_ERR_BADOPTION, "user-to-user without a ticket-granting ticket of the other side");
  }
  const { ticket: tgt } = openTicket(state, { ticket });
  checkTicketTimes(state, tgt, kdcOptions);
  if (tgt.crealm !== state.realm || !answersTo(service, tgt.cname.nameString)) {
    refuse(KRB_ERROR.KDC_ERR_SERVER_NOMATCH, "the ticket-granting ticket is of another than the ticket is for");
  }
  const key = importKey(state, tgt.key);
  return { etype: key.encType.etype, kvno: 0, key, made: state.now() };
}
