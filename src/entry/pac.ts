/**
 * The privilege attribute certificate (MS-PAC) in tickets of Active Directory, Samba and MIT: who a client is, by SID,
 * and which groups it is in, with the checksums that prove it, and what the directory claims about it.
 *
 * ```ts
 * import { type Principal, sidsOfLogon, verifyPac } from "krb5-remctl/pac";
 *
 * const alice: Principal = { realm: "AD.EXAMPLE", components: ["alice"], nameType: 1 };
 * const authTime = new Date("2026-11-28T04:00:00Z");
 * const { logonInfo } = verifyPac(octets, { serverKey: replyKey, client: alice, authTime });
 * const isAllowed = logonInfo !== undefined && sidsOfLogon(logonInfo).includes("S-1-5-21-1-2-3-1104");
 * ```
 *
 * @module
 */
export { isKerberosError } from "../errors.ts";
export type { Principal } from "../krb5/index.ts";
export {
  decodePac,
  findPac,
  openPacCredentials,
  PAC_TYPE,
  type PackageCredentials,
  sidsOfLogon,
  type TicketAuthorizationOptions,
  ticketAuthorization,
  type VerifyPacOptions,
  verifyPac,
} from "../pac/index.ts";
export type * from "./lists/crypto.ts";
export type * from "./lists/errors.ts";
export type * from "./lists/pac.ts";
