import { type GroupMembership, groups, type SidAndAttributes, sids } from "./groups.ts";
import { array, decodeNdr, optional, required, sid, struct, uint32 } from "./ndr.ts";

/** Groups of one domain (MS-PAC section 2.2.3). */
export interface DomainGroups {
  /** The domain's SID. */
  readonly domainId: string;
  /** Groups of it. */
  readonly groupIds: readonly GroupMembership[];
}

/** PAC_DEVICE_INFO (MS-PAC section 2.12): the computer that armored the request of the ticket, and its groups. */
export interface DeviceInfo {
  /** The last part of the computer's SID. */
  readonly userId: number;
  /** The last part of the SID of its first group. */
  readonly primaryGroupId: number;
  /** The SID of its domain. */
  readonly accountDomainId?: string | undefined;
  /** Groups of the computer's domain. */
  readonly accountGroupIds: readonly GroupMembership[];
  /** Groups of no domain. */
  readonly extraSids: readonly SidAndAttributes[];
  /** Groups of other domains. */
  readonly domainGroups: readonly DomainGroups[];
}

const TYPE = /* @__PURE__ */ struct<DeviceInfo>({
  userId: uint32,
  primaryGroupId: uint32,
  accountDomainId: optional(sid),
  accountGroupIds: groups,
  extraSids: sids,
  domainGroups: array(12, struct<DomainGroups>({ domainId: required("the SID of a domain", sid), groupIds: groups })),
});

/** Decodes a PAC_DEVICE_INFO. */
export function decodeDeviceInfo(octets: Uint8Array): DeviceInfo {
  return decodeNdr(octets, "PAC_DEVICE_INFO", TYPE);
}
