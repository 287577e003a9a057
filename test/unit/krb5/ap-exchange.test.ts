import { describe, expect, it } from "vitest";
import { CryptoError, DecodeError, ProtocolError } from "../../../src/errors.ts";
import { AP_OPTION, KEY_USAGE, MESSAGE_TYPE } from "../../../src/iana/index.ts";
import {
  createApRep,
  createApReq,
  createKrbError,
  decodeApReq,
  decodeAuthenticator,
  type EncApRepPart,
  encodeApRep,
  encodeEncApRepPart,
  openData,
  randomSequenceNumber,
  sealData,
  verifyApRep,
} from "../../../src/krb5/index.ts";
import { ALICE, createWorld, ETYPES, encTypes, HOST, NOW, thrownBy } from "./world.ts";

const now = (): number => NOW;

/** An AP-REP made by hand: right but for `part`, `usage` and `key`. */
function reply(
  world: ReturnType<typeof createWorld>,
  part: EncApRepPart,
  usage: number = KEY_USAGE.apRepEncPart,
  key = world.ticket.sessionKey,
): Uint8Array {
  return encodeApRep({ pvno: 5, msgType: MESSAGE_TYPE.apRep, encPart: sealData(key, usage, encodeEncApRepPart(part)) });
}

describe("an AP-REQ", () => {
  for (const etype of ETYPES) {
    it(`has the ticket as it was received and an authenticator under the session key, enctype ${etype}`, () => {
      const { ticket } = createWorld({ etype });
      const subkey = encTypes.generateKey(17);
      const checksum = { cksumtype: 0x8003, checksum: Uint8Array.of(1, 2, 3) };
      const authorizationData = [{ adType: 1, adData: Uint8Array.of(4) }];
      const apOptions = AP_OPTION.mutualRequired;
      const sent = createApReq({
        ticket,
        encTypes,
        now,
        subkey,
        checksum,
        authorizationData,
        apOptions,
        seqNumber: 77,
      });
      const request = decodeApReq(sent.octets);
      expect(request).toMatchObject({ pvno: 5, msgType: 14, apOptions });
      expect(request.ticket.octets).toEqual(ticket.ticket);
      const plaintext = openData(ticket.sessionKey, KEY_USAGE.apReqAuthenticator, request.authenticator);
      expect(decodeAuthenticator(plaintext)).toEqual({
        authenticatorVno: 5,
        crealm: ALICE.realm,
        cname: { nameType: 1, nameString: ["alice"] },
        cksum: checksum,
        cusec: sent.cusec,
        ctime: sent.ctime,
        subkey: { keytype: 17, keyvalue: subkey.octets },
        seqNumber: 77,
        authorizationData,
      });
      expect(sent).toMatchObject({ subkey, seqNumber: 77 });
    });
  }

  it("of a user-to-user ticket says so, beside what the caller asks for; of another it does not", () => {
    const { ticket } = createWorld();
    const optionsOf = (isUserToUser: boolean | undefined, apOptions?: number): number => {
      const given = { ticket: { ...ticket, ...(isUserToUser === undefined ? {} : { isUserToUser }) }, encTypes, now };
      return decodeApReq(createApReq(apOptions === undefined ? given : { ...given, apOptions }).octets).apOptions;
    };
    const { useSessionKey, mutualRequired } = AP_OPTION;
    expect([undefined, false, true].map((one) => optionsOf(one))).toEqual([0, 0, useSessionKey]);
    expect(optionsOf(true, mutualRequired)).toBe(useSessionKey + mutualRequired);
    expect(optionsOf(false, mutualRequired)).toBe(mutualRequired);
  });

  it("has the KDC's time: the local clock and the ticket's offset", () => {
    const { ticket } = createWorld({ clockOffsetMs: -600_000 });
    const { ctime } = createApReq({ ticket, encTypes, now });
    expect(Math.abs(ctime.getTime() - (NOW - 600_000))).toBeLessThan(2000);
  });

  it("C3: no two have the same time", () => {
    const { ticket } = createWorld();
    const times = Array.from({ length: 100 }, () => createApReq({ ticket, encTypes, now })).map(
      ({ ctime, cusec }) => ctime.getTime() * 1000 + cusec,
    );
    expect(new Set(times).size).toBe(100);
  });

  it("has a random sequence number in the AP exchange, and none in a TGS-REQ, whose authenticator has key usage 7", () => {
    const { ticket } = createWorld();
    const numbers = Array.from({ length: 50 }, () => createApReq({ ticket, encTypes, now }).seqNumber as number);
    expect(new Set(numbers).size).toBeGreaterThan(45);
    const sent = createApReq({ ticket, encTypes, now, usage: KEY_USAGE.tgsReqAuthenticator });
    expect(sent.seqNumber).toBeUndefined();
    const { authenticator } = decodeApReq(sent.octets);
    const plaintext = openData(ticket.sessionKey, KEY_USAGE.tgsReqAuthenticator, authenticator);
    expect(decodeAuthenticator(plaintext)).not.toHaveProperty("seqNumber");
    expect(() => openData(ticket.sessionKey, KEY_USAGE.apReqAuthenticator, authenticator)).toThrow(CryptoError);
  });

  it("K6: a first sequence number has 30 bits and is never 0", () => {
    const from = (octets: number[]): number =>
      randomSequenceNumber({
        ...encTypes,
        provider: { ...encTypes.provider, randomBytes: () => Uint8Array.from(octets) },
      });
    expect(from([0xff, 0xff, 0xff, 0xff])).toBe(2 ** 30 - 1);
    expect(from([0, 0, 0, 0])).toBe(1);
    expect(from([0xc0, 0, 0, 0])).toBe(1);
    expect(from([0x12, 0x34, 0x56, 0x78])).toBe(0x12345678);
  });
});

