import { hasCode } from "../../../errors.ts";
import { KEY_USAGE, NAME_TYPE, PADATA } from "../../../iana/index.ts";
import {
  decodeMethodData,
  decodeTypedData,
  encodeKrbError,
  encodeMethodData,
  type PaData,
  type PrincipalName,
  sealData,
} from "../../../krb5/index.ts";
import type { KrbErrorDraft } from "../drafts.ts";
import type { FastDraft } from "./draft.ts";
import { fastMessages } from "./messages.ts";

const none = new Uint8Array(0);

/** The anonymous principal, whom hide-client-names shows outside (RFC 6112 section 3, RFC 6113 section 5.4.2). */
export const anonymousName: PrincipalName = { nameType: NAME_TYPE.wellKnown, nameString: ["WELLKNOWN", "ANONYMOUS"] };
export const anonymousRealm = "WELLKNOWN:ANONYMOUS";

/** What a reply with a ticket has inside FAST. */
export interface FastReply {
  readonly padata: readonly PaData[];
  readonly ticket: Uint8Array;
  readonly crealm: string;
  readonly cname: PrincipalName;
  readonly now: Date;
}

/** The padata of a reply with a ticket (RFC 6113 section 5.4.3). */
export function sealFastReply(fast: FastDraft, { padata, ticket, crealm, cname, now }: FastReply): PaData {
  const { armorKey, strengthenKey, finishedName } = fast;
  const timestamp = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const finished = {
    timestamp,
    usec: Math.floor((now.getTime() - timestamp.getTime()) * 1000),
    crealm,
    cname: finishedName ?? cname,
    ticketChecksum: {
      cksumtype: armorKey.encType.checksumType,
      checksum: armorKey.usage(KEY_USAGE.fastFinished).checksum(fast.checksummed(ticket)),
    },
  };
  return seal(fast, {
    padata,
    strengthenKey:
      strengthenKey === undefined
        ? undefined
        : { keytype: strengthenKey.encType.etype, keyvalue: strengthenKey.octets },
    finished: fast.hasFinished ? finished : undefined,
    nonce: fast.nonce,
  });
}

/** The KRB-ERROR around a FAST response with the real one (RFC 6113 section 5.4.4). */
export function encodeFastError(draft: KrbErrorDraft, fast: FastDraft): Uint8Array {
  const { eData, ...rest } = draft;
  const shown = fast.hidesNames ? { ...rest, crealm: anonymousRealm, cname: anonymousName } : rest;
  // The inner error has no e-data: its elements are the response's (RFC 6113 section 5.4.4).
  const error = { padataType: PADATA.fxError, padataValue: encodeKrbError(shown) };
  const response = seal(fast, { padata: [...elementsOf(eData), error], nonce: fast.nonce });
  return encodeKrbError({
    ...shown,
    errorCode: fast.outerCode ?? draft.errorCode,
    eData: encodeMethodData([response]),
  });
}

type Response = Parameters<typeof fastMessages.encode<"KrbFastResponse">>[1];

function seal(fast: FastDraft, response: Response): PaData {
  const plaintext = fast.response ?? fastMessages.encode("KrbFastResponse", response);
  const encFastRep = sealData(fast.sealKey, KEY_USAGE.fastRep, plaintext);
  return { padataType: PADATA.fxFast, padataValue: fastMessages.encode("PA-FX-FAST-REPLY", { encFastRep }) };
}

/** Types of padata and of typed data are of one registry (RFC 6113 section 5.4.4). */
function elementsOf(eData: Uint8Array | undefined): readonly PaData[] {
  if (eData === undefined) return [];
  try {
    return decodeMethodData(eData);
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
  }
  try {
    return decodeTypedData(eData).map(({ dataType, dataValue = none }) => ({
      padataType: dataType,
      padataValue: dataValue,
    }));
  } catch (error) {
    if (!hasCode(error, "DECODE")) throw error;
    return [];
  }
}
