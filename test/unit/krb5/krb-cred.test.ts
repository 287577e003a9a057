import { describe, expect, it } from "vitest";
import { TICKET_FLAG } from "../../../src/iana/index.ts";
import {
  decodeKrbCred,
  encodeEncKrbCredPart,
  encodeKrbCred,
  openCred,
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

  it("K5: a session key that is not permitted is refused", () => {
    const key = encTypes.generateKey(18);
    expect(() => openCred(key, sealCred(key, tickets(), time), encTypes.restrict([20]))).toThrow(
      expect.objectContaining({ code: "ETYPE_NOT_PERMITTED" }),
    );
  });
});
