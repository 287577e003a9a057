import { KDC_OPTION, KEY_USAGE, MESSAGE_TYPE, NAME_TYPE, TICKET_FLAG } from "../../iana/index.ts";
import { decodeAsReq, encodeAsReq, etypesOf, type PrincipalName } from "../../krb5/index.ts";
import { currentKeys } from "./database.ts";
import type { EncKdcRepPartDraft } from "./drafts.ts";
import { KdcFailure } from "./failure.ts";
import { grantInitial } from "./grant.ts";
import { findInitialService } from "./lookup.ts";
import { nameTypeOf, parseComponents } from "./names.ts";
import type { IssueOptions } from "./options.ts";
import { buffersOf } from "./pac/buffers.ts";
import { draftReply, sealTicket } from "./reply.ts";
import { type KdcState, wholeSecond } from "./state.ts";

/** A ticket as its client has it. */
export interface Issued {
  readonly clientName: PrincipalName;
  readonly part: EncKdcRepPartDraft;
  readonly ticket: Uint8Array;
}

/** Makes a ticket without any exchange, as an AS that needs no proof would. Throws `TypeError` and `RangeError`. */
export function issueTicket(state: KdcState, client: string, service: string, options: IssueOptions = {}): Issued {
  const { enctypes } = options;
  const etypes =
    enctypes === undefined ? state.encTypes.permitted : etypesOf("enctypes", enctypes, state.encTypes.permitted);
  // Says which are there, if it is not.
  state.database.get(service);
  try {
    return issue(state, client, service, etypes, options);
  } catch (error) {
    // It never leaves the KDC: a test asks here, not a client.
    if (error instanceof KdcFailure) throw new RangeError(`no ticket of ${client} for ${service}: ${error.message}`);
    throw error;
  }
}

function issue(
  state: KdcState,
  client: string,
  service: string,
  etypes: readonly number[],
  options: IssueOptions,
): Issued {
  const entry = state.database.get(client);
  const key = currentKeys(entry)[0];
  if (key === undefined) throw new RangeError(`${client} has no key`);
  const now = wholeSecond(state.now());
  const after = (seconds: number): Date => new Date(now.getTime() + Math.floor(seconds) * 1000);
  let kdcOptions = 0;
  if (options.forwardable === true) kdcOptions |= KDC_OPTION.forwardable;
  if (options.proxiable === true) kdcOptions |= KDC_OPTION.proxiable;
  if (options.renewLifetimeSeconds !== undefined) kdcOptions |= KDC_OPTION.renewable;
  const cname = { nameType: NAME_TYPE.principal, nameString: entry.components };
  const components = parseComponents(service, state.realm);
  const sname = { nameType: nameTypeOf(components), nameString: components };
  const requestOctets = encodeAsReq({
    pvno: 5,
    msgType: MESSAGE_TYPE.asReq,
    reqBody: {
      kdcOptions: kdcOptions >>> 0,
      cname,
      realm: state.realm,
      sname,
      till: options.lifetimeSeconds === undefined ? new Date(0) : after(options.lifetimeSeconds),
      rtime: options.renewLifetimeSeconds === undefined ? undefined : after(options.renewLifetimeSeconds),
      nonce: 0,
      etype: etypes,
    },
  });
  const request = decodeAsReq(requestOctets);
  const grant = grantInitial(state.policy, request.reqBody, now);
  grant.flags |= TICKET_FLAG.preAuthent;
  const draft = draftReply(state, {
    exchange: "as",
    request,
    requestOctets,
    padata: [],
    crealm: state.realm,
    cname,
    service: findInitialService(state, sname),
    grant,
    transited: "",
    caddr: undefined,
    authorizationData: undefined,
    pac: buffersOf(state, entry, cname, grant.authTime),
    replyKey: key.key,
    replyUsage: KEY_USAGE.asRepEncPart,
    clientKeys: [],
    sessionKey: undefined,
    shownRealm: undefined,
    fast: undefined,
  });
  return { clientName: cname, part: draft.part, ticket: sealTicket(draft.ticket) };
}
