// PACs of Windows, Samba and MIT: each decodes, each checksum is right, and none is with one bit changed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import mit from "../../../krb5-vectors/pac/mit.json" with { type: "json" };
import recorded from "../../../krb5-vectors/pac/tickets.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { createEncTypeSet, strongEncTypes } from "../../../src/crypto/index.ts";
import { decodeEncTicketPart, decodeTicket, openData, parsePrincipal, toPrincipal } from "../../../src/krb5/index.ts";
import { arcfourHmac } from "../../../src/legacy-enctypes/index.ts";
import { decodePac, findPac, sidsOfLogon, type VerifyPacOptions, verifyPac } from "../../../src/pac/index.ts";
import { utf16 } from "../../../src/pac/ndr.ts";
import { providers } from "../crypto/providers.ts";

const tickets = recorded.vectors;
/** Every bit, where the whole table is wanted; else one of each octet. */
const isEveryBit = process.env.CI === "true";
/** Some 10,000 bits, with four checksums each. */
const MANY_BITS_MS = 120_000;

describe.each(providers)("with %s", (_name, provider) => {
  const encTypes = createEncTypeSet([...strongEncTypes, arcfourHmac], provider);
  const keyOf = (etype: number, octets: string) => encTypes.importKey(etype, decodeHex(octets));

  function optionsOf(ticket: (typeof tickets)[number]): VerifyPacOptions & { readonly pac: Uint8Array } {
    const encTicketPart = decodeHex(ticket.encTicketPart);
    const part = decodeEncTicketPart(encTicketPart);
    return {
      serverKey: keyOf(ticket.etype, ticket.serverKey),
      kdcKey: keyOf(18, ticket.krbtgtKey),
      client: toPrincipal(part.crealm, part.cname),
      authTime: part.authtime,
      encTicketPart,
      pac: findPac(part.authorizationData) as Uint8Array,
    };
  }

  it.each(tickets)("$name, $service for $client: every checksum that a KDC made", (ticket) => {
    const { pac, ...options } = optionsOf(ticket);
    expect(encodeHex(pac)).toBe(ticket.pac);
    const verified = verifyPac(pac, options);
    expect([...verified.buffers.keys()]).toEqual(ticket.types);
    expect([...verified.verified].sort()).toEqual([...ticket.verified].sort());
    expect(verified.clientInfo?.name).toBe(ticket.client);
    if (!ticket.types.includes(1)) return;
    const { logonInfo, upnDnsInfo } = verified;
    expect(logonInfo?.effectiveName).toBe(ticket.client);
    expect(upnDnsInfo?.sid).toBe(`${logonInfo?.logonDomainId}-${logonInfo?.userId}`);
    expect(sidsOfLogon(logonInfo as NonNullable<typeof logonInfo>)[0]).toBe(upnDnsInfo?.sid);
  });

  it.each(mit.vectors)("MIT's $name", (vector) => {
    const options = {
      serverKey: keyOf(vector.etype, vector.serverKey),
      client: parsePrincipal(vector.client),
      authTime: new Date(vector.authTime * 1000),
      withRealm: vector.withRealm,
    };
    const pac = decodeHex(vector.pac);
    expect(verifyPac(pac, options).verified).toEqual(["server"]);
    const { krbtgtKey } = vector as { readonly krbtgtKey?: string };
    if (krbtgtKey !== undefined) {
      expect(verifyPac(pac, { ...options, kdcKey: keyOf(vector.etype, krbtgtKey) }).verified).toEqual([
        "server",
        "kdc",
      ]);
    }
    const other = { code: "REPLY_MODIFIED", message: expect.stringContaining("another client's, or of another login") };
    expect(() => verifyPac(pac, { ...options, client: parsePrincipal("eve@ACME.COM") })).toThrow(
      expect.objectContaining(other),
    );
    const later = new Date(+options.authTime + 1000);
    expect(() => verifyPac(pac, { ...options, authTime: later })).toThrow(expect.objectContaining(other));
    expect(() => verifyPac(pac, { ...options, withRealm: !vector.withRealm })).toThrow(expect.objectContaining(other));
  });

  it("MIT's ticket with all four checksums", () => {
    const { ticket, etype, serverKey, krbtgtKey } = mit.ticket;
    const key = keyOf(etype, serverKey);
    const encTicketPart = openData(key, 2, decodeTicket(decodeHex(ticket)).encPart);
    const part = decodeEncTicketPart(encTicketPart);
    const verified = verifyPac(findPac(part.authorizationData) as Uint8Array, {
      serverKey: key,
      kdcKey: keyOf(etype, krbtgtKey),
      client: toPrincipal(part.crealm, part.cname),
      authTime: part.authtime,
      encTicketPart,
    });
    expect(verified.verified).toEqual(["server", "kdc", "ticket", "full"]);
  });

  /** A PAC is refused by a typed error with any one bit changed. */
  function expectNoBitChanges(pac: Uint8Array, options: VerifyPacOptions): void {
    const taken: string[] = [];
    for (let at = 0; at < pac.length; at++) {
      for (const bit of isEveryBit ? [0, 1, 2, 3, 4, 5, 6, 7] : [at & 7]) {
        const changed = pac.slice();
        (changed[at] as number) ^= 1 << bit;
        try {
          verifyPac(changed, options);
          taken.push(`${at}.${bit}`);
        } catch (error) {
          if (!/^(?:INTEGRITY|DECODE|REPLY_MODIFIED)$/.test((error as { code: string }).code)) throw error;
        }
      }
    }
    // What no key given here is for says nothing: the octets of the KDC's signatures (MS-PAC section 2.8).
    const { buffers } = decodePac(pac);
    const unsigned = (options.kdcKey === undefined ? [7] : []).flatMap((type) => {
      const { offset = 0, data = new Uint8Array() } = buffers.get(type) ?? {};
      return Array.from(data.subarray(4), (_, at) => offset + 4 + at);
    });
    expect(taken.filter((at) => !unsigned.includes(Number.parseInt(at, 10)))).toEqual([]);
  }

  it.each(tickets)("$name: no bit of it may change", { timeout: MANY_BITS_MS }, (ticket) => {
    const { pac, ...options } = optionsOf(ticket);
    verifyPac(pac, options);
    expectNoBitChanges(pac, options);
  });

  it.each(mit.vectors)("MIT's $name: no bit of it may change", { timeout: MANY_BITS_MS }, (vector) => {
    const options = {
      serverKey: keyOf(vector.etype, vector.serverKey),
      client: parsePrincipal(vector.client),
      authTime: new Date(vector.authTime * 1000),
      withRealm: vector.withRealm,
    };
    const { krbtgtKey } = vector as { readonly krbtgtKey?: string };
    const kdcKey = krbtgtKey === undefined ? {} : { kdcKey: keyOf(vector.etype, krbtgtKey) };
    const pac = decodeHex(vector.pac);
    verifyPac(pac, { ...options, ...kdcKey });
    expectNoBitChanges(pac, { ...options, ...kdcKey });
  });

  it("a checksum of another key's type, or of none, proves nothing (CVE-2014-6324)", () => {
    const ticket = tickets.find(({ name }) => name.includes("4.17-tgt")) as (typeof tickets)[number];
    const { pac, ...options } = optionsOf(ticket);
    const { offset } = decodePac(pac).buffers.get(6) as { offset: number };
    for (const type of [0, 7, 15, 19, -138]) {
      const changed = pac.slice();
      new DataView(changed.buffer).setInt32(offset, type, true);
      expect(() => verifyPac(changed, options), `type ${type}`).toThrow();
    }
    for (const missing of [6, 7]) {
      const changed = pac.slice();
      const at = 8 + 16 * ticket.types.indexOf(missing);
      new DataView(changed.buffer).setUint32(at, 99, true);
      expect(() => verifyPac(changed, options)).toThrow(expect.objectContaining({ code: "INTEGRITY" }));
    }
  });
});

