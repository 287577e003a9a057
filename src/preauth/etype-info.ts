import { PreauthError } from "../errors.ts";
import { enctypeName, PADATA } from "../iana/index.ts";
import { decodeEtypeInfo2, type EtypeInfo2Entry, type PaData } from "../krb5/index.ts";
import { findPaData } from "./methods.ts";

/** What is needed to make a long-term key of a password: the KDC's hint (RFC 4120 section 5.2.7.5). */
export interface KeyHint {
  /** The number of the enctype. */
  readonly etype: number;
  /** Absent: the default salt, which is the realm and the components of the name, joined (RFC 4120 section 4). */
  readonly salt?: string;
  /** The parameters of string-to-key, as they came. Absent: the enctype's defaults. */
  readonly s2kparams?: Uint8Array;
}

/**
 * The entry of PA-ETYPE-INFO2 to use: of the etypes that we asked for, the first in our order (rule P2). PA-ETYPE-INFO,
 * PA-PW-SALT and PA-AFS3-SALT are for enctypes that are not here and are never looked at (rule P4). Undefined if
 * there is no PA-ETYPE-INFO2. Throws PreauthError if it does not decode (rule P4) or has nothing for us.
 */
export function chooseEtypeInfo(
  padata: readonly PaData[] | undefined,
  requested: readonly number[],
): KeyHint | undefined {
  const info = findPaData(padata, PADATA.etypeInfo2);
  if (info === undefined) return undefined;
  let entries: readonly EtypeInfo2Entry[];
  try {
    entries = decodeEtypeInfo2(info.padataValue);
  } catch (cause) {
    throw new PreauthError("PREAUTH", "the KDC's PA-ETYPE-INFO2 does not decode; its salt cannot be trusted", {
      cause,
    });
  }
  for (const wanted of requested) {
    const entry = entries.find(({ etype }) => etype === wanted);
    if (entry !== undefined) return entry;
  }
  throw new PreauthError(
    "PREAUTH_UNSUPPORTED",
    `the KDC has keys of this principal only for ${entries.map(({ etype }) => enctypeName(etype)).join(", ") || "no enctype"}; ` +
      `we permit ${requested.map(enctypeName).join(", ")}: permit one of the KDC's, or set the password again so that the KDC makes AES keys`,
  );
}
