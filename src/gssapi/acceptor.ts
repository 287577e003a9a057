import { equalConstantTime } from "../bytes/index.ts";
import { checkOptions } from "../checks/index.ts";
import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { assignFields, GssError, hasCode, isKerberosError } from "../errors.ts";
import { CHECKSUM, KRB_ERROR, TOKEN_ID } from "../iana/index.ts";
import {
  ApReqError,
  createApRep,
  createKrbError,
  DEFAULT_SKEW_SECONDS,
  decodeApReq,
  etypeOf,
  formatPrincipal,
  hideTicket,
  openCred,
  type Principal,
  principal,
  randomSequenceNumber,
  refusalOf,
  type ServiceTicket,
  toPrincipal,
  type VerifiedApReq,
  verifyApReq,
  type WantedServices,
} from "../krb5/index.ts";
import type { OpenedAuthorization, TicketAuthorization } from "../pac/index.ts";
import { createTrace, type Trace } from "../trace.ts";
import { type AcceptorOptions, acceptorChecks, checkAcceptorKeys, checkBindings } from "./acceptor-options.ts";
import { isAnnounced } from "./binding-announcement.ts";
import { hashChannelBindings } from "./channel-bindings.ts";
import type { SecurityContext } from "./context.ts";
import { requireContextEnctype } from "./context-enctype.ts";
import { defectiveToken } from "./failure.ts";
import { decodeContextToken, encodeContextToken } from "./framing.ts";
import { decodeGssChecksum, flagsOfBits, type GssChecksum } from "./gss-checksum.ts";
import { keySourceOf } from "./key-source.ts";
import { Krb5Context } from "./krb5-context.ts";
import { type LoadProvider, permittedIn } from "./options.ts";
import { noteSkew, sharedReplayCache } from "./replays.ts";
import type { Handshake, HandshakeStep } from "./sealed-context.ts";

/**
 * Begins a GSS-API context of the krb5 mechanism as its acceptor (RFC 4121 section 4.1, RFC 4120 section 3.2.3): what
 * `krb5-remctl/gssapi` exports, with what loads the host's cryptography. Default: plain JavaScript. `keepsTicket`:
 * false where nobody asks the context for the initiator's ticket, which takes 2 KB.
 */
export function createAcceptor(options: AcceptorOptions, load?: LoadProvider, keepsTicket = true): SecurityContext {
  return new Krb5Context(new AcceptorHandshake(options, load, keepsTicket), options.legacyTokens);
}

const NO_SERVICE = principal("", ["unknown"]);

/** What an acceptor keeps of a request that it accepted: no keys. */
type Accepted = Pick<VerifiedApReq, "client" | "service" | "endTime">;

class AcceptorHandshake implements Handshake {
  readonly #options: AcceptorOptions;
  readonly #load: LoadProvider | undefined;
  readonly #keepsTicket: boolean;
  readonly #subkeyEtype: number | undefined;
  readonly #keytab: ReturnType<typeof checkAcceptorKeys>["keytab"];
  readonly #service: WantedServices | undefined;
  readonly #skewSeconds: number;
  readonly #now: () => number;
  readonly #trace: Trace;
  #accepted: Accepted | undefined;
  #delegated: readonly ServiceTicket[] | undefined;
  #ticket: ServiceTicket | undefined;
  #authorization: TicketAuthorization | undefined;

