import { describe, expect, it } from "vitest";
import { concat, decodeHex, encodeHex } from "../../../src/bytes/index.ts";
import { DecodeError } from "../../../src/errors.ts";
import { MESSAGE_TYPE } from "../../../src/iana/index.ts";
import * as krb5 from "../../../src/krb5/index.ts";
import { codecOf } from "../../support/message-codecs.ts";
import { thrownBy } from "./world.ts";

const cname = { nameType: 1, nameString: ["alice"] };
const sname = { nameType: 2, nameString: ["krbtgt", "EXAMPLE.ORG"] };
const time = new Date("2026-06-01T12:00:00Z");
const encPart = { etype: 18, kvno: 1, cipher: new Uint8Array(2000).fill(5) };
const ticket = krb5.decodeTicket(krb5.encodeTicket({ tktVno: 5, realm: "EXAMPLE.ORG", sname, encPart }));
const reqBody = { kdcOptions: 0, realm: "EXAMPLE.ORG", sname, till: time, nonce: 1, etype: [18] };
const rep = { pvno: 5, crealm: "EXAMPLE.ORG", cname, ticket, encPart };
const part = {
  key: { keytype: 18, keyvalue: new Uint8Array(32) },
  lastReq: [],
  nonce: 1,
  flags: 0,
  authtime: time,
  endtime: time,
  srealm: "EXAMPLE.ORG",
  sname,
};

/** Every message that has a msg-type, right but for it. */
const messages: Record<string, [msgType: number, value: Record<string, unknown>]> = {
  "AS-REQ": [MESSAGE_TYPE.asReq, { pvno: 5, reqBody }],
  "AS-REP": [MESSAGE_TYPE.asRep, rep],
  "TGS-REQ": [MESSAGE_TYPE.tgsReq, { pvno: 5, reqBody }],
  "TGS-REP": [MESSAGE_TYPE.tgsRep, rep],
  "AP-REQ": [MESSAGE_TYPE.apReq, { pvno: 5, apOptions: 0, ticket, authenticator: encPart }],
  "AP-REP": [MESSAGE_TYPE.apRep, { pvno: 5, encPart }],
  "KRB-SAFE": [
    MESSAGE_TYPE.krbSafe,
    {
      pvno: 5,
      safeBody: { userData: new Uint8Array(1), sAddress: { addrType: 2, address: new Uint8Array(4) } },
      cksum: { cksumtype: 1, checksum: new Uint8Array(4) },
    },
  ],
  "KRB-PRIV": [MESSAGE_TYPE.krbPriv, { pvno: 5, encPart }],
  "KRB-CRED": [MESSAGE_TYPE.krbCred, { pvno: 5, tickets: [ticket], encPart }],
  "KRB-ERROR": [MESSAGE_TYPE.krbError, { pvno: 5, stime: time, susec: 0, errorCode: 60, realm: "R", sname }],
};

/** The octets with the first occurrence of `from` replaced, both hexadecimal. */
function replaceFirst(octets: Uint8Array, from: string, to: string): Uint8Array {
  const hex = encodeHex(octets);
  expect(hex).toContain(from);
  return decodeHex(hex.replace(from, to));
}

