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
export type {
  CbcCipher,
  CryptoProvider,
  DigestName,
  EncType,
  HashName,
  Mac,
  OtherCipher,
  ProtocolKey,
  StringToKeyOptions,
  UsageKey,
} from "../crypto/index.ts";
export {
  type AnyKerberosError,
  type Attempt,
  type CommandState,
  type ConfigError,
  type CredentialError,
  type CryptoError,
  type DecodeError,
  type ErrorCode,
  type ErrorCodes,
  type ErrorFields,
  type ErrorName,
  type GssError,
  isKerberosError,
  type KdcError,
  type KerberosError,
  type PasswordChangeError,
  type PasswordPolicy,
  type PreauthError,
  type ProtocolError,
  type RemctlError,
  type RemctlProtocolError,
  type RemctlServerError,
  type ServiceError,
  type TransportError,
  type UnsupportedError,
} from "../errors.ts";
export type { Principal } from "../krb5/index.ts";
export {
  type AdElement,
  type AuthorizationReader,
  type Claim,
  type ClaimName,
  type ClientInfo,
  type DelegationInfo,
  type DeviceInfo,
  type DomainGroups,
  decodePac,
  findPac,
  type GroupMembership,
  type LogonInfo,
  type OpenedAuthorization,
  openPacCredentials,
  PAC_TYPE,
  type Pac,
  type PacAttributes,
  type PacBuffer,
  type PacCredentials,
  type PackageCredentials,
  type SidAndAttributes,
  sidsOfLogon,
  type TicketAuthorization,
  type TicketAuthorizationOptions,
  ticketAuthorization,
  type UpnDnsInfo,
  type VerifiedPac,
  type VerifyPacOptions,
  verifyPac,
} from "../pac/index.ts";
