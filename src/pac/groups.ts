import type { NdrReader } from "./ndr.ts";

/** A group of the user's own domain, or of a resource's (MS-PAC section 2.2.2). */
export interface GroupMembership {
  /** The last part of the group's SID. */
  readonly relativeId: number;
  /** SE_GROUP bits. */
  readonly attributes: number;
}

/** A group by its whole SID (MS-PAC section 2.2.1). */
export interface SidAndAttributes {
  /** The SID, for example `S-1-18-1`. */
  readonly sid: string;
  /** SE_GROUP bits. */
  readonly attributes: number;
}

export function groupsOf(ndr: NdrReader, isThere: boolean, count: number): readonly GroupMembership[] {
  return ndr.array(isThere, count, 8, () => ({ relativeId: ndr.uint32(), attributes: ndr.uint32() }));
}

export function sidsOf(ndr: NdrReader, hasSids: boolean, count: number): readonly SidAndAttributes[] {
  const entries = ndr.array(hasSids, count, 8, () => ({ isThere: ndr.pointer(), attributes: ndr.uint32() }));
  return entries.map(({ isThere, attributes }) => {
    ndr.mustPoint(isThere, "a SID");
    return { sid: ndr.sid(), attributes };
  });
}
