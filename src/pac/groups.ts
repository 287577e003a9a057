import { array, long, type NdrType, plain, required, sid } from "./ndr.ts";

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

/** Groups of a domain that stands elsewhere. */
export const groups: NdrType<readonly GroupMembership[]> = /* @__PURE__ */ array(
  8,
  plain((reader) => ({ relativeId: long(reader), attributes: long(reader) })),
);

/** Groups by their SIDs. */
export const sids: NdrType<readonly SidAndAttributes[]> = /* @__PURE__ */ array(8, (reader) => {
  const later = required("a SID", sid)(reader);
  const attributes = long(reader);
  return () => ({ sid: later(), attributes });
});
