// Every refusal of what a KDC writes in a PAC, each by a structure that is whole but for that; and their bounds.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { decodeEncTicketPart, encodeAuthorizationData, encodeEncTicketPart } from "../../../src/krb5/index.ts";
import { withoutPac } from "../../../src/pac/authorization-data.ts";
import { decodeSignature } from "../../../src/pac/checksums.ts";
import { decodePac, type LogonInfo, openPacCredentials, sidsOfLogon, verifyPac } from "../../../src/pac/index.ts";
import { dateOfFileTime } from "../../../src/pac/ndr.ts";
import { sidFrom } from "../../../src/pac/sid.ts";
import { NdrWriter, sidOctets } from "../../../src/testing/kdc/pac/ndr-writer.ts";
import { pacOf } from "../../support/pac-of.ts";
import { recordedPac } from "../../support/signed-pac.ts";
import { encTypes } from "../gssapi/pair.ts";

const ndr = (): NdrWriter => new NdrWriter();
const words = (text: string) => expect.objectContaining({ code: "DECODE", message: expect.stringContaining(text) });

interface LogonParts {
  /** Bytes that the name says it has, and the counts of its array. */
  readonly name?: readonly [bytes: number, most: number, skipped: number, length: number];
  readonly groups?: readonly [count: number, isThere: boolean, said: number];
  readonly sids?: readonly [count: number, isThere: boolean, said: number, isSid: boolean];
  readonly resource?: readonly [hasDomain: boolean, count: number, isThere: boolean];
  readonly domain?: boolean;
}

/** A KERB_VALIDATION_INFO of bob, RID 1104, in group 513 and in `S-1-18-1`. */
function logon({
  name: [bytes, most, skipped, length] = [6, 3, 0, 3],
  groups: [groupCount, hasGroups, groupsSaid] = [1, true, 1],
  sids: [sidCount, hasSids, sidsSaid, isSid] = [1, true, 1, true],
  resource: [hasResource, resourceCount, hasResourceGroups] = [true, 1, true],
  domain = true,
}: LogonParts = {}): Uint8Array {
  const w = ndr();
  for (let i = 0; i < 6; i++) w.fileTime(i === 0 ? 132_000_000_000_000_000n : 0n);
  w.uint16(bytes).uint16(bytes).pointer(true);
  for (let i = 0; i < 5; i++) w.uint16(0).uint16(0).pointer(false);
  w.uint16(3).uint16(2).uint32(1104).uint32(513).uint32(groupCount).pointer(hasGroups).uint32(0x20);
  w.bytes(new Uint8Array(16));
  w.uint16(0).uint16(0).pointer(false).uint16(0).uint16(0).pointer(false).pointer(domain);
  w.bytes(new Uint8Array(8)).uint32(0x210).bytes(new Uint8Array(28));
  w.uint32(sidCount).pointer(hasSids).pointer(hasResource).uint32(resourceCount).pointer(hasResourceGroups);
  w.uint32(most).uint32(skipped).uint32(length).bytes(new TextEncoder().encode("b\0o\0b\0"));
  if (hasGroups) w.uint32(groupsSaid).uint32(513).uint32(7);
  if (domain) w.sid("S-1-5-21-1-2-3");
  if (hasSids) {
    w.uint32(sidsSaid).pointer(isSid).uint32(7);
    if (isSid) w.sid("S-1-18-1");
  }
  if (hasResource) w.sid("S-1-5-21-4-5-6");
  if (hasResourceGroups) w.uint32(1).uint32(1200).uint32(7);
  return w.finish();
}

