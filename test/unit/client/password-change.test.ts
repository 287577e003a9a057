// Password change and set (RFC 3244): the request, and each way in which a reply can be wrong.

import { describe, expect, it } from "vitest";
import { concat, decodeHex, encodeText } from "../../../src/bytes/index.ts";
import {
  acceptPasswordReply,
  classifyPasswordReply,
  createPasswordRequest,
  decodePolicy,
  type PendingPassword,
} from "../../../src/client/index.ts";
import { KerberosError, kdcErrorOf, PasswordChangeError } from "../../../src/errors.ts";
import {
  decodeApReq,
  decodeAuthenticator,
  decodeChangePasswdData,
  encodeApRep,
  encodeEncApRepPart,
  encodeKrbError,
  openData,
  openPriv,
  parsePrincipal,
  sealData,
  sealPriv,
} from "../../../src/krb5/index.ts";
import { steppedClock } from "../../support/recorded-exchange.ts";
import { createWorld, NOW } from "../gssapi/exchange.ts";
import { encTypes, flip } from "../gssapi/pair.ts";

const word = (number: number): Uint8Array => Uint8Array.of(number >> 8, number & 0xff);
const sAddress = { addrType: 2, address: new Uint8Array(4) };
const newPassword = "a new pässword";

function start(target?: string) {
  const { ticket } = createWorld();
  const pending = createPasswordRequest({
    ticket,
    encTypes,
    clock: steppedClock(NOW),
    newPassword,
    target: target === undefined ? undefined : parsePrincipal(target),
  });
  return { ticket, pending, ...take(pending) };
}

/** What the server sees of a request. */
function take({ octets, ticket }: PendingPassword) {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  const apReq = decodeApReq(octets.subarray(6, 6 + view.getUint16(4)));
  const authenticator = decodeAuthenticator(openData(ticket.sessionKey, 11, apReq.authenticator));
  const { keytype, keyvalue } = authenticator.subkey as { keytype: number; keyvalue: Uint8Array };
  const subkey = encTypes.importKey(keytype, keyvalue.slice());
  return {
    length: view.getUint16(0),
    version: view.getUint16(2),
    authenticator,
    subkey,
    part: openPriv(subkey, octets.subarray(6 + view.getUint16(4))),
  };
}

interface ReplyChange {
  readonly code?: number;
  readonly words?: Uint8Array | string;
  readonly isOtherTime?: boolean;
  readonly sequences?: readonly [apRep: number | undefined, priv: number | undefined];
  readonly key?: ReturnType<typeof encTypes.generateKey>;
  readonly version?: number;
}

function replyTo({ ticket, authenticator, subkey }: ReturnType<typeof start>, change: ReplyChange = {}): Uint8Array {
  const { code = 0, words = "", isOtherTime = false, sequences = [5, 5], version = 1 } = change;
  const { ctime, cusec } = authenticator;
  const numbered = (seqNumber: number | undefined) => (seqNumber === undefined ? {} : { seqNumber });
  const part = encodeEncApRepPart({ ctime, cusec: isOtherTime ? cusec + 1 : cusec, ...numbered(sequences[0]) });
  const apRep = encodeApRep({ pvno: 5, msgType: 15, encPart: sealData(ticket.sessionKey, 12, part) });
  const userData = concat(word(code), typeof words === "string" ? encodeText(words) : words);
  const priv = sealPriv(change.key ?? subkey, { userData, ...numbered(sequences[1]), sAddress });
  return concat(word(6 + apRep.length + priv.length), word(version), word(apRep.length), apRep, priv);
}

const errorOf = (eData: Uint8Array | undefined, eText?: string): Uint8Array =>
  encodeKrbError({
    pvno: 5,
    msgType: 30,
    stime: new Date(NOW),
    susec: 0,
    errorCode: 60,
    realm: "EXAMPLE.ORG",
    sname: { nameType: 1, nameString: ["kadmin", "changepw"] },
    ...(eData === undefined ? {} : { eData }),
    ...(eText === undefined ? {} : { eText }),
  });

function refusal(run: () => void): KerberosError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(KerberosError);
    return error as KerberosError;
  }
  return expect.fail("it was taken for a success");
}

