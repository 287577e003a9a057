// PACs that are signed well, and are to be refused or read with care all the same.

import { expect, it } from "vitest";
import { makeKeyedChecksum } from "../../../src/crypto/index.ts";
import { encodeAuthorizationData, encodeEncTicketPart } from "../../../src/krb5/index.ts";
import { decodePac, findPac, ticketAuthorization, verifyPac } from "../../../src/pac/index.ts";
import { sidOctets } from "../../../src/testing/kdc/pac/ndr-writer.ts";
import { recordedPac, signedAgain } from "../../support/signed-pac.ts";

const integrity = expect.objectContaining({ code: "INTEGRITY" });
const { pac, part, options } = recordedPac("pac-samba-4.17-tgt-and-service-1");
const { kdcKey: _, ...asService } = options;

/** The PAC with a number of 32 bits in a place, signed again by the service's key alone. */
function changed(at: number, value: number): Uint8Array {
  const copy = pac.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

it("CVE-2014-6324: a checksum of the type of a shorter key is refused, though its octets are right", () => {
  const { offset = 0 } = decodePac(pac).buffers.get(6) ?? {};
  expect(options.serverKey.encType.checksumType).toBe(16);
  expect(verifyPac(signedAgain(changed(offset, 16), options), asService).verified).toEqual(["server"]);
  // Both have 12 octets (RFC 3962 section 7).
  expect(() => verifyPac(signedAgain(changed(offset, 15), options), asService)).toThrow(integrity);
});

it("a PAC without the KDC's checksum is refused by a service too, though the service's own is right", () => {
  const place = [...decodePac(pac).buffers.keys()].indexOf(7);
  const without = changed(8 + 16 * place, 99);
  const { offset = 0, data = pac } = decodePac(pac).buffers.get(6) ?? {};
  without.fill(0, offset + 4, offset + data.length);
  without.set(makeKeyedChecksum(options.serverKey, 17, without).checksum, offset + 4);
  expect(() => verifyPac(without, asService)).toThrow(integrity);
});

it("the ticket's checksum is over the ticket, and verified where the ticket is given", () => {
  expect(verifyPac(pac, options).verified).toContain("ticket");
  const { encTicketPart: __, ...without } = options;
  expect(verifyPac(pac, without).verified).not.toContain("ticket");
  const longer = encodeEncTicketPart({ ...part, endtime: new Date(+part.endtime + 1000) });
  expect(() => verifyPac(pac, { ...options, encTicketPart: longer })).toThrow(integrity);
});

it("a group that is there to deny with (SE_GROUP_USE_FOR_DENY_ONLY) is none of a context's SIDs", () => {
  const { logonInfo, buffers } = decodePac(pac);
  const group = logonInfo?.groupIds.find(({ relativeId }) => relativeId !== logonInfo.primaryGroupId);
  const [extra] = logonInfo?.extraSids ?? [];
  if (group === undefined || extra === undefined) throw new Error("no group");
  const pair = Buffer.alloc(8);
  pair.writeUInt32LE(group.relativeId);
  pair.writeUInt32LE(group.attributes, 4);
  const { offset = 0 } = buffers.get(1) ?? {};
  // Behind the group's number; and before the SID and its count.
  const places = [
    [`${logonInfo?.logonDomainId}-${group.relativeId}`, Buffer.from(pac).indexOf(pair, offset) + 4],
    [extra.sid, Buffer.from(pac).indexOf(sidOctets(extra.sid), offset) - 8],
  ] as const;
  const sidsOf = (octets: Uint8Array): readonly string[] => {
    const adData = encodeAuthorizationData([{ adType: 128, adData: octets }]);
    const { client, authTime, serverKey: key } = options;
    return ticketAuthorization().read({ client, authTime, key, elements: [{ adType: 1, adData }] }).sids;
  };
  const all = sidsOf(pac);
  for (const [sid, at] of places) {
    expect(all).toContain(sid);
    expect(sidsOf(signedAgain(changed(at, 0x17), options))).toEqual(all.filter((one) => one !== sid));
  }
});

it("a PAC counts within AD-IF-RELEVANT alone, the first that is there", () => {
  const within = (adType: number, ...list: number[]) => ({
    adType,
    adData: encodeAuthorizationData(list.map((octet) => ({ adType: 128, adData: Uint8Array.of(octet) }))),
  });
  const other = { adType: 1, adData: encodeAuthorizationData([{ adType: 129, adData: Uint8Array.of(7) }]) };
  expect(findPac([within(4, 1)])).toBeUndefined();
  expect(findPac([{ adType: 128, adData: pac }])).toBeUndefined();
  expect(findPac([within(4, 1), other, within(1, 2, 3), within(1, 4)])).toEqual(Uint8Array.of(2));
  expect(() => findPac([null as never])).toThrow(/data\[0\]/);
});