  constructor(options: AcceptorOptions, load: LoadProvider | undefined, keepsTicket: boolean) {
    // The caller hears of what cannot work now, and not at the first connection.
    checkOptions("createAcceptor", options, acceptorChecks);
    const { keytab, service } = checkAcceptorKeys(options);
    checkBindings(options);
    const { subkeyEnctype } = options;
    this.#options = options;
    this.#load = load;
    this.#keepsTicket = keepsTicket;
    this.#subkeyEtype = subkeyEnctype === undefined ? undefined : etypeOf("subkeyEnctype", subkeyEnctype);
    if (this.#subkeyEtype !== undefined) requireContextEnctype(this.#subkeyEtype, () => "subkeyEnctype");
    this.#keytab = keytab;
    this.#service = service;
    this.#skewSeconds = options.skewSeconds ?? DEFAULT_SKEW_SECONDS;
    noteSkew(this.#skewSeconds);
    this.#now = options.now ?? Date.now;
    this.#trace = createTrace(options.onTrace, options.now);
  }

  get peer(): Principal | undefined {
    return this.#accepted?.client;
  }

  get self(): Principal | undefined {
    return this.#accepted?.service;
  }

  get expires(): Date | undefined {
    return this.#accepted?.endTime;
  }

  get delegated(): readonly ServiceTicket[] | undefined {
    return this.#delegated;
  }

  get ticket(): ServiceTicket | undefined {
    return this.#ticket;
  }

  get authorization(): TicketAuthorization | undefined {
    return this.#authorization;
  }

  wipe(): void {
    this.#accepted = undefined;
    this.#delegated = undefined;
    this.#ticket = undefined;
    this.#authorization = undefined;
  }

  async step(token: Uint8Array = new Uint8Array(0)): Promise<HandshakeStep> {
    const { tokenId, message } = decodeContextToken(token);
    try {
      // RFC 4121 section 4.1: the answer to an unknown token id is KRB_AP_ERR_MSG_TYPE.
      if (tokenId !== TOKEN_ID.apReq) throw new ApReqError(KRB_ERROR.KRB_AP_ERR_MSG_TYPE, "an AP-REQ was expected");
      return await this.#accept(message, await permittedIn(this.#options.enctypes, undefined, this.#load));
    } catch (error) {
      throw this.#refusal(error, message);
    }
  }

  async #accept(message: Uint8Array, encTypes: EncTypeSet): Promise<HandshakeStep> {
    const startedMs = this.#now();
    const skewSeconds = this.#skewSeconds;
    const { legacyTokens } = this.#options;
    let bits = 0;
    let channelBound = false;
    let delegated: readonly ServiceTicket[] | undefined;
    let authorization: TicketAuthorization | undefined;
    const request = await verifyApReq(message, {
      keys: keySourceOf(this.#keytab, encTypes),
      encTypes,
      now: this.#now,
      skewSeconds,
      largestSkewSeconds: noteSkew(skewSeconds),
      replayCache: this.#options.replayCache ?? sharedReplayCache(),
      service: this.#service,
      isUserToUser: this.#options.ticket !== undefined,
      check: (verified) => {
        for (const key of [verified.sessionKey, verified.subkey]) {
          if (key !== undefined) requireContextEnctype(key.encType.etype, () => "the initiator's key", legacyTokens);
        }
        const checksum = readChecksum(verified);
        channelBound = this.#isBound(checksum, verified, encTypes);
        bits = checksum.flags;
        // Before the session key is wiped: what is delegated is sealed under it.
        delegated = this.#takeDelegated(checksum, verified, encTypes);
        authorization = this.#options.authorizationData?.read(authorizationOf(verified));
      },
    });
    this.#delegated = delegated;
    this.#authorization = authorization;
    if (this.#keepsTicket) this.#ticket = evidenceOf(request);
    const flags = { ...flagsOfBits(bits), delegation: delegated !== undefined, channelBound };
    const agreed = flags.mutual ? this.#mutual(request, encTypes) : oneWay(request);
    const { client, service, endTime } = request;
    this.#accepted = { client, service, endTime };
    this.#trace({
      type: "context-established",
      peer: formatPrincipal(client),
      etype: agreed.key.encType.name,
      acceptorSubkey: agreed.hasAcceptorSubkey,
      milliseconds: this.#now() - startedMs,
    });
    const { token, key, hasAcceptorSubkey, sendSequence } = agreed;
    return {
      token,
      established: {
        isInitiator: false,
        key,
        hasAcceptorSubkey,
        provider: encTypes.provider,
        flags,
        sendSequence,
        receiveSequence: request.seqNumber ?? 0,
      },
    };
  }

  /**
   * Rule C13 in SECURITY.md: bindings are ours if we have any. None are accepted where they are not required, of an
   * initiator that has not announced some (MS-KILE section 3.4.5).
   */
  #isBound({ bindings }: GssChecksum, { authenticator }: VerifiedApReq, encTypes: EncTypeSet): boolean {
    const { channelBindings, requireChannelBindings = true } = this.#options;
    if (channelBindings === undefined) return false;
    if (equalConstantTime(bindings, hashChannelBindings(encTypes.provider, channelBindings))) return true;
    if (bindings.some((octet) => octet !== 0)) {
      throw badBindings(
        "the initiator is bound to another channel than this one: connect without a proxy that ends TLS between",
      );
    }
    if (requireChannelBindings) {
      throw badBindings("the initiator is bound to no channel, and has to be bound to this one");
    }
    if (isAnnounced(authenticator.authorizationData)) {
      throw badBindings("the initiator binds its contexts where it has a channel, and has bound this one to none");
    }
    return false;
  }

