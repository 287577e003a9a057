/**
 * The privilege attribute certificate (MS-PAC): what Active Directory, Samba and MIT's KDC say of a client beside its
 * name, with the checksums that prove it.
 *
 * Layer 3: it may import `errors.ts`, `bytes`, `checks`, `iana`, `crypto` and `krb5`.
 */
export { type AdElement, findPac } from "./authorization-data.ts";
export type { Claim, ClaimName } from "./claims.ts";
export { openPacCredentials, type PacCredentials, type PackageCredentials } from "./credentials.ts";
export { decodePac, type Pac } from "./decode-pac.ts";
export type { DeviceInfo, DomainGroups } from "./device-info.ts";
export { PAC_TYPE, type PacBuffer } from "./frame.ts";
export type { GroupMembership, SidAndAttributes } from "./groups.ts";
export { type LogonInfo, sidsOfLogon } from "./logon-info.ts";
export type { ClientInfo, DelegationInfo, PacAttributes, UpnDnsInfo } from "./small-buffers.ts";
export {
  type AuthorizationReader,
  type OpenedAuthorization,
  type TicketAuthorization,
  type TicketAuthorizationOptions,
  ticketAuthorization,
} from "./ticket-authorization.ts";
export { type VerifiedPac, type VerifyPacOptions, verifyPac } from "./verify-pac.ts";
