import { PreauthError } from "../errors.ts";
import { decodeMethodData, decodeTypedData, type KrbError, type PaData } from "../krb5/index.ts";

/** The first PA-DATA of a type. */
export function findPaData(padata: readonly PaData[] | undefined, type: number): PaData | undefined {
  return padata?.find(({ padataType }) => padataType === type);
}

/**
 * What the e-data of a KRB-ERROR says about pre-authentication: METHOD-DATA, or TYPED-DATA (RFC 4120 section 5.9.1),
 * whose types are from the same namespace (RFC 6113 section 5.4.4). An error without e-data offers nothing.
 *
 * @throws PreauthError if it is neither.
 */
export function methodsOf({ eData }: KrbError): readonly PaData[] {
  if (eData === undefined) return [];
  try {
    return decodeMethodData(eData);
  } catch (cause) {
    const typed = typedData(eData);
    if (typed !== undefined) return typed;
    throw new PreauthError(
      "PREAUTH",
      "the KDC's list of pre-authentication mechanisms does not decode: look at the KDC",
      { cause },
    );
  }
}

function typedData(eData: Uint8Array): readonly PaData[] | undefined {
  try {
    return decodeTypedData(eData).map(({ dataType, dataValue = new Uint8Array(0) }) => ({
      padataType: dataType,
      padataValue: dataValue,
    }));
  } catch {
    return undefined;
  }
}
