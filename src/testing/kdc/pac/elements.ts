import { PADATA } from "../../../iana/index.ts";
import { decodeAuthorizationData, decodePaPacRequest, type KdcReq } from "../../../krb5/index.ts";
import { serviceKey } from "../database.ts";
import type { EncTicketPartDraft } from "../drafts.ts";
import { tgsRealm } from "../names.ts";
import type { KdcState } from "../state.ts";
import { ONLY_IN_TGT, type PacBuffer, readBuffers } from "./buffers.ts";
import { AD_IF_RELEVANT, AD_PAC, type PacDraft } from "./sign.ts";

type Elements = EncTicketPartDraft["authorizationData"];

/** The buffers of the PAC in a ticket that this realm has opened, its checksums left out; undefined if it has none. */
export function pacOf(elements: Elements): readonly PacBuffer[] | undefined {
  for (const { adType, adData } of elements ?? []) {
    if (adType !== AD_IF_RELEVANT) continue;
    const found = decodeAuthorizationData(adData).find((one) => one.adType === AD_PAC);
    if (found !== undefined) return readBuffers(found.adData).filter(({ type }) => !CHECKSUMS.includes(type));
  }
  return undefined;
}

/** Authorization data without PACs: a client's own does not count, and the KDC makes a new one. */
export function withoutPac(elements: NonNullable<Elements>): NonNullable<Elements> {
  return elements.filter(
    ({ adType, adData }) =>
      adType !== AD_PAC &&
      !(adType === AD_IF_RELEVANT && decodeAuthorizationData(adData).some((one) => one.adType === AD_PAC)),
  );
}

const CHECKSUMS: readonly number[] = [6, 7, 16, 19];

/** What the PAC of a ticket for a service is made of. */
export function draftPac(
  state: KdcState,
  service: readonly string[],
  buffers: readonly PacBuffer[] | undefined,
): PacDraft | undefined {
  const kdcKey = serviceKey(state.database.get(`krbtgt/${state.realm}`))?.key;
  if (buffers === undefined || kdcKey === undefined) return undefined;
  const isOfService = tgsRealm(service) === undefined;
  const kept = isOfService ? buffers.filter(({ type }) => !ONLY_IN_TGT.includes(type)) : buffers;
  return { buffers: kept, kdcKey, isOfService };
}

/** What PA-PAC-REQUEST says (MS-KILE section 2.2.3); undefined: it is not there. */
export function pacRequestOf({ padata }: KdcReq): boolean | undefined {
  const found = padata?.find(({ padataType }) => padataType === PADATA.pacRequest);
  return found === undefined ? undefined : decodePaPacRequest(found.padataValue).includePac;
}
