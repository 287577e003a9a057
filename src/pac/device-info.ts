import { type GroupMembership, groupsOf, type SidAndAttributes, sidsOf } from "./groups.ts";
import { NdrReader } from "./ndr.ts";
import { present } from "./present.ts";

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
  readonly accountDomainId?: string;
  /** Groups of the computer's domain. */
  readonly accountGroupIds: readonly GroupMembership[];
  /** Groups of no domain. */
  readonly extraSids: readonly SidAndAttributes[];
  /** Groups of other domains. */
  readonly domainGroups: readonly DomainGroups[];
}

/** Decodes a PAC_DEVICE_INFO. */
export function decodeDeviceInfo(octets: Uint8Array): DeviceInfo {
  const ndr = new NdrReader(octets, "PAC_DEVICE_INFO");
  const userId = ndr.uint32();
  const primaryGroupId = ndr.uint32();
  const hasDomain = ndr.pointer();
  const groupCount = ndr.uint32();
  const hasGroups = ndr.pointer();
  const sidCount = ndr.uint32();
  const hasSids = ndr.pointer();
  const domainCount = ndr.uint32();
  const hasDomains = ndr.pointer();
  return present<DeviceInfo>({
    userId,
    primaryGroupId,
    accountDomainId: hasDomain ? ndr.sid() : undefined,
    accountGroupIds: groupsOf(ndr, hasGroups, groupCount),
    extraSids: sidsOf(ndr, hasSids, sidCount),
    domainGroups: domainsOf(ndr, hasDomains, domainCount),
  });
}

function domainsOf(ndr: NdrReader, hasDomains: boolean, count: number): readonly DomainGroups[] {
  const row = () => ({ isThere: ndr.pointer(), size: ndr.uint32(), hasGroups: ndr.pointer() });
  return ndr.array(hasDomains, count, 12, row).map(({ isThere, size, hasGroups }) => {
    ndr.mustPoint(isThere, "the SID of a domain");
    return { domainId: ndr.sid(), groupIds: groupsOf(ndr, hasGroups, size) };
  });
}
