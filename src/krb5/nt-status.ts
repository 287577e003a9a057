import { getUint32 } from "../bytes/index.ts";
import { PADATA } from "../iana/index.ts";
import { decodeMethodData, decodePaData, type KrbError, type PaData } from "./messages/index.ts";

/** An extended error of an Active Directory (KERB-EXT-ERROR, MS-KILE section 2.2.2): an NTSTATUS, a zero, and flags. */
const EXTENDED_ERROR_BYTES = 12;

/** Reads the NTSTATUS of PA-DATA whose type is that of PA-PW-SALT; undefined if they are not an extended error. */
export function ntStatusIn(octets: Uint8Array): number | undefined {
  if (octets.length !== EXTENDED_ERROR_BYTES) return undefined;
  // Its octets are in Intel's order.
  return getUint32(octets.slice(0, 4).reverse(), 0);
}

/**
 * The NTSTATUS in the e-data of a KRB-ERROR: among METHOD-DATA (Samba), or in KERB-ERROR-DATA (Windows; MS-KILE section
 * 2.2.1), which is one PA-DATA by itself. Nothing vouches for it, as for all of a KRB-ERROR.
 */
export function ntStatusOf({ eData }: KrbError): number | undefined {
  const data = eData && elementsOf(eData).find(({ padataType }) => padataType === PADATA.pwSalt);
  return data && ntStatusIn(data.padataValue);
}

function elementsOf(eData: Uint8Array): readonly PaData[] {
  try {
    return decodeMethodData(eData);
  } catch {
    try {
      return [decodePaData(eData)];
    } catch {
      // KRB_ERR_GENERIC may have any octets.
      return [];
    }
  }
}
