import type { CryptoProvider, EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { CredentialError, CryptoError, hasCode, hasName, ProtocolError } from "../errors.ts";
import { AP_OPTION, CHECKSUM, enctypeName, TOKEN_ID } from "../iana/index.ts";
import {
  type AuthenticatorClock,
  type AuthorizationData,
  createApReq,
  decodeKrbError,
  formatPrincipal,
  krbErrorToError,
  type Principal,
  printableName,
  type RegisteredNames,
  type SentApReq,
  type ServiceTicket,
  type VerifiedApRep,
  verifyApRep,
} from "../krb5/index.ts";
import type { Trace } from "../trace.ts";
import type { ContextFlags } from "./context.ts";
import { requireContextEnctype } from "./context-enctype.ts";
import { defectiveToken } from "./failure.ts";
import { decodeContextToken, encodeContextToken } from "./framing.ts";
import { encodeGssChecksum, flagBits } from "./gss-checksum.ts";
import type { LegacyTokens } from "./legacy-tokens.ts";
import type { Handshake, HandshakeStep } from "./sealed-context.ts";

/** What an initiator's side of a context is made of. */
export interface InitiatorParts {
  readonly target: Principal;
  readonly flags: ContextFlags;
  /** Gets the ticket, and says which enctypes are permitted. */
  readonly load: (
    peer: Principal,
    signal: AbortSignal | undefined,
  ) => Promise<{ readonly ticket: ServiceTicket; readonly encTypes: EncTypeSet }>;
  /** The channel bindings' hash. */
  readonly bindings?: ((provider: CryptoProvider) => Uint8Array) | undefined;
  /** What goes into the authenticator beside. */
  readonly authorizationData?: AuthorizationData | undefined;
  /** The KRB-CRED for the service, if there is to be one. */
  readonly delegate?:
    | ((ticket: ServiceTicket, signal: AbortSignal | undefined) => Promise<Uint8Array | undefined>)
    | undefined;
  readonly clock?: AuthenticatorClock | undefined;
  readonly now?: (() => number) | undefined;
  readonly trace: Trace;
  /** Tokens of a deprecated enctype that the context may have. */
  readonly legacyTokens?: LegacyTokens | undefined;
  /** What errors call numbers. Default: numbers. */
  readonly names?: RegisteredNames | undefined;
}

/** What was sent and is waited for. */
interface Pending {
  readonly ticket: ServiceTicket;
  readonly encTypes: EncTypeSet;
  readonly sent: SentApReq;
  readonly subkey: ProtocolKey;
  readonly startedMs: number;
}

/** The initiator's half of the AP exchange. */
export class InitiatorHandshake implements Handshake {
  readonly #parts: InitiatorParts;
  #flags: ContextFlags;
  readonly #now: () => number;
  readonly #trace: Trace;
  #peer: Principal;
  #self: Principal | undefined;
  #expires: Date | undefined;
  #pending: Pending | undefined;

  constructor(parts: InitiatorParts) {
    this.#parts = parts;
    this.#flags = parts.flags;
    this.#now = parts.now ?? Date.now;
    this.#trace = parts.trace;
    this.#peer = parts.target;
  }

  get peer(): Principal {
    return this.#peer;
  }

  get self(): Principal | undefined {
    return this.#self;
  }

  get expires(): Date | undefined {
    return this.#expires;
  }

  async step(token: Uint8Array | undefined, signal: AbortSignal | undefined): Promise<HandshakeStep> {
    if (this.#pending !== undefined) return this.#finish(token ?? new Uint8Array(0), this.#pending);
    if (token !== undefined && token.length > 0)
      throw defectiveToken("an initiator speaks first: step() takes no token");
    return this.#begin(signal);
  }

  wipe(): void {
    this.#pending?.subkey.wipe();
    this.#pending = undefined;
  }

  /** The AP-REQ token (RFC 4121 section 4.1.1, RFC 4120 section 3.2.2). */
  async #begin(signal: AbortSignal | undefined): Promise<HandshakeStep> {
    const startedMs = this.#now();
    const { load, clock } = this.#parts;
    const { ticket, encTypes } = await load(this.#peer, signal);
    this.#checkTicket(ticket, encTypes);
    this.#peer = ticket.service;
    this.#self = ticket.client;
    this.#expires = new Date(ticket.endTime.getTime() - ticket.clockOffsetMs);
    const bindings = this.#parts.bindings?.(encTypes.provider);
    const delegated = await this.#parts.delegate?.(ticket, signal);
    this.#flags = { ...this.#flags, delegation: delegated !== undefined };
    const subkey = encTypes.generateKey(ticket.sessionKey.encType.etype);
    const sent = createApReq({
      ticket,
      encTypes,
      now: this.#now,
      ...(clock === undefined ? {} : { clock }),
      apOptions: this.#flags.mutual ? AP_OPTION.mutualRequired : 0,
      checksum: { cksumtype: CHECKSUM.gssApi, checksum: encodeGssChecksum(flagBits(this.#flags), bindings, delegated) },
      subkey,
      authorizationData: this.#parts.authorizationData,
    });
    const pending: Pending = { ticket, encTypes, sent, subkey, startedMs };
    const token = encodeContextToken(TOKEN_ID.apReq, sent.octets);
    // With no reply to carry a number the acceptor counts from ours, like MIT krb5; no RFC says.
    if (!this.#flags.mutual) return this.#established(pending, { subkey: undefined, seqNumber: sent.seqNumber }, token);
    this.#pending = pending;
    return { token };
  }

  #checkTicket({ client, endTime, clockOffsetMs, sessionKey, service }: ServiceTicket, encTypes: EncTypeSet): void {
    if (endTime.getTime() <= this.#now() + clockOffsetMs) {
      const name = formatPrincipal(service);
      const message = `the ticket for ${name} ended at ${endTime.toISOString()}: get a new one`;
      throw new CredentialError("TICKET_EXPIRED", message, { principal: formatPrincipal(client), service: name });
    }
    // A session key of an enctype that is not permitted protects the AP exchange no better than it would messages.
    const { etype } = sessionKey.encType;
    if (!encTypes.has(etype)) {
      const message = `the ticket for ${printableName(service)} has a session key of ${enctypeName(etype)}, which is not permitted`;
      throw new CryptoError("ETYPE_NOT_PERMITTED", message, { etype });
    }
    const { legacyTokens } = this.#parts;
    requireContextEnctype(etype, () => `the session key of the ticket for ${printableName(service)}`, legacyTokens);
  }

  /** The acceptor's answer: an AP-REP, or the KRB-ERROR that says why it is missing. Rule C5 in SECURITY.md. */
  #finish(token: Uint8Array, pending: Pending): HandshakeStep {
    const { tokenId, message } = decodeContextToken(token);
    if (tokenId === TOKEN_ID.error) throw refusal(message, pending.ticket, this.#parts.names);
    if (tokenId !== TOKEN_ID.apRep) {
      throw defectiveToken(
        `a context token of type ${tokenId.toString(16).padStart(4, "0")} where an AP-REP was expected`,
      );
    }
    const { sent, ticket, encTypes } = pending;
    let reply: VerifiedApRep;
    try {
      reply = verifyApRep(message, { sent, sessionKey: ticket.sessionKey, encTypes });
    } catch (error) {
      throw notProven(error, ticket);
    }
    const { legacyTokens } = this.#parts;
    const etype = reply.subkey?.encType.etype;
    if (etype !== undefined) requireContextEnctype(etype, () => "the acceptor's key", legacyTokens);
    // In a context of RFC 1964 the key is the initiator's, whatever an acceptor sends.
    if (etype !== undefined && etype === legacyTokens?.etype && etype === pending.subkey.encType.etype) {
      reply.subkey?.wipe();
      reply = { ...reply, subkey: undefined };
    }
    return this.#established(pending, reply, undefined);
  }

  #established(pending: Pending, reply: VerifiedApRep, token: Uint8Array | undefined): HandshakeStep {
    const { sent, subkey, startedMs } = pending;
    this.#pending = undefined;
    // The acceptor's subkey serves both directions (rule C4 in SECURITY.md, RFC 4121 section 2).
    if (reply.subkey !== undefined) subkey.wipe();
    const key = reply.subkey ?? subkey;
    const hasAcceptorSubkey = reply.subkey !== undefined;
    this.#trace({
      type: "context-established",
      peer: formatPrincipal(this.#peer),
      etype: key.encType.name,
      acceptorSubkey: hasAcceptorSubkey,
      milliseconds: this.#now() - startedMs,
    });
    return {
      token,
      established: {
        isInitiator: true,
        key,
        hasAcceptorSubkey,
        provider: pending.encTypes.provider,
        flags: this.#flags,
        sendSequence: sent.seqNumber ?? 0,
        // A number of 0 is left out by old implementations.
        receiveSequence: reply.seqNumber ?? 0,
      },
    };
  }
}

/** The error of an error token. Nothing of it is believed beyond the refusal: it has no MAC. */
function refusal(message: Uint8Array, { client, service }: ServiceTicket, names?: RegisteredNames): unknown {
  try {
    return krbErrorToError(decodeKrbError(message), { client, service, from: "service", names });
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return defectiveToken("the server sent an error token that is not a KRB-ERROR", error);
  }
}

/** The same failure, with the name of the server that has not proven that it has its key. */
function notProven(cause: unknown, { service }: ServiceTicket): unknown {
  const name = formatPrincipal(service);
  if (hasCode(cause, "DECODE")) return defectiveToken(`the reply of ${name} is not an AP-REP: ${cause.message}`, cause);
  const told = (why: string): string => `${name} has not proven that it has its key: ${why}`;
  if (hasName(cause, "CryptoError"))
    return new CryptoError(cause.code, told(cause.message), { etype: cause.etype, cause });
  if (hasName(cause, "ProtocolError"))
    return new ProtocolError(cause.code, told(cause.message), { service: name, cause });
  return cause;
}
