import { checkOctets } from "../checks/index.ts";
import { type Claim, decodeClaims } from "./claims.ts";
import { decodeCredentials, type PacCredentials } from "./credentials.ts";
import { type DeviceInfo, decodeDeviceInfo } from "./device-info.ts";
import { decodeFrame, PAC_TYPE, type PacBuffer } from "./frame.ts";
import { decodeLogonInfo, type LogonInfo } from "./logon-info.ts";
import { present } from "./present.ts";
import { sidFrom } from "./sid.ts";
import {
  type ClientInfo,
  type DelegationInfo,
  decodeAttributes,
  decodeClientInfo,
  decodeDelegationInfo,
  decodeUpnDnsInfo,
  type PacAttributes,
  type UpnDnsInfo,
} from "./small-buffers.ts";

/**
 * A privilege attribute certificate (MS-PAC): what a KDC says of a client beside its name. Parts that it lacks are
 * absent.
 */
export interface Pac {
  /** All its buffers, those too that nothing here decodes. */
  readonly buffers: ReadonlyMap<number, PacBuffer>;
  /** The user and its groups. */
  readonly logonInfo?: LogonInfo | undefined;
  /** Whom it was made for. */
  readonly clientInfo?: ClientInfo | undefined;
  /** The user principal name. */
  readonly upnDnsInfo?: UpnDnsInfo | undefined;
  /** The services that acted for the client. */
  readonly delegationInfo?: DelegationInfo | undefined;
  /** What the directory claims about the user (MS-PAC section 2.11). */
  readonly clientClaims?: readonly Claim[] | undefined;
  /** The computer that the user was at, and its groups, where the request was armored with its ticket. */
  readonly deviceInfo?: DeviceInfo | undefined;
  /** What the directory claims about that computer (MS-PAC section 2.13). */
  readonly deviceClaims?: readonly Claim[] | undefined;
  /** What other protocols need, encrypted for the client: see {@link openPacCredentials}. */
  readonly credentials?: PacCredentials | undefined;
  /** Whether the client asked for it. */
  readonly attributes?: PacAttributes | undefined;
  /** The SID of the account that asked for the ticket-granting ticket. */
  readonly requestor?: string | undefined;
}

/**
 * Decodes a PAC (MS-PAC section 2.3) and verifies nothing: the maker of the ticket could have written it. Use
 * {@link verifyPac} before you decide by it.
 *
 * @param octets the PAC: the ad-data of ad-type 128
 * @returns its parts; its octets are views of `octets`
 * @throws DecodeError for octets that are not a PAC: their maker's fault
 * @example
 * ```ts
 * import { decodePac } from "krb5-remctl/pac";
 *
 * const { upnDnsInfo, logonInfo } = decodePac(octets);
 * console.log(upnDnsInfo?.upn, logonInfo?.groupIds.length);
 * ```
 */
export function decodePac(octets: Uint8Array): Pac {
  checkOctets("octets", octets);
  const buffers = decodeFrame(octets);
  const of = <T>(type: number, decode: (data: Uint8Array) => T): T | undefined => {
    const data = buffers.get(type)?.data;
    // Samba sends buffers with nothing in them.
    return data === undefined || data.length === 0 ? undefined : decode(data);
  };
  return present<Pac>({
    buffers,
    logonInfo: of(PAC_TYPE.logonInfo, decodeLogonInfo),
    clientInfo: of(PAC_TYPE.clientInfo, decodeClientInfo),
    upnDnsInfo: of(PAC_TYPE.upnDnsInfo, decodeUpnDnsInfo),
    delegationInfo: of(PAC_TYPE.delegationInfo, decodeDelegationInfo),
    clientClaims: of(PAC_TYPE.clientClaims, decodeClaims),
    deviceInfo: of(PAC_TYPE.deviceInfo, decodeDeviceInfo),
    deviceClaims: of(PAC_TYPE.deviceClaims, decodeClaims),
    credentials: of(PAC_TYPE.credentials, decodeCredentials),
    attributes: of(PAC_TYPE.attributes, decodeAttributes),
    requestor: of(PAC_TYPE.requestor, sidFrom),
  });
}