  /** RFC 4121 section 4.1.1: a KRB-CRED under the session key of the ticket. */
  #takeDelegated(
    { delegated }: GssChecksum,
    { sessionKey }: VerifiedApReq,
    encTypes: EncTypeSet,
  ): readonly ServiceTicket[] | undefined {
    if (this.#options.takeDelegation !== true || delegated === undefined) return undefined;
    return openCred(sessionKey, delegated, encTypes);
  }

  #mutual(accepted: VerifiedApReq, encTypes: EncTypeSet): Agreed {
    const { sessionKey, subkey } = accepted;
    const etype = this.#subkeyEtype ?? (subkey ?? sessionKey).encType.etype;
    // In a context of RFC 1964 the key is the initiator's: its acceptors choose none.
    const own = this.#options.legacyTokens?.etype === etype ? undefined : encTypes.generateKey(etype);
    const sendSequence = randomSequenceNumber(encTypes);
    const reply = createApRep({ accepted, subkey: own, seqNumber: sendSequence });
    const token = encodeContextToken(TOKEN_ID.apRep, reply);
    const key = own ?? subkey ?? sessionKey;
    for (const other of [subkey, sessionKey]) if (other !== key) other?.wipe();
    return { token, key, hasAcceptorSubkey: own !== undefined, sendSequence };
  }

  /** What the caller hears, with what is sent to the initiator. */
  #refusal(error: unknown, message: Uint8Array): unknown {
    const isRefused = error instanceof ApReqError;
    if (!isRefused && !isKerberosError(error)) return error;
    const wanted = this.#service;
    const reply = createKrbError(
      isRefused ? error.errorCode : KRB_ERROR.KRB_ERR_GENERIC,
      wanted !== undefined && "components" in wanted ? wanted : serviceOf(message),
      this.#now(),
    );
    const failure = isRefused
      ? refusalOf(error)
      : hasCode(error, "DECODE")
        ? defectiveToken(`the initiator is refused: ${error.message}`, error)
        : error;
    assignFields(failure, { token: encodeContextToken(TOKEN_ID.error, reply) });
    return failure;
  }
}

/** Rule C10 in SECURITY.md: the checksum is the 0x8003 one. */
function readChecksum({ checksum }: VerifiedApReq): GssChecksum {
  if (checksum?.cksumtype !== CHECKSUM.gssApi) {
    throw new ApReqError(KRB_ERROR.KRB_AP_ERR_INAPP_CKSUM, "the authenticator has no GSS-API checksum (0x8003)");
  }
  return decodeGssChecksum(checksum.checksum);
}

/** What the ticket says of its client, with what proves it. */
function authorizationOf({ client, authTime, ticketPart, ticketKey }: VerifiedApReq): OpenedAuthorization {
  return { client, authTime, elements: ticketPart.authorizationData, key: ticketKey };
}

/** The ticket itself, for S4U2Proxy. */
function evidenceOf(request: VerifiedApReq): ServiceTicket {
  const { client, service, sessionKey, flags, authTime, startTime, endTime } = request;
  const octets = request.ticket.slice();
  const ticket = { client, service, sessionKey, ticket: octets, flags, authTime, startTime, endTime, clockOffsetMs: 0 };
  return hideTicket(ticket);
}

function badBindings(message: string): GssError {
  return new GssError("GSS_BAD_BINDINGS", "GSS_S_BAD_BINDINGS", message);
}

/** What both ends know in the end, but for the flags. */
interface Agreed {
  readonly token: Uint8Array | undefined;
  readonly key: ProtocolKey;
  readonly hasAcceptorSubkey: boolean;
  readonly sendSequence: number;
}

/** With no AP-REP to carry a number we count from the initiator's, like MIT krb5; no RFC says. */
function oneWay({ sessionKey, subkey, seqNumber }: VerifiedApReq): Agreed {
  if (subkey !== undefined) sessionKey.wipe();
  return { token: undefined, key: subkey ?? sessionKey, hasAcceptorSubkey: false, sendSequence: seqNumber ?? 0 };
}

/** The service that a request names, for the error that answers it. */
function serviceOf(message: Uint8Array): Principal {
  try {
    const { ticket } = decodeApReq(message);
    return toPrincipal(ticket.realm, ticket.sname);
  } catch {
    return NO_SERVICE;
  }
}
