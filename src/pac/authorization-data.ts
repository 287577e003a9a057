import { checkList, checkObject, checkOctets } from "../checks/index.ts";
import {
  decodeAuthorizationData,
  decodeEncTicketPart,
  encodeAuthorizationData,
  encodeEncTicketPart,
} from "../krb5/index.ts";

/** AD-IF-RELEVANT (RFC 4120 section 5.2.6.1). */
const IF_RELEVANT = 1;
/** AD-WIN2K-PAC (RFC 4120 section 7.5.4, MS-PAC section 2.3). */
const PAC = 128;

/** One element of authorization data (RFC 4120 section 5.2.6). */
export interface AdElement {
  /** The number of its kind. */
  readonly adType: number;
  /** Its octets. */
  readonly adData: Uint8Array;
}

/**
 * Finds the PAC in the authorization data of a ticket: it is within AD-IF-RELEVANT (MS-KILE section 3.3.5.6.4). One
 * that stands elsewhere, or in an authenticator, is not the KDC's.
 *
 * @param data the authorization data of the ticket
 * @returns the octets of the PAC; undefined without one
 * @throws DecodeError for an element that does not decode: the ticket's maker's fault; TypeError for what is not a list
 *   of elements: the caller's mistake
 * @example
 * ```ts
 * import { decodePac, findPac } from "krb5-remctl/pac";
 *
 * const pac = findPac([{ adType: 1, adData: octets }]);
 * const name = pac && decodePac(pac).clientInfo?.name;
 * ```
 */
export function findPac(data: readonly AdElement[] | undefined): Uint8Array | undefined {
  if (data !== undefined) checkList("data", data, checkElement);
  for (const { adType, adData } of data ?? []) {
    if (adType !== IF_RELEVANT) continue;
    const found = decodeAuthorizationData(adData).find((inner) => inner.adType === PAC);
    if (found !== undefined) return found.adData;
  }
  return undefined;
}

function checkElement(name: string, value: unknown): void {
  checkObject(name, value);
  checkOctets(`${name}.adData`, (value as AdElement).adData);
}

/**
 * The EncTicketPart that a ticket checksum is over: in place of the PAC stands one octet of zero (MS-PAC section
 * 2.8.3).
 */
export function withoutPac(encTicketPart: Uint8Array): Uint8Array {
  const part = decodeEncTicketPart(encTicketPart);
  const authorizationData = part.authorizationData?.map((element) => {
    if (element.adType !== IF_RELEVANT) return element;
    const inner = decodeAuthorizationData(element.adData);
    if (!inner.some(({ adType }) => adType === PAC)) return element;
    const replaced = inner.map((one) => (one.adType === PAC ? { ...one, adData: new Uint8Array(1) } : one));
    return { ...element, adData: encodeAuthorizationData(replaced) };
  });
  return encodeEncTicketPart({ ...part, authorizationData });
}
