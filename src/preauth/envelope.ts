import type { ProtocolKey } from "../crypto/index.ts";
import { type KdcRep, type KrbError, type PaData, type Principal, toPrincipal } from "../krb5/index.ts";
import { methodsOf } from "./methods.ts";

/** What protects the messages of an exchange from the outside (RFC 6113 section 5.4.1). */
export interface Armor {
  /** The armor key. */
  readonly key: ProtocolKey;
}

/** The body of the request that an envelope goes around. */
export interface RequestBody {
  /** The DER of the KDC-REQ-BODY. */
  readonly octets: Uint8Array;
  readonly nonce: number;
}

/** A KRB-ERROR out of its envelope. */
export interface OpenedError {
  /** The error to act on; under FAST the inner one (RFC 6113 section 5.4.4). */
  readonly error: KrbError;
  /** Whether the KDC vouches for it. Outside FAST it does not: a KRB-ERROR has no MAC (rule P1). */
  readonly isTrusted: boolean;
  /** What it offers. Throws PreauthError if that does not decode; an error that offers nothing need not. */
  methods(): readonly PaData[];
}

/** A KDC-REP out of its envelope, not decrypted yet. */
export interface UnwrappedReply {
  readonly padata: readonly PaData[];
  /** The client's name; under FAST that of KrbFastFinished (RFC 6113 section 5.4.3). */
  readonly client: Principal;
  /** Makes the reply key: under FAST strengthened, if the KDC sent a strengthen-key. */
  readonly strengthen: (key: ProtocolKey) => ProtocolKey;
}

/**
 * What goes around the messages of one exchange: nothing ({@link plainEnvelope}), or FAST (RFC 6113 section 5.4). All
 * that an exchange sends and receives passes through it, and nowhere else is anything wrapped.
 */
export interface Envelope {
  /** The armor, which mechanisms inside FAST use. */
  readonly armor?: Armor | undefined;
  /** The PA-DATA of the request, made of what is meant for the KDC. */
  request(body: RequestBody, padata: readonly PaData[]): readonly PaData[];
  /** Opens an error. Throws ProtocolError if the envelope that must be there is not. */
  error(error: KrbError): OpenedError;
  /** Opens a reply. Throws ProtocolError if the envelope that must be there is not, or does not fit the request. */
  reply(reply: KdcRep): UnwrappedReply;
}

/** What the envelope of one TGS-REQ is made of (RFC 6113 section 5.4.2: its armor is implicit). */
export interface TgsEnvelopeParts {
  /** The AP-REQ in PA-TGS-REQ. */
  readonly apReq: Uint8Array;
  /** The sub-key of its authenticator. */
  readonly subkey: ProtocolKey;
  /** The session key of its ticket. */
  readonly sessionKey: ProtocolKey;
}

/** No envelope. */
export const plainEnvelope: Envelope = {
  request: (_, padata) => padata,
  error: (error) => ({ error, isTrusted: false, methods: () => methodsOf(error) }),
  reply: ({ padata = [], crealm, cname }) => ({
    padata,
    client: toPrincipal(crealm, cname),
    strengthen: (key) => key,
  }),
};
