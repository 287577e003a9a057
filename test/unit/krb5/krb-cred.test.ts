import { describe, expect, it } from "vitest";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeEncKrbCredPart,
  decodeKrbCred,
  encodeEncKrbCredPart,
  encodeKrbCred,
  openCred,
  openData,
  type ServiceTicket,
  sealCred,
  sealData,
} from "../../../src/krb5/index.ts";
import { createWorld } from "../gssapi/exchange.ts";
import { encTypes, flip } from "../gssapi/pair.ts";

const time = { ctime: new Date(1_700_000_000_000), cusec: 5 };

function tickets(): ServiceTicket[] {
  return [1, 2].map((at) => ({
    ...createWorld().ticket,
    ticket: createWorld().ticket.ticket,
    flags: TICKET_FLAG.forwarded | TICKET_FLAG.forwardable,
    renewTill: new Date(1_800_000_000_000 + at * 1000),
    addresses: [{ type: 2, octets: Uint8Array.of(192, 0, 2, at) }],
  }));
}

describe("KRB-CRED", () => {
  it("gives back the tickets, octet for octet, with all that belongs to them", () => {
    const key = encTypes.generateKey(18);
    const sent = tickets();
    const got = openCred(key, sealCred(key, sent, time), encTypes, { clockOffsetMs: 7 });
    for (const [at, ticket] of got.entries()) {
      const { sessionKey, clockOffsetMs: _, ticket: octets, ...rest } = sent[at] as ServiceTicket;
      expect(ticket).toMatchObject({ ...rest, clockOffsetMs: 7 });
      expect(ticket.ticket).toEqual(octets);
      expect(ticket.sessionKey.octets).toEqual(sessionKey.octets);
    }
    expect(got).toHaveLength(2);
    expect(JSON.stringify(got)).not.toContain('"ticket"');
  });

  it("KC1: opens with its key only, and not when an octet was changed", () => {
    const key = encTypes.generateKey(18);
    const octets = sealCred(key, tickets(), time);
    expect(() => openCred(encTypes.generateKey(18), octets, encTypes)).toThrow(
      expect.objectContaining({ code: "INTEGRITY" }),
    );
    expect(() => openCred(key, flip(octets, octets.length - 1, 1), encTypes)).toThrow(
      expect.objectContaining({ code: "INTEGRITY" }),
    );
  });

  it("KC2: as many tickets as keys, or none", () => {
    const key = encTypes.generateKey(18);
    const { tickets: both, encPart } = decodeKrbCred(sealCred(key, tickets(), time));
    for (const some of [both.slice(0, 1), [...both, ...both]]) {
      const octets = encodeKrbCred({ pvno: 5, msgType: 22, tickets: some, encPart });
      expect(() => openCred(key, octets, encTypes)).toThrow(expect.objectContaining({ code: "REPLY_MODIFIED" }));
    }
  });

  it("KC2: a key without the names that belong to it is refused", () => {
    const key = encTypes.generateKey(18);
    const { tickets: both } = decodeKrbCred(sealCred(key, tickets(), time));
    const info = { key: { keytype: 18, keyvalue: new Uint8Array(32) }, endtime: new Date(1_800_000_000_000) };
    const encPart = sealData(key, 14, encodeEncKrbCredPart({ ticketInfo: [info] }));
    const octets = encodeKrbCred({ pvno: 5, msgType: 22, tickets: both.slice(0, 1), encPart });
    expect(() => openCred(key, octets, encTypes)).toThrow(/without the names/);
  });

  const name = { nameType: 1, nameString: ["alice"] };
  const least = {
    key: { keytype: 18, keyvalue: new Uint8Array(32) },
    prealm: "R",
    pname: name,
    srealm: "S",
    sname: name,
    endtime: new Date(1_800_000_000_000),
  };
  type Info = Parameters<typeof encodeEncKrbCredPart>[0]["ticketInfo"][number];
  const opened = (info: Partial<Info>, options?: Parameters<typeof openCred>[3]) => {
    const key = encTypes.generateKey(18);
    const { tickets: both } = decodeKrbCred(sealCred(key, tickets(), time));
    const encPart = sealData(key, 14, encodeEncKrbCredPart({ ticketInfo: [info as Info] }));
    const octets = encodeKrbCred({ pvno: 5, msgType: 22, tickets: both.slice(0, 1), encPart });
    return openCred(key, octets, encTypes, options)[0];
  };

  it.each([
    ["prealm", "without the names of its client and service"],
    ["pname", "without the names of its client and service"],
    ["srealm", "without the names of its client and service"],
    ["sname", "without the names of its client and service"],
    ["endtime", "without its end"],
  ] as const)("KC2: a ticket without its %s is refused", (field, words) => {
    const { [field]: _, ...rest } = least;
    expect(() => opened(rest)).toThrow(expect.objectContaining({ code: "REPLY_MODIFIED" }));
    expect(() => opened(rest)).toThrow(`the tickets that were handed on cannot be used: a ticket ${words}`);
  });

  it("what a sender may leave out has a value here, and what is not there gets none", () => {
    const taken = opened(least);
    expect(taken).toMatchObject({ flags: 0, authTime: new Date(0), startTime: new Date(0), clockOffsetMs: 0 });
    expect(taken).not.toHaveProperty("renewTill");
    expect(taken).not.toHaveProperty("addresses");
    const authtime = new Date(1_700_000_000_000);
    expect(opened({ ...least, authtime })).toMatchObject({ authTime: authtime, startTime: authtime });
    const starttime = new Date(1_700_000_001_000);
    expect(opened({ ...least, starttime })).toMatchObject({ authTime: starttime, startTime: starttime });
    expect(opened({ ...least, authtime, starttime })).toMatchObject({ authTime: authtime, startTime: starttime });
  });

  it("what a ticket does not have is not sent", () => {
    const key = encTypes.generateKey(18);
    const plain = createWorld().ticket;
    const octets = sealCred(key, [plain], time);
    const info = decodeEncKrbCredPart(openData(key, 14, decodeKrbCred(octets).encPart)).ticketInfo[0];
    expect(info).not.toHaveProperty("renewTill");
    expect(info).not.toHaveProperty("caddr");
    expect(info).toMatchObject({ flags: plain.flags, endtime: plain.endTime });
  });

  it("K5: a session key that is not permitted is refused", () => {
    const key = encTypes.generateKey(18);
    expect(() => openCred(key, sealCred(key, tickets(), time), encTypes.restrict([20]))).toThrow(
      expect.objectContaining({ code: "ETYPE_NOT_PERMITTED" }),
    );
  });
});