describe("the request", () => {
  it("changes one's own with version 1 and the bare password, under a fresh sub-key", () => {
    const { pending, length, version, part, authenticator } = start();
    expect({ length, version }).toEqual({ length: pending.octets.length, version: 1 });
    expect(part.userData).toEqual(encodeText(newPassword));
    expect(part.seqNumber).toBe(authenticator.seqNumber);
    expect(start().subkey.octets).not.toEqual(start().subkey.octets);
  });

  it("sets another's with version 0xff80 and whose it is", () => {
    const { version, part } = start("bob/x@OTHER.ORG");
    expect(version).toBe(0xff80);
    expect(decodeChangePasswdData(part.userData)).toMatchObject({
      newpasswd: encodeText(newPassword),
      targname: { nameString: ["bob", "x"] },
      targrealm: "OTHER.ORG",
    });
  });

  it("shows the password in no octet, and takes none that the protocol cannot carry", () => {
    const { pending, ticket } = start();
    expect(Buffer.from(pending.octets).includes("pässword")).toBe(false);
    const options = { ticket, encTypes, clock: steppedClock(NOW), newPassword: new Uint8Array(70_000) };
    expect(() => createPasswordRequest(options)).toThrow(RangeError);
  });
});

describe("the reply", () => {
  it("is a success under the sub-key, of either version", () => {
    const ends = start();
    acceptPasswordReply(replyTo(ends), ends.pending);
    acceptPasswordReply(replyTo(ends, { version: 0xff80 }), ends.pending);
  });

  it("PW1: to another request is refused", () => {
    const ends = start();
    // By its words: an answer without the number of its AP-REP is refused with the same code.
    expect(refusal(() => acceptPasswordReply(replyTo(ends, { isOtherTime: true }), ends.pending))).toMatchObject({
      code: "REPLY_MODIFIED",
      message: expect.stringContaining("another request than ours"),
    });
    expect(refusal(() => acceptPasswordReply(replyTo(start()), ends.pending)).code).toBe("INTEGRITY");
  });

  it("PW2: with a result under another key is refused", () => {
    const ends = start();
    const key = encTypes.generateKey(18);
    expect(refusal(() => acceptPasswordReply(replyTo(ends, { key }), ends.pending)).code).toBe("INTEGRITY");
  });

  it("PW2: with a result of another AP-REP is refused", () => {
    const ends = start();
    const reply = replyTo(ends, { sequences: [5, 6] });
    expect(refusal(() => acceptPasswordReply(reply, ends.pending)).code).toBe("REPLY_MODIFIED");
  });

  it("PW3: an error in the clear that says success is none", () => {
    const ends = start();
    const wrapped = (error: Uint8Array) => concat(word(6 + error.length), word(1), word(0), error);
    for (const eData of [concat(word(0), encodeText("changed")), undefined, word(0), Uint8Array.of(0)]) {
      const error = errorOf(eData);
      for (const reply of [error, wrapped(error)]) {
        expect(refusal(() => acceptPasswordReply(reply, ends.pending)).name).toBe("ServiceError");
      }
    }
    const refused = refusal(() => acceptPasswordReply(errorOf(concat(word(5), encodeText("no"))), ends.pending));
    expect(refused).toMatchObject({ name: "PasswordChangeError", resultCode: 5, serverMessage: "", isProven: false });
    expect((refused.cause as Error).name).toBe("ServiceError");
    expect(kdcErrorOf(refused)?.errorName).toBe("KRB_ERR_GENERIC");
  });

  it("PW4: our own request in the place of the answer is refused, and the password is not shown", () => {
    for (const sequences of [
      [5, 5],
      [undefined, 5],
    ] as const) {
      const ends = start();
      const { ticket, pending, authenticator } = ends;
      // An AP-REP with our number, or with none: both are optional there (RFC 4120 section 5.5.2).
      const seqNumber = sequences[0] === undefined ? undefined : authenticator.seqNumber;
      const { ctime, cusec } = authenticator;
      const part = encodeEncApRepPart({ ctime, cusec, ...(seqNumber === undefined ? {} : { seqNumber }) });
      const apRep = encodeApRep({ pvno: 5, msgType: 15, encPart: sealData(ticket.sessionKey, 12, part) });
      const apReqBytes = new DataView(pending.octets.buffer, pending.octets.byteOffset).getUint16(4);
      const priv = pending.octets.subarray(6 + apReqBytes);
      const reply = concat(word(6 + apRep.length + priv.length), word(1), word(apRep.length), apRep, priv);
      const error = refusal(() => acceptPasswordReply(reply, pending));
      expect(error).toMatchObject({ code: "REPLY_MODIFIED", message: expect.stringContaining("our own request") });
      expect(JSON.stringify(error) + error.message).not.toContain(newPassword);
    }
  });

  it("PW4: an answer without the number of its AP-REP is refused", () => {
    for (const sequences of [
      [undefined, 5],
      [5, undefined],
      [undefined, undefined],
    ] as const) {
      const ends = start();
      expect(refusal(() => acceptPasswordReply(replyTo(ends, { sequences }), ends.pending)).code).toBe(
        "REPLY_MODIFIED",
      );
    }
  });

  it("PW5: no word of an error in the clear is repeated", () => {
    const { pending } = start();
    for (const eData of [undefined, concat(word(4), encodeText("call 555-0100"))]) {
      const error = refusal(() => acceptPasswordReply(errorOf(eData, "call 555-0100"), pending));
      expect(JSON.stringify(error) + error.message + String(error.cause)).not.toContain("555");
    }
  });

  it("with any octet changed is no success", () => {
    const ends = start();
    const reply = replyTo(ends);
    for (let at = 0; at < reply.length; at++) {
      for (const mask of [1, 0x80]) {
        const changed = flip(reply, at, mask);
        // The other version of the protocol is one too.
        if (at === 2 || at === 3) continue;
        refusal(() => acceptPasswordReply(changed, ends.pending));
      }
    }
    for (let length = 0; length < reply.length; length++) {
      refusal(() => acceptPasswordReply(reply.subarray(0, length), ends.pending));
    }
  });

  it.each([
    [1, "PASSWORD_CHANGE", /malformed/],
    [2, "PASSWORD_CHANGE", /the server failed/],
    [3, "PASSWORD_CHANGE", /log in again/],
    [4, "PASSWORD_REJECTED", /choose another/],
    [5, "PASSWORD_CHANGE", /may not change/],
    [6, "PASSWORD_CHANGE", /version/],
    [7, "PASSWORD_CHANGE", /straight from a login/],
    [77, "PASSWORD_CHANGE", /code 77/],
    [65535, "PASSWORD_CHANGE", /does not say why/],
  ] as const)("code %i is %s", (code, expected, message) => {
    const ends = start();
    const reply = replyTo(ends, { code, words: "Zu kurz\u001b[31m, schätze ich" });
    const error = refusal(() => acceptPasswordReply(reply, ends.pending)) as PasswordChangeError;
    expect(error).toBeInstanceOf(PasswordChangeError);
    expect(error).toMatchObject({ code: expected, resultCode: code, isProven: true });
    expect(error.serverMessage).toBe("Zu kurz?[31m, schätze ich");
    expect(error.message).toMatch(message);
    expect(JSON.stringify(error)).not.toContain(newPassword);
  });

  it("of Active Directory tells the domain's policy", () => {
    const ends = start();
    // Least length 7, 24 old ones, complex, 42 days, 1 day.
    const days = (count: number) => (BigInt(count) * 864_000_000_000n).toString(16).padStart(16, "0");
    const words = decodeHex(`0000${"00000007"}${"00000018"}${"00000001"}${days(42)}${days(1)}`);
    const policy = {
      minLength: 7,
      historyLength: 24,
      requireComplexity: true,
      maxAgeDays: 42,
      minAgeDays: 1,
    };
    expect(decodePolicy(words)).toEqual(policy);
    const error = refusal(() => acceptPasswordReply(replyTo(ends, { code: 4, words }), ends.pending));
    expect(error).toMatchObject({ code: "PASSWORD_REJECTED", policy });
    expect(error.message).toMatch(/at least 7 characters.*last 24.*once in 1 day/);
    // One octet more or less, or words, are no policy.
    expect(decodePolicy(words.subarray(0, 29))).toBeUndefined();
    expect(decodePolicy(concat(words, word(0)))).toBeUndefined();
    expect(decodePolicy(encodeText("x".repeat(30)))).toBeUndefined();
  });
});