describe("an AP-REP", () => {
  for (const etype of ETYPES) {
    it(`is accepted with its sub-key and sequence number, enctype ${etype}`, () => {
      const { ticket } = createWorld({ etype });
      const { sessionKey } = ticket;
      const sent = createApReq({ ticket, encTypes, now });
      const bare = createApRep({ accepted: { ...sent, sessionKey } });
      expect(verifyApRep(bare, { sent, sessionKey, encTypes })).toEqual({ subkey: undefined, seqNumber: undefined });
      for (const other of ETYPES) {
        const subkey = encTypes.generateKey(other);
        const octets = createApRep({ accepted: { ...sent, sessionKey }, subkey, seqNumber: 0xffffffff });
        const verified = verifyApRep(octets, { sent, sessionKey, encTypes });
        expect(verified.seqNumber).toBe(0xffffffff);
        expect(verified.subkey?.encType.etype).toBe(other);
        expect(verified.subkey?.octets).toEqual(subkey.octets);
      }
    });
  }

  it("C1: is refused under another key or another key usage, or changed in any octet", () => {
    const world = createWorld();
    const { sessionKey } = world.ticket;
    const sent = createApReq({ ticket: world.ticket, encTypes, now });
    const { ctime, cusec } = sent;
    const good = reply(world, { ctime, cusec });
    expect(verifyApRep(good, { sent, sessionKey, encTypes })).toBeDefined();
    const key = encTypes.generateKey(18);
    expect(
      thrownBy(() => verifyApRep(reply(world, { ctime, cusec }, 12, key), { sent, sessionKey, encTypes })).code,
    ).toBe("INTEGRITY");
    for (const usage of [2, 3, 11]) {
      const octets = reply(world, { ctime, cusec }, usage);
      expect(thrownBy(() => verifyApRep(octets, { sent, sessionKey, encTypes })).code).toBe("INTEGRITY");
    }
    for (let i = 0; i < good.length; i++) {
      const octets = good.slice();
      octets[i] = (octets[i] as number) ^ 1;
      const error = thrownBy(() => verifyApRep(octets, { sent, sessionKey, encTypes }));
      expect(error instanceof CryptoError || error instanceof DecodeError).toBe(true);
    }
  });

  it("C1: nothing but an AP-REP is one: an AP-REQ that comes back, a KRB-ERROR, nothing", () => {
    const { ticket } = createWorld();
    const sent = createApReq({ ticket, encTypes, now });
    for (const octets of [sent.octets, createKrbError(41, HOST, NOW), new Uint8Array(0)]) {
      expect(thrownBy(() => verifyApRep(octets, { sent, sessionKey: ticket.sessionKey, encTypes }))).toBeInstanceOf(
        DecodeError,
      );
    }
  });

  it("C2: is refused when its ctime is not the one sent", () => {
    const world = createWorld();
    const { sessionKey } = world.ticket;
    const sent = createApReq({ ticket: world.ticket, encTypes, now });
    for (const difference of [-1000, 1000]) {
      const octets = reply(world, { cusec: sent.cusec, ctime: new Date(sent.ctime.getTime() + difference) });
      const error = thrownBy(() => verifyApRep(octets, { sent, sessionKey, encTypes }));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error.code).toBe("REPLY_MODIFIED");
    }
  });

  it("C2: is refused when its cusec is not the one sent", () => {
    const world = createWorld();
    const { sessionKey } = world.ticket;
    const sent = { ...createApReq({ ticket: world.ticket, encTypes, now }), cusec: 500_000 };
    for (const difference of [-1, 1]) {
      const octets = reply(world, { ctime: sent.ctime, cusec: sent.cusec + difference });
      expect(thrownBy(() => verifyApRep(octets, { sent, sessionKey, encTypes })).code).toBe("REPLY_MODIFIED");
    }
  });

  it("C6: is not opened with the sub-key that was sent", () => {
    const world = createWorld();
    const subkey = encTypes.generateKey(18);
    const sent = createApReq({ ticket: world.ticket, encTypes, now, subkey });
    const octets = reply(world, { ctime: sent.ctime, cusec: sent.cusec }, KEY_USAGE.apRepEncPart, subkey);
    const error = thrownBy(() => verifyApRep(octets, { sent, sessionKey: world.ticket.sessionKey, encTypes }));
    expect(error.code).toBe("INTEGRITY");
  });

  it("C11: is refused when its sub-key is of an enctype that is not permitted, or of a wrong length", () => {
    const world = createWorld();
    const { sessionKey } = world.ticket;
    const sent = createApReq({ ticket: world.ticket, encTypes, now });
    const { ctime, cusec } = sent;
    const cases: [number, number, string][] = [
      [23, 16, "ETYPE_NOT_PERMITTED"],
      [0, 0, "ETYPE_NOT_PERMITTED"],
      [17, 16, "ETYPE_NOT_PERMITTED"],
      [18, 0, "BAD_KEY"],
      [18, 31, "BAD_KEY"],
      [18, 33, "BAD_KEY"],
    ];
    for (const [keytype, length, code] of cases) {
      const octets = reply(world, { ctime, cusec, subkey: { keytype, keyvalue: new Uint8Array(length) } });
      const narrow = encTypes.restrict([18]);
      expect(thrownBy(() => verifyApRep(octets, { sent, sessionKey, encTypes: narrow })).code).toBe(code);
    }
  });

  it("C4: a sequence number that is encoded as a negative one is the unsigned one of the same bits", () => {
    const world = createWorld();
    const { sessionKey } = world.ticket;
    const sent = createApReq({ ticket: world.ticket, encTypes, now });
    const part = encodeEncApRepPart({ ctime: sent.ctime, cusec: 1, seqNumber: 0xfffffffe });
    // 02 05 00 FF FF FF FE at the end becomes 02 01 FE: four octets less in each of the lengths around it.
    const short = Uint8Array.from([...part.subarray(0, -9), 0xa3, 0x03, 0x02, 0x01, 0xfe]);
    short[1] = (short[1] as number) - 4;
    short[3] = (short[3] as number) - 4;
    const octets = encodeApRep({ pvno: 5, msgType: 15, encPart: sealData(sessionKey, KEY_USAGE.apRepEncPart, short) });
    expect(verifyApRep(octets, { sent: { ...sent, cusec: 1 }, sessionKey, encTypes }).seqNumber).toBe(0xfffffffe);
  });
});
