// The frame of a PAC, and each field in its place.

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/index.ts";
import { decodePac, sidsOfLogon } from "../../../src/pac/index.ts";
import { NdrWriter, sidOctets } from "../../../src/testing/kdc/pac/ndr-writer.ts";
import { pacOf } from "../../support/pac-of.ts";

const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf16le"));
const words = (...list: number[]): Uint8Array => new Uint8Array(Uint32Array.from(list).buffer);
/** A refusal as a fault of the octets, with these words. */
const refusal = (text: RegExp) => expect.objectContaining({ code: "DECODE", message: expect.stringMatching(text) });

describe("the frame (MS-PAC section 2.3)", () => {
  const frame = (version: number, ...entries: readonly (readonly [type: number, size: number, offset: number])[]) =>
    concat(
      words(entries.length, version, ...entries.flatMap(([type, size, offset]) => [type, size, offset, 0])),
      Uint8Array.from({ length: 32 }, (_, i) => i),
    );

  it("is of version 0", () => {
    expect(() => decodePac(frame(1))).toThrow(
      expect.objectContaining({ code: "DECODE", reason: "version", message: expect.stringMatching(/another version/) }),
    );
  });

  it("of two buffers of one type, the first counts", () => {
    const { buffers } = decodePac(frame(0, [99, 8, 40], [99, 4, 48]));
    expect(buffers.get(99)).toEqual({ type: 99, offset: 40, data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7) });
  });

  it("buffers touch, end with the PAC, and stand in any order; empty ones overlap nothing", () => {
    const { buffers } = decodePac(frame(0, [97, 24, 64], [98, 8, 56], [96, 0, 72]));
    expect([...buffers.values()].map(({ data }) => data.length)).toEqual([24, 8, 0]);
    expect(() => decodePac(frame(0, [97, 25, 40], [98, 1, 64]))).toThrow(refusal(/two buffers overlap/));
  });

  it.each([
    ["behind the PAC", [[99, 33, 24]], /buffer 99 is not within the PAC/],
    ["in the list of the buffers", [[99, 8, 16]], /buffer 99 is not within the PAC/],
    ["between two multiples of 8", [[99, 8, 28]], /buffer 99 is not at a multiple of 8/],
  ] as const)("a buffer %s is refused", (_what, entries, text) => {
    expect(() => decodePac(frame(0, ...entries))).toThrow(refusal(text));
  });

  it("has the buffers that it announces", () => {
    const octets = frame(0);
    new DataView(octets.buffer).setUint32(0, 3, true);
    expect(() => decodePac(octets)).toThrow(refusal(/3 buffers in 40 octets/));
  });
});

describe("the small buffers", () => {
  const name = (bytes: number, text = "amy") =>
    concat(words(0xd53e8000, 0x019db1de), Uint8Array.of(bytes, 0), utf16(text));

  it("the client's name is as long as it says, and the login's time may be missing", () => {
    expect(pacOf(10, name(6)).clientInfo).toEqual({ name: "amy", clientId: new Date(0) });
    expect(pacOf(10, concat(words(0, 0), Uint8Array.of(2, 0), utf16("a"))).clientInfo).toEqual({ name: "a" });
    expect(() => pacOf(10, name(5))).toThrow(refusal(/half a character/));
    expect(() => pacOf(10, name(8))).toThrow(refusal(/PAC_CLIENT_INFO/));
  });

  it("the user principal name, the domain, and where a flag says so the account's name and SID", () => {
    const sid = sidOctets("S-1-5-21-7");
    const rest = concat(utf16("amy@x.y"), utf16("X.Y"), utf16("amy"), sid);
    const upn = (flags: number, first = [14, 24]) => {
      const shorts = [...first, 6, 38, flags, 0, 6, 44, sid.length, 50];
      return concat(new Uint8Array(Uint16Array.from(shorts).buffer), new Uint8Array(4), rest);
    };
    const known = { upn: "amy@x.y", dnsDomainName: "X.Y" };
    expect(pacOf(12, upn(0)).upnDnsInfo).toEqual({ ...known, isConstructed: false });
    expect(pacOf(12, upn(1)).upnDnsInfo).toEqual({ ...known, isConstructed: true });
    const more = { samName: "amy", sid: "S-1-5-21-7" };
    expect(pacOf(12, upn(2)).upnDnsInfo).toEqual({ ...known, ...more, isConstructed: false });
    expect(pacOf(12, upn(3)).upnDnsInfo).toEqual({ ...known, ...more, isConstructed: true });
    const size = upn(0).length;
    expect(pacOf(12, upn(0, [2, size - 2])).upnDnsInfo?.upn).toHaveLength(1);
    for (const first of [
      [2, size - 1],
      [0, size + 1],
      [size, 1],
    ]) {
      expect(() => pacOf(12, upn(0, first))).toThrow(refusal(/a part is not within the buffer/));
    }
  });
});

