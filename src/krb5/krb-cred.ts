import type { EncTypeSet, ProtocolKey } from "../crypto/index.ts";
import { ProtocolError } from "../errors.ts";
import { KEY_USAGE, MESSAGE_TYPE } from "../iana/index.ts";
import type { AuthenticatorTime } from "./authenticator-clock.ts";
import { importEncryptionKey, openData, sealData } from "./encrypted-data.ts";
import {
  decodeEncKrbCredPart,
  decodeKrbCred,
  encodeEncKrbCredPart,
  encodeKrbCred,
  encodeTicket,
  type KrbCredInfo,
} from "./messages/index.ts";
import { toPrincipal, toPrincipalName } from "./principal.ts";
import { hideTicket, type ServiceTicket } from "./ticket-source.ts";

/** Tickets with their session keys, to hand on (RFC 4120 section 5.8): sealed under a key that the receiver has. */
export function sealCred(key: ProtocolKey, tickets: readonly ServiceTicket[], time: AuthenticatorTime): Uint8Array {
  const plaintext = encodeEncKrbCredPart({
    ticketInfo: tickets.map(infoOf),
    timestamp: time.ctime,
    usec: time.cusec,
  });
  const octets = encodeKrbCred({
    pvno: 5,
    msgType: MESSAGE_TYPE.krbCred,
    tickets: tickets.map(({ ticket }) => ({ octets: ticket })),
    encPart: sealData(key, KEY_USAGE.krbCredEncPart, plaintext),
  });
  plaintext.fill(0);
  return octets;
}

/**
 * The tickets of a KRB-CRED (RFC 4120 section 3.6.2). Throws DecodeError, CryptoError if it does not open with the key
 * or a session key is of no permitted enctype, ProtocolError `REPLY_MODIFIED` if tickets and keys are not as many or a
 * name is missing.
 */
export function openCred(
  key: ProtocolKey,
  octets: Uint8Array,
  encTypes: EncTypeSet,
  options: { readonly clockOffsetMs?: number } = {},
): ServiceTicket[] {
  const { tickets, encPart } = decodeKrbCred(octets);
  const plaintext = openData(key, KEY_USAGE.krbCredEncPart, encPart);
  try {
    const { ticketInfo } = decodeEncKrbCredPart(plaintext);
    // A list that is shorter than the other was a fault of MIT krb5.
    if (ticketInfo.length !== tickets.length) {
      throw refused(`it has ${tickets.length} tickets and what belongs to ${ticketInfo.length}`);
    }
    return ticketInfo.map((info, at) => {
      const ticket = encodeTicket(tickets[at] as (typeof tickets)[number]).slice();
      return ticketOf(info, ticket, encTypes, options.clockOffsetMs ?? 0);
    });
  } finally {
    plaintext.fill(0);
  }
}

function infoOf(from: ServiceTicket): KrbCredInfo {
  const { sessionKey, client, service, addresses = [] } = from;
  return {
    key: { keytype: sessionKey.encType.etype, keyvalue: sessionKey.octets },
    prealm: client.realm,
    pname: toPrincipalName(client),
    flags: from.flags,
    authtime: from.authTime,
    starttime: from.startTime,
    endtime: from.endTime,
    ...(from.renewTill === undefined ? {} : { renewTill: from.renewTill }),
    srealm: service.realm,
    sname: toPrincipalName(service),
    ...(addresses.length === 0
      ? {}
      : { caddr: addresses.map(({ type, octets }) => ({ addrType: type, address: octets })) }),
  };
}

function ticketOf(info: KrbCredInfo, ticket: Uint8Array, encTypes: EncTypeSet, clockOffsetMs: number): ServiceTicket {
  const { prealm, pname, srealm, sname, endtime, renewTill } = info;
  if (prealm === undefined || pname === undefined || srealm === undefined || sname === undefined) {
    throw refused("a ticket without the names of its client and service");
  }
  if (endtime === undefined) throw refused("a ticket without its end");
  const startTime = info.starttime ?? info.authtime ?? new Date(0);
  const addresses = info.caddr?.map(({ addrType, address }) => ({ type: addrType, octets: address.slice() })) ?? [];
  const taken = {
    client: toPrincipal(prealm, pname),
    service: toPrincipal(srealm, sname),
    sessionKey: importEncryptionKey(encTypes, info.key),
    ticket,
    flags: info.flags ?? 0,
    authTime: info.authtime ?? startTime,
    startTime,
    endTime: endtime,
    ...(renewTill === undefined ? {} : { renewTill }),
    ...(addresses.length === 0 ? {} : { addresses }),
    clockOffsetMs,
  };
  return hideTicket(taken);
}

function refused(what: string): ProtocolError {
  return new ProtocolError(
    "REPLY_MODIFIED",
    `the tickets that were handed on cannot be used: ${what}: let the peer delegate again`,
  );
}