describe("the logon information", () => {
  it("gives each group its own domain, and nothing for a domain that it lacks", () => {
    const { logonInfo } = pacOf(1, logon());
    expect(logonInfo).toMatchObject({ effectiveName: "bob", logonCount: 3, badPasswordCount: 2, fullName: "" });
    expect(logonInfo?.logonTime).toEqual(new Date(1_555_526_400_000));
    const sids = ["S-1-5-21-1-2-3-1104", "S-1-5-21-1-2-3-513", "S-1-18-1", "S-1-5-21-4-5-6-1200"];
    expect(sidsOfLogon(logonInfo as LogonInfo)).toEqual(sids);
    const bare = pacOf(1, logon({ domain: false, groups: [0, false, 0], sids: [0, false, 0, false] })).logonInfo;
    expect(bare).not.toHaveProperty("logonDomainId");
    expect(sidsOfLogon(bare as LogonInfo)).toEqual(["S-1-5-21-4-5-6-1200"]);
    const foreign = pacOf(1, logon({ resource: [false, 0, false] })).logonInfo;
    expect(foreign).toMatchObject({ resourceGroupIds: [] });
    expect(foreign).not.toHaveProperty("resourceGroupDomainSid");
  });

  it.each<[string, LogonParts]>([
    ["a null pointer where 1 elements are announced", { groups: [1, false, 0] }],
    ["an array of 2 elements where 1 are announced", { groups: [1, true, 2] }],
    ["a null pointer where 1 elements are announced", { sids: [1, false, 0, false] }],
    ["an array of 2 elements where 1 are announced", { sids: [1, true, 2, true] }],
    ["a SID that is a null pointer", { sids: [1, true, 1, false] }],
    ["a null pointer where 1 elements are announced", { resource: [true, 1, false] }],
    ["the lengths of a text do not fit each other", { name: [5, 3, 0, 3] }],
    ["the lengths of a text do not fit each other", { name: [8, 3, 0, 3] }],
    ["the lengths of a text do not fit each other", { name: [6, 2, 0, 3] }],
    ["the lengths of a text do not fit each other", { name: [6, 4, 1, 3] }],
    ["an array of 268435456 elements is cut off", { groups: [0x1000_0000, true, 0x1000_0000] }],
  ])("%s: %j", (text, parts) => {
    expect(() => pacOf(1, logon(parts))).toThrow(words(text));
  });

  it("a name with room behind it is a name", () => {
    expect(pacOf(1, logon({ name: [4, 7, 0, 3] })).logonInfo?.effectiveName).toBe("bo");
  });

  it("a header of another type, a length behind the end, and a null pointer are refused", () => {
    const good = logon();
    const changed = (at: number, value: number): Uint8Array => {
      const copy = good.slice();
      copy[at] = value;
      return copy;
    };
    for (let at = 0; at < 8; at++) {
      expect(() => pacOf(1, changed(at, 0x55)), String(at)).toThrow(words("the header of the serialized type"));
    }
    expect(() => pacOf(1, changed(8, (good[8] as number) + 1))).toThrow(words("it says that it has"));
    const none = good.slice();
    none.fill(0, 16, 20);
    expect(() => pacOf(1, none)).toThrow(words("it is a null pointer"));
  });
});

describe("SIDs", () => {
  it("have revision 1, up to 15 parts, 48 bits of authority, and nothing behind them", () => {
    const most = `S-1-5${"-7".repeat(15)}`;
    expect(sidFrom(sidOctets(most))).toBe(most);
    expect(sidFrom(Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 2))).toBe("S-1-1099511627778");
    expect(sidFrom(sidOctets("S-1-5-4294967295"))).toBe("S-1-5-4294967295");
    const first = sidOctets("S-1-5-7");
    expect(() => sidFrom(sidOctets(`${most}-7`))).toThrow(words("a SID of 16 sub-authorities"));
    expect(() => sidFrom(Uint8Array.of(2, ...first.subarray(1)))).toThrow(words("a SID of revision 2"));
    expect(() => sidFrom(concat(first, Uint8Array.of(0)))).toThrow(words("octets behind a SID"));
    expect(() => sidFrom(first.subarray(0, -1))).toThrow(expect.objectContaining({ code: "DECODE" }));
  });

  it("say their count twice alike", () => {
    const octets = logon();
    const at = octets.findIndex((octet, i) => octet === 4 && octets[i + 4] === 1 && octets[i + 5] === 4);
    octets[at] = 3;
    expect(() => pacOf(1, octets)).toThrow(words("a SID of 4 sub-authorities where 3 are announced"));
  });
});