const DOMAIN = "S-1-5-21-1-2-3";

/** A KERB_VALIDATION_INFO (MS-PAC section 2.5). */
function logonInfo(): Uint8Array {
  const ndr = new NdrWriter();
  for (let i = 1n; i <= 6n; i++) ndr.fileTime(116_444_736_000_000_000n + i * 10_000_000n);
  const names = ["n", "full", "script", "profile", "home", "H:"];
  for (const name of names) ndr.text(name);
  ndr.uint16(5).uint16(6).uint32(1104).uint32(513).uint32(1).pointer(true).uint32(0x20);
  ndr.bytes(new Uint8Array(16).fill(0xee)).text("DC").text("DOM").pointer(true).bytes(new Uint8Array(8).fill(0xee));
  ndr.uint32(0x210).bytes(new Uint8Array(28).fill(0xee)).uint32(1).pointer(true).pointer(true);
  ndr.uint32(1).pointer(true);
  for (const name of names) ndr.characters(name);
  ndr.uint32(1).uint32(512).uint32(7);
  ndr.characters("DC").characters("DOM");
  ndr.sid(DOMAIN);
  ndr.uint32(1).pointer(true).uint32(7).sid("S-1-18-1");
  ndr.sid("S-1-5-21-9-9-9");
  ndr.uint32(1).uint32(1200).uint32(0x2000_0007);
  return ndr.finish();
}

describe("the user and its groups (MS-PAC section 2.5)", () => {
  it("each field in its place", () => {
    expect(pacOf(1, logonInfo()).logonInfo).toEqual({
      logonTime: new Date(1000),
      logoffTime: new Date(2000),
      kickOffTime: new Date(3000),
      passwordLastSet: new Date(4000),
      passwordCanChange: new Date(5000),
      passwordMustChange: new Date(6000),
      effectiveName: "n",
      fullName: "full",
      logonScript: "script",
      profilePath: "profile",
      homeDirectory: "home",
      homeDirectoryDrive: "H:",
      logonCount: 5,
      badPasswordCount: 6,
      userId: 1104,
      primaryGroupId: 513,
      groupIds: [{ relativeId: 512, attributes: 7 }],
      userFlags: 0x20,
      logonServer: "DC",
      logonDomainName: "DOM",
      logonDomainId: DOMAIN,
      userAccountControl: 0x210,
      extraSids: [{ sid: "S-1-18-1", attributes: 7 }],
      resourceGroupDomainSid: "S-1-5-21-9-9-9",
      resourceGroupIds: [{ relativeId: 1200, attributes: 0x2000_0007 }],
    });
  });

  it("SIDs: the user's own first, each once", () => {
    const { logonInfo: info } = pacOf(1, logonInfo());
    if (info === undefined) throw new Error("no logonInfo");
    const own = [1104, 513, 512].map((id) => `${DOMAIN}-${id}`);
    const all = [...own, "S-1-18-1", "S-1-5-21-9-9-9-1200"];
    expect(sidsOfLogon(info)).toEqual(all);
    const twice = { ...info, extraSids: [...info.extraSids, { sid: `${DOMAIN}-512`, attributes: 7 }] };
    expect(sidsOfLogon(twice)).toEqual(all);
  });
});
