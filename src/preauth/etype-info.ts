import { type CryptoError, type KerberosError, PreauthError } from "../errors.ts";
import { PADATA } from "../iana/index.ts";
import {
  decodeEtypeInfo2,
  type EtypeInfo2Entry,
  formatPrincipal,
  noCommonEnctype,
  type PaData,
  type Principal,
} from "../krb5/index.ts";
import { findPaData } from "./methods.ts";

/** What is needed to make a long-term key of a password: the KDC's hint (RFC 4120 section 5.2.7.5). */
export interface KeyHint {
  /** The number of the enctype. */
  readonly etype: number;
  /** Absent: the default salt, which is the realm and the components of the name, joined (RFC 4120 section 4). */
  readonly salt?: string | undefined;
  /** The parameters of string-to-key, as they came. Absent: the enctype's defaults. */
  readonly s2kparams?: Uint8Array | undefined;
}

/**
 * The entry of PA-ETYPE-INFO2 to use: of the etypes that we asked for, the first in our order (rule P2). PA-ETYPE-INFO,
 * PA-PW-SALT and PA-AFS3-SALT are for enctypes that are not here and are never looked at (rule P4). Undefined if
 * PA-ETYPE-INFO2 is missing. Throws PreauthError if it does not decode (rule P4), and what `nothing` makes of its
 * enctypes if it has nothing for us.
 */
export function chooseEtypeInfo(
  padata: readonly PaData[] | undefined,
  requested: readonly number[],
  nothing: (has: readonly number[]) => KerberosError,
): KeyHint | undefined {
  const info = findPaData(padata, PADATA.etypeInfo2);
  if (info === undefined) return undefined;
  let entries: readonly EtypeInfo2Entry[];
  try {
    entries = decodeEtypeInfo2(info.padataValue);
  } catch (cause) {
    throw new PreauthError(
      "PREAUTH",
      "the KDC's PA-ETYPE-INFO2 does not decode; its salt cannot be trusted: look at the KDC",
      {
        cause,
      },
    );
  }
  for (const wanted of requested) {
    const entry = entries.find(({ etype }) => etype === wanted);
    if (entry !== undefined) return entry;
  }
  throw nothing(entries.map(({ etype }) => etype));
}

/**
 * The error for a KDC that has no key of the client that we could use. One that has sends PA-ETYPE-INFO2 (RFC 4120
 * section 5.2.7.5), so that its absence says the same.
 */
export function noKeyOf(
  client: Principal,
  permitted: readonly number[],
  more: { readonly has?: readonly number[]; readonly cause?: unknown } = {},
): CryptoError {
  return noCommonEnctype({ holder: "client", name: formatPrincipal(client), realm: client.realm, permitted, ...more });
}
