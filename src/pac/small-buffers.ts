import { Reader } from "../bytes/index.ts";
import { array, dateOfFileTime, decodeNdr, struct, text, utf16 } from "./ndr.ts";
import { present } from "./present.ts";
import { sidFrom } from "./sid.ts";

/** PAC_CLIENT_INFO (MS-PAC section 2.7): whom the KDC made the PAC for, and when that client logged in. */
export interface ClientInfo {
  /** The time of the login, which is the ticket's authtime. */
  readonly clientId?: Date | undefined;
  /** The client's name without its realm, in most cases. */
  readonly name: string;
}

/** UPN_DNS_INFO (MS-PAC section 2.10). */
export interface UpnDnsInfo {
  /** The user principal name, for example `alice@ad.example`. */
  readonly upn: string;
  /** The domain's name in DNS. */
  readonly dnsDomainName: string;
  /** Whether the account lacks a UPN, so that `upn` is made of its name and domain. */
  readonly isConstructed: boolean;
  /** The name before Windows 2000, for example `alice`. */
  readonly samName?: string | undefined;
  /** The user's SID. */
  readonly sid?: string | undefined;
}

/** PAC_ATTRIBUTES_INFO (MS-PAC section 2.14): whether the client asked for the PAC, or got one unasked. */
export interface PacAttributes {
  /** The client asked for it. */
  readonly wasRequested: boolean;
  /** The client said nothing of it, and got one. */
  readonly wasGivenImplicitly: boolean;
}

/** S4U_DELEGATION_INFO (MS-PAC section 2.9): which services have acted for the client. */
export interface DelegationInfo {
  /** The service that the ticket is for. */
  readonly s4u2ProxyTarget: string;
  /** The services on the way, in order. */
  readonly transitedServices: readonly string[];
}

const UPN_IS_CONSTRUCTED = 1;
const UPN_HAS_SAM_NAME_AND_SID = 2;

export function decodeClientInfo(octets: Uint8Array): ClientInfo {
  const reader = new Reader(octets, "PAC_CLIENT_INFO", { littleEndian: true });
  const clientId = dateOfFileTime(reader.uint64());
  const name = reader.bytes(reader.uint16());
  if (name.length % 2 !== 0) reader.fail("half a character of UTF-16");
  return present<ClientInfo>({ clientId, name: utf16(name) });
}

export function decodeUpnDnsInfo(octets: Uint8Array): UpnDnsInfo {
  const reader = new Reader(octets, "UPN_DNS_INFO", { littleEndian: true });
  const part = (): Uint8Array => {
    const length = reader.uint16();
    const offset = reader.uint16();
    if (offset + length > octets.length) reader.fail("a part is not within the buffer");
    return octets.subarray(offset, offset + length);
  };
  const upn = utf16(part());
  const dnsDomainName = utf16(part());
  const flags = reader.uint32();
  const known = { upn, dnsDomainName, isConstructed: (flags & UPN_IS_CONSTRUCTED) !== 0 };
  if ((flags & UPN_HAS_SAM_NAME_AND_SID) === 0) return known;
  return { ...known, samName: utf16(part()), sid: sidFrom(part()) };
}

export function decodeAttributes(octets: Uint8Array): PacAttributes {
  const reader = new Reader(octets, "PAC_ATTRIBUTES_INFO", { littleEndian: true });
  if (reader.uint32() < 2) reader.fail("fewer than two flags");
  const flags = reader.uint32();
  return { wasRequested: (flags & 1) !== 0, wasGivenImplicitly: (flags & 2) !== 0 };
}

const DELEGATION_TYPE = /* @__PURE__ */ struct<DelegationInfo>({
  s4u2ProxyTarget: text,
  transitedServices: array(8, text),
});

export function decodeDelegationInfo(octets: Uint8Array): DelegationInfo {
  return decodeNdr(octets, "S4U_DELEGATION_INFO", DELEGATION_TYPE);
}
