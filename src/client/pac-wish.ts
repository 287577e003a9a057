import { refuse } from "../checks/index.ts";
import { PADATA } from "../iana/index.ts";
import type { PaData } from "../krb5/index.ts";

/** Whether tickets shall have a PAC; `"claims"`: one with what the directory claims about the user. */
export type PacWish = boolean | "claims";

/*
 * The octets stand here, so that a bundle without delegation has no codec for them. PA-PAC-REQUEST (MS-KILE section
 * 2.2.3): SEQUENCE { include-pac [0] BOOLEAN }. PA-PAC-OPTIONS (section 2.2.10): SEQUENCE { flags [0] KerberosFlags }.
 */
const requestOf = (isWanted: boolean): Uint8Array => Uint8Array.of(0x30, 5, 0xa0, 3, 1, 1, isWanted ? 0xff : 0);
/** Bit 0. */
const CLAIMS = [0x30, 9, 0xa0, 7, 3, 5, 0, 0x80, 0, 0, 0];

/** What a request to a KDC says about the PAC; nothing where nothing is wished. */
export function pacWishes(wish: PacWish | undefined): readonly PaData[] {
  if (wish === undefined) return [];
  const request: PaData = { padataType: PADATA.pacRequest, padataValue: requestOf(wish !== false) };
  if (wish !== "claims") return [request];
  return [request, { padataType: PADATA.pacOptions, padataValue: Uint8Array.from(CLAIMS) }];
}

/** Refuses what is not a {@link PacWish}. */
export function checkPacWish(name: string, value: unknown): void {
  if (typeof value !== "boolean" && value !== "claims") refuse(name, value, 'true, false or "claims"');
}
