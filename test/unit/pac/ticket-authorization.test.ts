// What a ticket says of its client beside the name: proven, or not told.

import { describe, expect, it } from "vitest";
import recorded from "../../../krb5-vectors/pac/tickets.json" with { type: "json" };
import { decodeHex } from "../../../src/bytes/index.ts";
import { createEncTypeSet, loadNobleProvider, strongEncTypes } from "../../../src/crypto/index.ts";
import {
  type AuthorizationData,
  decodeAuthorizationData,
  decodeEncTicketPart,
  encodeAuthorizationData,
  parsePrincipal,
  toPrincipal,
} from "../../../src/krb5/index.ts";
import { type OpenedAuthorization, ticketAuthorization } from "../../../src/pac/index.ts";

const encTypes = createEncTypeSet(strongEncTypes, await loadNobleProvider());

function ticketOf(name: string): OpenedAuthorization & { readonly elements: AuthorizationData } {
  const ticket = recorded.vectors.find((one) => one.name === name);
  if (ticket === undefined) throw new Error(`no ticket ${name}`);
  const part = decodeEncTicketPart(decodeHex(ticket.encTicketPart));
  return {
    client: toPrincipal(part.crealm, part.cname),
    authTime: part.authtime,
    elements: part.authorizationData ?? [],
    key: encTypes.importKey(ticket.etype, decodeHex(ticket.serverKey)),
  };
}

const withIndicators = ticketOf("pac-mit-1.20-indicators-1");
const ofSamba = ticketOf("pac-samba-4.17-tgt-and-service-1");
const read = (ticket: OpenedAuthorization, requirePac = false) => ticketAuthorization({ requirePac }).read(ticket);

/** The same ticket with the elements inside AD-IF-RELEVANT changed. */
function changed(
  ticket: OpenedAuthorization & { readonly elements: AuthorizationData },
  change: (element: AuthorizationData[number]) => AuthorizationData,
): OpenedAuthorization {
  const elements = ticket.elements.map(({ adType, adData }) => ({
    adType,
    adData: encodeAuthorizationData(decodeAuthorizationData(adData).flatMap(change)),
  }));
  return { ...ticket, elements };
}

describe("indicators (RFC 7751, RFC 8129)", () => {
  it("MIT's, and none where there are none", () => {
    expect(read(withIndicators).indicators).toEqual(["pkinit"]);
    expect(read(ofSamba).indicators).toEqual([]);
    expect(read({ ...ofSamba, elements: undefined })).toMatchObject({ indicators: [], sids: [], pac: undefined });
  });

  it("AZ1: no bit of what the KDC vouches for may change, and another key's word is nothing", () => {
    const [cammac] = withIndicators.elements
      .flatMap(({ adData }) => decodeAuthorizationData(adData))
      .filter(({ adType }) => adType === 96);
    const octets = cammac?.adData as Uint8Array;
    // "pkinit" becomes "qkinit".
    const at = Buffer.from(octets).indexOf("pkinit");
    const forged = changed(withIndicators, (one) => {
      if (one.adType !== 96) return [one];
      const adData = one.adData.slice();
      adData[at] = 0x71;
      return [{ ...one, adData }];
    });
    expect(() => read(forged).indicators).toThrow(expect.objectContaining({ code: "INTEGRITY" }));
    const otherKey = { ...withIndicators, key: encTypes.generateKey(18) };
    expect(() => read(otherKey).indicators).toThrow(expect.objectContaining({ code: "INTEGRITY" }));
  });

  it("AZ2: what has no verifier for the service, or stands outside of a CAMMAC, is a claim of the client", () => {
    const indicator = { adType: 97, adData: Uint8Array.from(Buffer.from("30080c06706b696e6974", "hex")) };
    const bare = changed(withIndicators, (one) => (one.adType === 96 ? [indicator] : [one]));
    expect(read(bare).indicators).toEqual([]);
    const elements = Buffer.from(encodeAuthorizationData([indicator]));
    const wrapped = Buffer.concat([Buffer.of(0xa0, elements.length), elements]);
    const cammac = Buffer.concat([Buffer.of(0x30, wrapped.length), wrapped]);
    const unproven = changed(withIndicators, (one) => (one.adType === 96 ? [{ ...one, adData: cammac }] : [one]));
    expect(read(unproven).indicators).toEqual([]);
    expect(read({ ...withIndicators, elements: [indicator] }).indicators).toEqual([]);
  });
});

describe("the PAC", () => {
  it("is verified when it is asked for, once, and says the SIDs of the user and the groups", () => {
    const authorization = read(ofSamba);
    expect(authorization.pac?.verified).toEqual(["server"]);
    expect(authorization.pac).toBe(authorization.pac);
    expect(authorization.sids[0]).toBe(authorization.pac?.upnDnsInfo?.sid);
    expect(authorization.sids.length).toBeGreaterThan(2);
    expect(JSON.stringify(authorization)).toBe("{}");
  });

  it("AZ3: of another client, or changed, gives no SIDs but an error; where it is required the ticket is refused", () => {
    const another = { ...ofSamba, client: parsePrincipal("eve@AD.TEST") };
    expect(() => read(another).sids).toThrow(expect.objectContaining({ code: "REPLY_MODIFIED" }));
    expect(() => read(another, true)).toThrow(expect.objectContaining({ code: "REPLY_MODIFIED" }));
    const forged = changed(ofSamba, (one) => {
      const adData = one.adData.slice();
      if (one.adType === 128) adData[200] = (adData[200] ?? 0) ^ 1;
      return [{ ...one, adData }];
    });
    expect(() => read(forged).sids).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/INTEGRITY|DECODE/) }),
    );
    expect(() => read(forged, true)).toThrow();
  });

  it("AZ4: a ticket without one is refused where one is required", () => {
    const without = changed(ofSamba, (one) => (one.adType === 128 ? [] : [one]));
    expect(read(without).sids).toEqual([]);
    expect(() => read(without, true)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("has no PAC") }),
    );
    expect(read(ofSamba, true).pac).toBeDefined();
  });
});