describe("RFC 3244 section 2: the form of a message", () => {
  it("has a length of sixteen bits: a password that just fits is sent, and one octet more is refused", () => {
    const { ticket } = createWorld();
    const make = (length: number) =>
      createPasswordRequest({
        ticket,
        encTypes,
        clock: steppedClock(NOW),
        newPassword: new Uint8Array(length).fill(1),
      });
    const least = make(40_000).octets.length - 40_000;
    // DER writes every length of this size in two octets, so that the rest is always as long.
    expect(make(0xffff - least).octets).toHaveLength(0xffff);
    expect(() => make(0x10000 - least)).toThrow("the new password is too long for the protocol (RFC 3244 section 2)");
  });

  it("leaves the caller's octets of the password as they are, and has none of them in the clear", () => {
    const { ticket } = createWorld();
    const own = encodeText(newPassword);
    const { octets } = createPasswordRequest({ ticket, encTypes, clock: steppedClock(NOW), newPassword: own });
    expect(own).toEqual(encodeText(newPassword));
    expect(Buffer.from(octets).includes(Buffer.from(own))).toBe(false);
  });

  it.each<[string, (reply: Uint8Array) => Uint8Array, RegExp]>([
    [
      "of another length",
      (reply) => concat(word(reply.length + 1), reply.subarray(2)),
      /a message of \d+ octets in \d+/,
    ],
    [
      "of another version",
      (reply) => concat(reply.subarray(0, 2), word(2), reply.subarray(4)),
      /version 2; expected 1/,
    ],
    ["of version 0", (reply) => concat(reply.subarray(0, 2), word(0), reply.subarray(4)), /version 0; expected 1/],
  ])("%s is no reply", (_, change, words) => {
    const ends = start();
    expect(refusal(() => acceptPasswordReply(change(replyTo(ends)), ends.pending))).toMatchObject({
      code: "DECODE",
      message: expect.stringMatching(words),
    });
  });

  it("with less than a code in it is no reply, though the server has sealed it", () => {
    const ends = start();
    const { ticket, authenticator, subkey, pending } = ends;
    const { ctime, cusec } = authenticator;
    const part = encodeEncApRepPart({ ctime, cusec, seqNumber: 5 });
    const apRep = encodeApRep({ pvno: 5, msgType: 15, encPart: sealData(ticket.sessionKey, 12, part) });
    const priv = sealPriv(subkey, { userData: Uint8Array.of(0), seqNumber: 5, sAddress });
    const reply = concat(word(6 + apRep.length + priv.length), word(1), word(apRep.length), apRep, priv);
    expect(refusal(() => acceptPasswordReply(reply, pending))).toMatchObject({
      code: "DECODE",
      message: expect.stringContaining("a result of less than two octets"),
    });
  });

  it("under the sub-key of the server's AP-REP, where that has one (RFC 4120 section 5.5.2)", () => {
    const ends = start();
    const { ticket, authenticator, subkey, pending } = ends;
    const { ctime, cusec } = authenticator;
    const own = encTypes.generateKey(18);
    const part = encodeEncApRepPart({ ctime, cusec, seqNumber: 5, subkey: { keytype: 18, keyvalue: own.octets } });
    const apRep = encodeApRep({ pvno: 5, msgType: 15, encPart: sealData(ticket.sessionKey, 12, part) });
    const replyUnder = (key: typeof own): Uint8Array => {
      const priv = sealPriv(key, { userData: word(0), seqNumber: 5, sAddress });
      return concat(word(6 + apRep.length + priv.length), word(1), word(apRep.length), apRep, priv);
    };
    acceptPasswordReply(replyUnder(own), pending);
    expect(refusal(() => acceptPasswordReply(replyUnder(subkey), pending)).code).toBe("INTEGRITY");
  });

  it("is told from garbage by its length and its version", () => {
    const of = (length: number, version: number, octets = 8) =>
      classifyPasswordReply(concat(word(length), word(version), new Uint8Array(octets - 4)));
    expect([of(8, 1), of(8, 0xff80)]).toEqual(["reply", "reply"]);
    expect([of(8, 2), of(8, 0), of(7, 1), of(9, 1), of(5, 1, 5)]).toEqual(Array(5).fill("garbage"));
    expect(of(6, 1, 6)).toBe("reply");
  });
});

describe("what comes from a password server", () => {
  it("is told from what is none", () => {
    const ends = start();
    const reply = replyTo(ends);
    expect(classifyPasswordReply(reply)).toBe("reply");
    expect(classifyPasswordReply(errorOf(undefined))).toBe("reply");
    for (const octets of [new Uint8Array(0), reply.subarray(1), reply.subarray(0, 20), concat(reply, word(0))]) {
      expect(classifyPasswordReply(octets)).toBe("garbage");
    }
  });
});