describe("messages", () => {
  for (const [type, [msgType, fields]] of Object.entries(messages)) {
    const [decode, encode] = codecOf(type);
    const octets = encode({ ...fields, msgType } as never);
    const two = msgType.toString(16).padStart(2, "0");
    // pvno and msg-type are [0] and [1], in a KDC-REQ [1] and [2].
    const first = type.endsWith("S-REQ") ? 1 : 0;

    it(`A2: ${type} is refused when its msg-type is that of any other message`, () => {
      expect(decode(octets)).toMatchObject({ pvno: 5, msgType });
      for (const other of [0, 127, ...Object.values(MESSAGE_TYPE)]) {
        if (other === msgType) continue;
        const changed = replaceFirst(
          octets,
          `a${first + 1}030201${two}`,
          `a${first + 1}030201${other.toString(16).padStart(2, "0")}`,
        );
        expect(thrownBy(() => decode(changed))).toMatchObject({ code: "DECODE", path: `${type}.msg-type` });
        expect(() => encode({ ...fields, msgType: other } as never)).toThrow(RangeError);
      }
    });

    it(`A2: ${type} is refused under the tag of any other message`, () => {
      for (const other of Object.values(MESSAGE_TYPE)) {
        if (other === msgType) continue;
        const changed = octets.slice();
        changed[0] = 0x60 | other;
        expect(thrownBy(() => decode(changed))).toMatchObject({ code: "DECODE", path: type, offset: 0 });
      }
    });

    it(`${type} is refused when its pvno is not 5`, () => {
      for (const pvno of ["04", "06", "85"]) {
        const changed = replaceFirst(octets, `a${first}03020105`, `a${first}030201${pvno}`);
        expect(thrownBy(() => decode(changed))).toMatchObject({ code: "DECODE", path: `${type}.pvno` });
      }
    });
  }

  it("A5: the encrypted part of a reply is taken under either tag, which is told, and under no other", () => {
    const as = krb5.encodeEncAsRepPart(part);
    const tgs = krb5.encodeEncTgsRepPart(part);
    expect([as[0], tgs[0]]).toEqual([0x79, 0x7a]);
    expect(krb5.decodeEncKdcRepPart(as)).toEqual({ ...part, application: 25 });
    expect(krb5.decodeEncKdcRepPart(tgs)).toEqual({ ...part, application: 26 });
    for (const tag of [0x78, 0x7b, 0x6b, 0x30]) {
      const other = as.slice();
      other[0] = tag;
      expect(thrownBy(() => krb5.decodeEncKdcRepPart(other))).toBeInstanceOf(DecodeError);
    }
    expect(thrownBy(() => krb5.decodeEncKdcRepPart(new Uint8Array(0)))).toBeInstanceOf(DecodeError);
  });

  it("a ticket is passed on as it was received, with what we do not know of in it", () => {
    const extended = krb5.encodeTicket({
      tktVno: 5,
      realm: "R",
      sname,
      encPart: { etype: 99, cipher: new Uint8Array(1) },
    });
    // An unknown [4] NULL at the end: four octets more in the two lengths around.
    const received = concat(extended, decodeHex("a4020500"));
    received[1] = (received[1] as number) + 4;
    received[3] = (received[3] as number) + 4;
    const value = { ...rep, msgType: 11, ticket: { octets: received } };
    const decoded = krb5.decodeAsRep(krb5.encodeAsRep(value));
    expect(encodeHex(decoded.ticket.octets)).toBe(encodeHex(received));
    expect(decoded.ticket.encPart.etype).toBe(99);
    const request = krb5.encodeApReq({
      pvno: 5,
      msgType: 14,
      apOptions: 0,
      ticket: decoded.ticket,
      authenticator: encPart,
    });
    expect(encodeHex(request)).toContain(encodeHex(received));
  });

  it("the body of a request is also there as the octets received: what its checksum is over", () => {
    const octets = krb5.encodeTgsReq({ pvno: 5, msgType: 12, reqBody });
    expect(krb5.decodeTgsReq(octets).reqBody.octets).toEqual(krb5.encodeKdcReqBody(reqBody));
  });

  it("octet strings are views of the message, not copies", () => {
    const octets = krb5.encodeAsRep({ ...rep, msgType: 11 });
    const { encPart: read } = krb5.decodeAsRep(octets);
    expect(read.cipher.buffer).toBe(octets.buffer);
    expect(read.cipher).toEqual(encPart.cipher);
  });

  it("JSON and loggers see no octets of a ticket beside its fields", () => {
    expect(Object.keys(ticket)).toEqual(["tktVno", "realm", "sname", "encPart"]);
  });
});