describe("octets that are not a PAC", () => {
  const refused = { code: "DECODE" };

  it.each(mit.refused)("MIT's fuzzed ones: %s", (octets) => {
    expect(() => decodePac(decodeHex(octets))).toThrow(expect.objectContaining(refused));
  });

  it("buffers that wrap, overlap, or begin where they may not (CVE-2022-42898)", () => {
    const frame = (entries: readonly (readonly [type: number, size: number, offset: bigint])[], more = 64) => {
      const octets = new Uint8Array(8 + 16 * entries.length + more);
      const view = new DataView(octets.buffer);
      view.setUint32(0, entries.length, true);
      for (const [i, [type, size, offset]] of entries.entries()) {
        view.setUint32(8 + 16 * i, type, true);
        view.setUint32(12 + 16 * i, size, true);
        view.setBigUint64(16 + 16 * i, offset, true);
      }
      return octets;
    };
    expect(decodePac(frame([[99, 8, 24n]])).buffers.size).toBe(1);
    const max = 0xffff_ffff_ffff_fff8n;
    for (const entries of [
      [[99, 8, max]],
      [[99, 0xffffffff, 24n]],
      [[99, 8, 28n]],
      [[99, 8, 8n]],
      [[99, 65, 24n]],
      [
        [98, 16, 40n],
        [99, 16, 48n],
      ],
    ] as const) {
      expect(() => decodePac(frame(entries)), String(entries)).toThrow(expect.objectContaining(refused));
    }
    const many = frame([]);
    new DataView(many.buffer).setUint32(0, 0xffffffff, true);
    expect(() => decodePac(many)).toThrow(expect.objectContaining(refused));
  });

  it("an end at any octet, and any octet changed: a DecodeError or a PAC, within little time", () => {
    const pac = decodeHex(tickets.find(({ name }) => name.includes("4.17-s4u-2"))?.pac as string);
    for (let end = 0; end < pac.length; end++) {
      expect(() => decodePac(pac.subarray(0, end))).toThrow(expect.objectContaining(refused));
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(pac.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (changes) => {
          const changed = pac.slice();
          for (const [at, octet] of changes) changed[at] = octet;
          try {
            decodePac(changed);
          } catch (error) {
            expect(error).toMatchObject(refused);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

it("a mark of byte order is a character of a name: with and without it are two names", () => {
  expect(utf16(Uint8Array.of(0xff, 0xfe, 0x61, 0))).toBe("\ufeffa");
  expect(utf16(Uint8Array.of(0x61, 0, 0x62))).toBe("a");
});

it("who acted for the client (S4U2Proxy)", () => {
  const pac = decodePac(decodeHex(tickets.find(({ name }) => name === "pac-samba-4.17-s4u-2")?.pac as string));
  expect(pac.delegationInfo?.s4u2ProxyTarget).toBe("svc/back.ad.test");
  expect(pac.delegationInfo?.transitedServices).toHaveLength(1);
});

it("groups by their SIDs, and whether the PAC was asked for", () => {
  const pac = decodePac(
    decodeHex(tickets.find(({ name }) => name === "pac-samba-4.17-tgt-and-service-0")?.pac as string),
  );
  const { logonInfo, attributes, requestor, upnDnsInfo } = pac;
  expect(logonInfo?.logonDomainName).toBe("ADTEST");
  expect(logonInfo?.passwordMustChange).toBeInstanceOf(Date);
  expect(logonInfo?.logoffTime).toBeUndefined();
  const sids = sidsOfLogon(logonInfo as NonNullable<typeof logonInfo>);
  expect(sids).toContain(`${logonInfo?.logonDomainId}-513`);
  // The login said nothing of a PAC.
  expect(attributes).toEqual({ wasRequested: false, wasGivenImplicitly: true });
  expect(requestor).toBe(upnDnsInfo?.sid);
});
