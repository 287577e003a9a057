import { enctypeName, KRB_ERROR } from "../iana/index.ts";
import { ApReqError } from "./ap-error.ts";
import type { KeySource, ServiceKey } from "./key-source.ts";
import { versionFit } from "./key-version.ts";
import type { EncryptedData } from "./messages/index.ts";
import type { Principal } from "./principal.ts";
import { printableName } from "./principal-text.ts";
import { isWanted, notWantedBecause, type WantedServices } from "./wanted-services.ts";

/** A ticket as it came: nothing of it is proven yet. */
export interface SealedTicket {
  /** What the ticket says it is for, outside of what is sealed. */
  readonly named: Principal;
  readonly encPart: EncryptedData;
}

/** The error for a ticket under an enctype that an acceptor does not permit. */
export function notPermitted({ named, encPart }: SealedTicket, keys: KeySource, permitted: readonly number[]): never {
  const own = keys.keysOf(named).map(({ key }) => key.encType.etype);
  const has = permitted.filter((etype) => own.includes(etype) || (keys.keysFor?.(etype).length ?? 0) > 0);
  const here =
    has.length === 0 ? "there is no AES key here" : `the keys here are of ${has.map(enctypeName).join(", ")}`;
  throw new ApReqError(
    KRB_ERROR.KDC_ERR_ETYPE_NOSUPP,
    `the ticket for ${printableName(named)} is under a key of ${enctypeName(encPart.etype)}, which is not permitted, ` +
      `and ${here}: give the service AES keys in the KDC (a new password; in Active Directory also ` +
      "msDS-SupportedEncryptionTypes) and write its keytab anew",
  );
}

/** The error for a ticket for which no key could be tried. `all`: those of other enctypes. */
export function noKey({ named, encPart }: SealedTicket, wanted: WantedServices | undefined, all: number): never {
  if (wanted !== undefined && !isWanted(named, wanted)) throw notFor(named, wanted);
  const name = printableName(named);
  if (all === 0) {
    throw new ApReqError(
      KRB_ERROR.KRB_AP_ERR_NOT_US,
      `the ticket is for ${name}, which has no key here: write one into the keytab, or let the client name another service`,
    );
  }
  throw new ApReqError(
    KRB_ERROR.KRB_AP_ERR_NOKEY,
    `there is no ${enctypeName(encPart.etype)} key of ${name} here: write the keytab anew`,
  );
}

/** The error for a ticket that no key opens. `own`: those of the service's name that are of its enctype. */
export function notOpened(
  { named, encPart: { kvno } }: SealedTicket,
  wanted: WantedServices | undefined,
  own: readonly ServiceKey[],
): never {
  if (wanted !== undefined && !isWanted(named, wanted)) throw notFor(named, wanted);
  const name = printableName(named);
  if (own.length === 0) {
    const message = `the ticket is for ${name}, which has no key here, and no other key opens it: write its key into the keytab`;
    throw new ApReqError(KRB_ERROR.KRB_AP_ERR_NOT_US, message);
  }
  if (own.some((key) => versionFit(kvno, key.kvno) !== undefined)) {
    const message = `the ticket does not open with the key of ${name}: write the keytab anew`;
    throw new ApReqError(KRB_ERROR.KRB_AP_ERR_BAD_INTEGRITY, message);
  }
  const versions = [...new Set(own.map((key) => key.kvno))].join(", ");
  const message = `the ticket is for kvno ${kvno} of ${name}; here is kvno ${versions}: write the keytab anew`;
  throw new ApReqError(KRB_ERROR.KRB_AP_ERR_BADKEYVER, message);
}

function notFor(named: Principal, wanted: WantedServices): ApReqError {
  const message = `the ticket is for ${printableName(named)}, ${notWantedBecause(wanted)}`;
  return new ApReqError(KRB_ERROR.KRB_AP_ERR_NOT_US, message);
}
