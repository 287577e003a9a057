import { encodeText } from "../../bytes/index.ts";
import { cf2, type EncTypeSet, type ProtocolKey, verifyKeyedChecksum } from "../../crypto/index.ts";
import type { ProtocolError } from "../../errors.ts";
import { KEY_USAGE, PADATA } from "../../iana/index.ts";
import {
  decodeKrbError,
  importEncryptionKey,
  type KdcRep,
  type KrbError,
  openData,
  type PaData,
  toPrincipal,
} from "../../krb5/index.ts";
import type { OpenedError, UnwrappedReply } from "../envelope.ts";
import { findPaData, methodsOf } from "../methods.ts";
import { modified } from "../modified.ts";
import { type FastResponse, fastMessages } from "./messages.ts";

/** The answer inside FAST that came in an error's e-data, if one did: an empty one is the KDC's offer of FAST. */
export function fastOfError(error: KrbError): PaData | undefined {
  try {
    const fast = findPaData(methodsOf(error), PADATA.fxFast);
    return fast?.padataValue.length === 0 ? undefined : fast;
  } catch {
    return undefined;
  }
}

/** What opens the KDC's messages of one exchange. */
export interface FastOpener {
  readonly key: ProtocolKey;
  readonly encTypes: EncTypeSet;
  /** The nonce of the request that is answered. */
  readonly nonce: number;
}

/** An error out of its armor (RFC 6113 section 5.4.4), of the PA-FX-FAST that came in its e-data. */
export function openError(opener: FastOpener, fast: PaData): OpenedError {
  const { padata } = openResponse(opener, fast, "error");
  const error: KrbError | undefined = errorIn(padata);
  if (error === undefined) {
    throw unfit("its armored error has no PA-FX-ERROR that decodes");
  }
  const offer = padata.filter(({ padataType }) => padataType !== PADATA.fxError);
  return { error, isTrusted: true, methods: () => offer };
}

/** A reply out of its armor (RFC 6113 section 5.4.3). */
export function openReply(opener: FastOpener, fast: PaData, reply: KdcRep): UnwrappedReply {
  const { key, encTypes } = opener;
  const { padata, finished, strengthenKey } = openResponse(opener, fast, "reply");
  // Rule FA3: without it nothing ties the ticket, and the client's name, to the armor.
  if (finished === undefined) throw unfit("its armored reply is not finished: KrbFastFinished is missing");
  const { crealm, cname, ticketChecksum } = finished;
  try {
    const { cksumtype, checksum } = ticketChecksum;
    verifyKeyedChecksum(key, KEY_USAGE.fastFinished, cksumtype, checksum, reply.ticket.octets);
  } catch (cause) {
    throw unfit("the ticket is not the one that its armored reply is about", cause);
  }
  const stronger = strengthenKey && importEncryptionKey(encTypes, strengthenKey);
  return {
    padata,
    // Rule FA4: the names outside are anybody's.
    client: toPrincipal(crealm, cname),
    strengthen: (base) =>
      stronger === undefined
        ? base
        : cf2(encTypes.provider, stronger, base, encodeText("strengthenkey"), encodeText("replykey")),
  };
}

/** Rules FA1 and FA2: under the armor key, and with the nonce of this request. */
function openResponse({ key, nonce }: FastOpener, fast: PaData, what: string): FastResponse {
  let response: FastResponse;
  try {
    const { encFastRep } = fastMessages.decode("PA-FX-FAST-REPLY", fast.padataValue);
    response = fastMessages.decode("KrbFastResponse", openData(key, KEY_USAGE.fastRep, encFastRep));
  } catch (cause) {
    throw unfit(`its armored ${what} does not open with the armor key`, cause);
  }
  if (response.nonce !== nonce) throw unfit(`its armored ${what} is to another request: the nonce differs`);
  return response;
}

function errorIn(padata: readonly PaData[]): KrbError | undefined {
  const octets = findPaData(padata, PADATA.fxError)?.padataValue;
  try {
    return octets && decodeKrbError(octets);
  } catch {
    return undefined;
  }
}

function unfit(what: string, cause?: unknown): ProtocolError {
  return modified(what, "the KDC's answer inside FAST", cause);
}
