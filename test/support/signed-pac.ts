// PACs that Samba made, with the keys that it signed them with: what an attacker who has one of the keys could make of
// them.

import recorded from "../../krb5-vectors/pac/tickets.json" with { type: "json" };
import { decodeHex } from "../../src/bytes/index.ts";
import { makeKeyedChecksum, type ProtocolKey } from "../../src/crypto/index.ts";
import { decodeEncTicketPart, type EncTicketPart, toPrincipal } from "../../src/krb5/index.ts";
import { decodePac, type VerifyPacOptions } from "../../src/pac/index.ts";
import { encTypes } from "../unit/gssapi/pair.ts";

/** A recorded ticket: its PAC, and what it is verified with. */
export interface RecordedPac {
  readonly pac: Uint8Array;
  readonly part: EncTicketPart;
  readonly options: VerifyPacOptions & { readonly kdcKey: ProtocolKey; readonly encTicketPart: Uint8Array };
}

/** The recorded ticket of a name. */
export function recordedPac(name: string): RecordedPac {
  const ticket = recorded.vectors.find((one) => one.name === name);
  if (ticket === undefined) throw new Error(`no recorded ticket is called ${name}`);
  const encTicketPart = decodeHex(ticket.encTicketPart);
  const part = decodeEncTicketPart(encTicketPart);
  const options = {
    serverKey: encTypes.importKey(ticket.etype, decodeHex(ticket.serverKey)),
    kdcKey: encTypes.importKey(18, decodeHex(ticket.krbtgtKey)),
    client: toPrincipal(part.crealm, part.cname),
    authTime: part.authtime,
    encTicketPart,
  };
  return { pac: decodeHex(ticket.pac), part, options };
}

/** Signs the changed PAC again: for the service, and over that for the KDC. The other checksums stay. */
export function signedAgain(pac: Uint8Array, { serverKey, kdcKey }: RecordedPac["options"]): Uint8Array {
  const signed = pac.slice();
  const { buffers } = decodePac(pac);
  const placeOf = (type: number): [start: number, end: number] => {
    const { offset = 0, data = new Uint8Array(0) } = buffers.get(type) ?? {};
    return [offset + 4, offset + data.length];
  };
  const [server, kdc] = [placeOf(6), placeOf(7)];
  signed.fill(0, ...server).fill(0, ...kdc);
  const { checksum } = makeKeyedChecksum(serverKey, 17, signed);
  signed.set(checksum, server[0]);
  signed.set(makeKeyedChecksum(kdcKey, 17, checksum).checksum, kdc[0]);
  return signed;
}