describe("times", () => {
  it("are in units of 100 ns since 1601; none is 0, never, or past what a Date has", () => {
    const epoch = 116_444_736_000_000_000n;
    expect(dateOfFileTime(epoch)).toEqual(new Date(0));
    expect(dateOfFileTime(epoch + 10_000n)).toEqual(new Date(1));
    expect(dateOfFileTime(1n)).toEqual(new Date(-11_644_473_600_000));
    expect(dateOfFileTime(0n)).toBeUndefined();
    for (const never of [0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn]) {
      expect(dateOfFileTime(never)).toBeUndefined();
    }
  });
});

describe("the small buffers", () => {
  const little = (...numbers: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array =>
    concat(...numbers.map(([value, bytes]) => Uint8Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 255)));

  it("client: no half characters, no text behind the end", () => {
    const info = (length: number, text: number) => concat(new Uint8Array(8), little([length, 2]), new Uint8Array(text));
    expect(pacOf(10, info(2, 2)).clientInfo).toEqual({ name: "\0" });
    expect(() => pacOf(10, info(3, 4))).toThrow(words("half a character of UTF-16"));
    expect(() => pacOf(10, info(4, 2))).toThrow(expect.objectContaining({ code: "DECODE" }));
  });

  it("UPN: parts to the last octet and no further; the SID only where the flag says so", () => {
    const upn = (length: number, offset: number, flags: number) =>
      concat(little([length, 2], [offset, 2], [0, 2], [12, 2], [flags, 4]), Uint8Array.of(97, 0));
    expect(pacOf(12, upn(2, 12, 0)).upnDnsInfo).toEqual({ upn: "a", dnsDomainName: "", isConstructed: false });
    expect(pacOf(12, upn(2, 12, 1)).upnDnsInfo?.isConstructed).toBe(true);
    expect(() => pacOf(12, upn(2, 13, 0))).toThrow(words("a part is not within the buffer"));
    expect(() => pacOf(12, upn(4, 12, 0))).toThrow(words("a part is not within the buffer"));
    expect(() => pacOf(12, upn(2, 12, 2))).toThrow(expect.objectContaining({ code: "DECODE" }));
  });

  it("attributes: two flags at least, each by itself", () => {
    const of = (length: number, flags: number) => pacOf(17, little([length, 4], [flags, 4])).attributes;
    expect(of(2, 1)).toEqual({ wasRequested: true, wasGivenImplicitly: false });
    expect(of(2, 2)).toEqual({ wasRequested: false, wasGivenImplicitly: true });
    expect(() => of(1, 1)).toThrow(words("fewer than two flags"));
  });

  it("delegation: no services, or as many as are announced", () => {
    const target = () => ndr().text("cifs");
    const none = (count: number) => target().uint32(count).pointer(false).characters("cifs").finish();
    expect(pacOf(11, none(0)).delegationInfo).toEqual({ s4u2ProxyTarget: "cifs", transitedServices: [] });
    expect(() => pacOf(11, none(1))).toThrow(words("a null pointer where 1 elements are announced"));
    const two = target().uint32(1).pointer(true).characters("cifs").uint32(2).text("a").characters("a").finish();
    expect(() => pacOf(11, two)).toThrow(words("an array of 2 elements where 1 are announced"));
  });
});

describe("the computer's information", () => {
  const device = ({ domains = 1, isThere = true, isSid = true, sids = 0, groups = 0, domain = false } = {}) => {
    const w = ndr().uint32(1).uint32(2).pointer(domain).uint32(groups).pointer(false).uint32(sids).pointer(false);
    w.uint32(domains).pointer(isThere);
    if (isThere) w.uint32(1).pointer(isSid).uint32(0).pointer(false).sid("S-1-5-21-4");
    return w.finish();
  };
  it("may lack every part, and announces none that it lacks", () => {
    expect(pacOf(14, device({ domains: 0, isThere: false })).deviceInfo).toEqual({
      userId: 1,
      primaryGroupId: 2,
      accountGroupIds: [],
      extraSids: [],
      domainGroups: [],
    });
    expect(pacOf(14, device()).deviceInfo?.domainGroups).toEqual([{ domainId: "S-1-5-21-4", groupIds: [] }]);
    for (const parts of [{ domains: 1, isThere: false }, { groups: 1 }, { sids: 1 }]) {
      expect(() => pacOf(14, device(parts)), JSON.stringify(parts)).toThrow(words("a null pointer where 1 elements"));
    }
    expect(() => pacOf(14, device({ isSid: false }))).toThrow(words("the SID of a domain that is a null pointer"));
    expect(() => pacOf(14, device({ domains: 2 }))).toThrow(words("an array of 1 elements where 2 are announced"));
  });
});

