import { refuse } from "../checks/index.ts";
import { type GroupMembership, groups, type SidAndAttributes, sids } from "./groups.ts";
import { after, decodeNdr, fileTime, optional, sid, struct, text, uint16, uint32 } from "./ndr.ts";

/** KERB_VALIDATION_INFO (MS-PAC section 2.5): who the user is in Active Directory. Times that mean never are absent. */
export interface LogonInfo {
  /** When the user logged in. */
  readonly logonTime?: Date | undefined;
  /** When the session shall end. */
  readonly logoffTime?: Date | undefined;
  /** When the server shall end it. */
  readonly kickOffTime?: Date | undefined;
  /** When the password was set. */
  readonly passwordLastSet?: Date | undefined;
  /** From when on it may be changed. */
  readonly passwordCanChange?: Date | undefined;
  /** When it ends. */
  readonly passwordMustChange?: Date | undefined;
  /** The account's name. */
  readonly effectiveName: string;
  /** The person's name. */
  readonly fullName: string;
  /** The path of the logon script. */
  readonly logonScript: string;
  /** The path of the profile. */
  readonly profilePath: string;
  /** The path of the home directory. */
  readonly homeDirectory: string;
  /** The letter of its drive. */
  readonly homeDirectoryDrive: string;
  /** How often the user has logged in. */
  readonly logonCount: number;
  /** How many passwords were wrong since. */
  readonly badPasswordCount: number;
  /** The last part of the user's SID. */
  readonly userId: number;
  /** The last part of the primary group's SID. */
  readonly primaryGroupId: number;
  /** Groups of the domain {@link logonDomainId}. */
  readonly groupIds: readonly GroupMembership[];
  /** Which optional parts there are, as bits. */
  readonly userFlags: number;
  /** The KDC that logged the user in, by its NetBIOS name. */
  readonly logonServer: string;
  /** The domain, by its NetBIOS name. */
  readonly logonDomainName: string;
  /** The domain's SID. */
  readonly logonDomainId?: string | undefined;
  /** Bits of the account (MS-SAMR section 2.2.1.12). */
  readonly userAccountControl: number;
  /** Groups of any domain. */
  readonly extraSids: readonly SidAndAttributes[];
  /** The SID of the domain that the resource groups are of. */
  readonly resourceGroupDomainSid?: string | undefined;
  /** Groups of the domain {@link resourceGroupDomainSid}. */
  readonly resourceGroupIds: readonly GroupMembership[];
}

const TYPE = /* @__PURE__ */ struct<LogonInfo>({
  logonTime: fileTime,
  logoffTime: fileTime,
  kickOffTime: fileTime,
  passwordLastSet: fileTime,
  passwordCanChange: fileTime,
  passwordMustChange: fileTime,
  effectiveName: text,
  fullName: text,
  logonScript: text,
  profilePath: text,
  homeDirectory: text,
  homeDirectoryDrive: text,
  logonCount: uint16,
  badPasswordCount: uint16,
  userId: uint32,
  primaryGroupId: uint32,
  groupIds: groups,
  userFlags: uint32,
  // Behind the UserSessionKey, which is for NTLM.
  logonServer: after(16, text),
  logonDomainName: text,
  logonDomainId: optional(sid),
  // Behind Reserved1.
  userAccountControl: after(8, uint32),
  // Behind SubAuthStatus, LastSuccessfulILogon, LastFailedILogon, FailedILogonCount and Reserved3.
  extraSids: after(28, sids),
  resourceGroupDomainSid: optional(sid),
  resourceGroupIds: groups,
});

/** Decodes a KERB_VALIDATION_INFO. */
export function decodeLogonInfo(octets: Uint8Array): LogonInfo {
  return decodeNdr(octets, "KERB_VALIDATION_INFO", TYPE);
}

/**
 * The SIDs of the user and of every group, each once: what an access rule is held against. SIDs of foreign domains are
 * among them, as the KDC left them.
 *
 * @param info what {@link decodePac} gave
 * @returns the SIDs, the user's own first
 * @example
 * ```ts
 * import { decodePac, sidsOfLogon } from "krb5-remctl/pac";
 *
 * const { logonInfo } = decodePac(octets);
 * const isAdmin = logonInfo !== undefined && sidsOfLogon(logonInfo).some((sid) => sid.endsWith("-512"));
 * ```
 */
export function sidsOfLogon(info: LogonInfo): readonly string[] {
  if (!Array.isArray((info as LogonInfo | undefined | null)?.groupIds)) refuse("info", info, "the logonInfo of a PAC");
  const { logonDomainId, userId, primaryGroupId, groupIds, extraSids, resourceGroupDomainSid } = info;
  const within = (domain: string | undefined, ids: readonly number[]): string[] =>
    domain === undefined ? [] : ids.map((id) => `${domain}-${id}`);
  const relative = ({ relativeId }: GroupMembership): number => relativeId;
  return [
    ...new Set([
      ...within(logonDomainId, [userId, primaryGroupId, ...groupIds.map(relative)]),
      ...extraSids.map(({ sid }) => sid),
      ...within(resourceGroupDomainSid, info.resourceGroupIds.map(relative)),
    ]),
  ];
}