describe("claims", () => {
  interface Parts {
    readonly source?: number;
    readonly types?: readonly [number, number];
    readonly hasId?: boolean;
    readonly id?: string;
    readonly values?: readonly [count: number, isThere: boolean];
    readonly sets?: readonly [count: number, isThere: boolean];
    readonly entries?: readonly [count: number, isThere: boolean];
  }
  const set = ({
    source = 1,
    types: [type, again] = [6, 6],
    hasId = true,
    id = "x\0",
    values: [count, hasValues] = [2, true],
    sets: [setCount, hasSets] = [1, true],
    entries: [entryCount, hasEntries] = [1, true],
  }: Parts = {}): Uint8Array => {
    const w = ndr().uint32(setCount).pointer(hasSets).uint16(0).uint32(0).pointer(false);
    if (hasSets) w.uint32(1).uint16(source).uint32(entryCount).pointer(hasEntries);
    if (hasSets && hasEntries) {
      w.uint32(1).pointer(hasId).uint16(type).uint16(again).uint32(count).pointer(hasValues);
      if (hasId) w.characters(id);
      if (hasValues) w.uint32(2).uint64(0n).uint64(1n);
    }
    return w.finish();
  };
  const metadata = (octets: Uint8Array, { said = octets.length, isThere = true } = {}): Uint8Array => {
    const w = ndr().uint32(octets.length).pointer(isThere).uint16(0).uint32(octets.length).uint16(0).uint32(0);
    return w.pointer(false).uint32(said).bytes(octets).finish();
  };
  const read = (parts: Parts = {}) => pacOf(13, metadata(set(parts))).clientClaims;

  it("have their source, and an empty list where a KDC has no value", () => {
    const claim = { id: "x", source: "directory", type: "boolean", values: [false, true] };
    expect(read()).toEqual([claim]);
    expect(read({ source: 2 })).toEqual([{ ...claim, source: "certificate" }]);
    expect(read({ values: [0, false] })).toEqual([{ ...claim, values: [] }]);
    for (const parts of [{ sets: [0, false] }, { entries: [0, false] }] as const) expect(read(parts)).toEqual([]);
  });

  it.each<[string, Parts]>([
    ["claims of the source 0", { source: 0 }],
    ["claims of the source 3", { source: 3 }],
    ["a claim of two types", { types: [6, 1] }],
    ["a claim of the type 4", { types: [4, 4] }],
    ["the identifier of a claim that is a null pointer", { hasId: false }],
    ["a text without its end", { id: "xy" }],
    ["a null pointer where 2 elements are announced", { values: [2, false] }],
    ["an array of 2 elements where 1 are announced", { values: [1, true] }],
    ["a null pointer where 1 elements are announced", { sets: [1, false] }],
    ["a null pointer where 1 elements are announced", { entries: [1, false] }],
  ])("%s: %j", (text, parts) => {
    expect(() => read(parts)).toThrow(words(text));
  });

  it("a set that is a null pointer, or of another length than is announced", () => {
    expect(() => pacOf(13, metadata(set(), { isThere: false }))).toThrow(
      words("a null pointer where 112 elements are announced"),
    );
    const said = set().length - 8;
    expect(() => pacOf(13, metadata(set(), { said }))).toThrow(words(`an array of ${said} elements where`));
  });
});

it("credentials: as many packages as are announced, and none without its octets", () => {
  const key = encTypes.generateKey(18);
  const open = (most: number, size: number, isThere: boolean) => {
    const w = ndr().uint32(most).uint32(1).text("NTLM").uint32(size).pointer(isThere).characters("NTLM");
    const plain = (isThere ? w.uint32(size).bytes(new Uint8Array(size)) : w).finish();
    return openPacCredentials({ etype: 18, cipher: key.usage(16).encrypt(plain) }, key);
  };
  expect(open(1, 0, false)).toEqual([{ packageName: "NTLM", octets: new Uint8Array(0) }]);
  expect(open(1, 3, true)).toEqual([{ packageName: "NTLM", octets: new Uint8Array(3) }]);
  expect(() => open(2, 3, true)).toThrow(words("an array of 1 elements where 2 are announced"));
  expect(() => open(1, 3, false)).toThrow(words("a null pointer where 3 elements are announced"));
});

it("credentials and a key that are none are refused by name", () => {
  const key = encTypes.generateKey(18);
  const open = (credentials: unknown, replyKey: unknown = key) =>
    openPacCredentials(credentials as never, replyKey as never);
  expect(() => open({ etype: 18, cipher: "text" })).toThrow(/^credentials\.cipher /);
  expect(() => open({ etype: 18, cipher: new Uint8Array(60) }, {})).toThrow(/^replyKey /);
});

it("a checksum has the identifier of a read-only KDC behind it, or nothing", () => {
  for (const [behind, isGood] of [
    [0, true],
    [1, false],
    [2, true],
    [3, false],
    [4, false],
  ] as const) {
    const data = concat(Uint8Array.of(16, 0, 0, 0), new Uint8Array(12 + behind));
    const decode = () => decodeSignature({ type: 6, data, offset: 0 });
    if (isGood) expect(decode().signature, String(behind)).toHaveLength(12);
    else expect(decode, String(behind)).toThrow(words("octets behind the checksum"));
  }
});

it("a ticket's checksum is over all its authorization data but the PAC", () => {
  const { part } = recordedPac("pac-samba-4.17-tgt-and-service-1");
  const relevant = (...elements: { adType: number; adData: Uint8Array }[]) => ({
    adType: 1,
    adData: encodeAuthorizationData(elements),
  });
  const other = { adType: 142, adData: Uint8Array.of(9, 9) };
  // What is no list of elements, in an element of another kind, is left alone.
  const alone = { adType: 99, adData: Uint8Array.of(0xff, 1) };
  const octets = encodeEncTicketPart({
    ...part,
    authorizationData: [alone, relevant({ adType: 128, adData: Uint8Array.of(1, 2, 3) }, other)],
  });
  expect(decodeEncTicketPart(withoutPac(octets)).authorizationData).toEqual([
    alone,
    relevant({ adType: 128, adData: new Uint8Array(1) }, other),
  ]);
});

it("2^32 - 1, and one more than is there, in the place of each word of a PAC of a KDC: refused, or never verified", () => {
  const { pac, options } = recordedPac("pac-samba-4.17-tgt-and-service-1");
  const { kdcKey: _, ...asService } = options;
  const { data: kdc = pac, offset = 0 } = decodePac(pac).buffers.get(7) ?? {};
  let refusals = 0;
  for (let at = 0; at + 4 <= pac.length; at += 4) {
    for (const change of [() => 0xffff_ffff, (was: number) => (was + 1) >>> 0]) {
      const copy = pac.slice();
      const view = new DataView(copy.buffer);
      const was = view.getUint32(at, true);
      // A time that means never has it already.
      if (change(was) === was) continue;
      view.setUint32(at, change(was), true);
      const seen = [() => decodePac(copy), () => verifyPac(copy, asService)].map((run) => {
        try {
          run();
          return "taken";
        } catch (error) {
          return (error as { code?: string }).code;
        }
      });
      expect(["taken", "DECODE"], String(at)).toContain(seen[0]);
      // The KDC's own checksum is for the KDC to verify.
      const isKdcs = at >= offset + 4 && at < offset + kdc.length;
      if (!isKdcs) expect(["DECODE", "INTEGRITY"], String(at)).toContain(seen[1]);
      if (seen[0] === "DECODE") refusals += 1;
    }
  }
  expect(refusals).toBeGreaterThan(50);
});

it("a PAC of another version, or of credentials of another version, is refused", () => {
  expect(() => decodePac(Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0))).toThrow(words("a PAC of another version than 0"));
  expect(() => pacOf(2, Uint8Array.of(1, 0, 0, 0, 18, 0, 0, 0))).toThrow(words("of another version than 0"));
});
