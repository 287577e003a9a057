import { describe, expect, it } from "vitest";
import type { ProtocolKey } from "../../../src/crypto/index.ts";
import type { SecurityContext } from "../../../src/entry/gssapi.ts";
import { KdcError } from "../../../src/errors.ts";
import { decodeContextToken, encodeContextToken } from "../../../src/gssapi/framing.ts";
import { MessageProtection } from "../../../src/gssapi/message-protection.ts";
import { KRB_ERROR, TOKEN_ID } from "../../../src/iana/index.ts";
import {
  createKrbError,
  createReplayCache,
  decodeApRep,
  decodeApReq,
  decodeAuthenticator,
  decodeEncApRepPart,
  type EncApRepPart,
  encodeApRep,
  encodeEncApRepPart,
  openData,
  sealData,
} from "../../../src/krb5/index.ts";
import { createEnds, type Ends, failureOf, HOST, NOW } from "./exchange.ts";
import { encTypes, flip, pattern } from "./pair.ts";

const UNKNOWN = { etype: 23, octets: 16 };

/** An initiator that waits, and the true reply to it. */
async function waiting(): Promise<Ends & { reply: Uint8Array; request: Uint8Array }> {
  const ends = createEnds();
  const request = (await ends.initiator.step()) as Uint8Array;
  const reply = (await ends.acceptor.step(request)) as Uint8Array;
  return { ...ends, reply, request };
}

/** The reply with its encrypted part changed, under the right key. */
function reseal(
  reply: Uint8Array,
  key: ProtocolKey,
  change: (part: EncApRepPart) => Partial<EncApRepPart>,
): Uint8Array {
  const { message } = decodeContextToken(reply);
  const part = decodeEncApRepPart(openData(key, 12, decodeApRep(message).encPart));
  return repacked(key, 12, { ...part, ...change(part) });
}

function repacked(key: ProtocolKey, usage: number, part: EncApRepPart): Uint8Array {
  const encPart = sealData(key, usage, encodeEncApRepPart(part));
  return encodeContextToken(TOKEN_ID.apRep, encodeApRep({ pvno: 5, msgType: 15, encPart }));
}

async function expectRefusal(context: SecurityContext, token: Uint8Array, code: string): Promise<void> {
  const error = await failureOf(context.step(token));
  expect(error.code).toBe(code);
  // Rule C7: dead, and it says why.
  expect(context.isEstablished).toBe(false);
  expect(await failureOf(context.step(token))).toBe(error);
  expect(() => context.wrap(pattern(1))).toThrow(error);
}

describe("an initiator", () => {
  it("accepts the true reply, also when it is packed anew", async () => {
    const first = await waiting();
    await first.initiator.step(first.reply);
    expect(first.initiator.isEstablished).toBe(true);
    const second = await waiting();
    await second.initiator.step(reseal(second.reply, second.ticket.sessionKey, () => ({})));
    expect(second.initiator.isEstablished).toBe(true);
  });

  it("C1: refuses a reply that another key than the session key sealed", async () => {
    const { initiator, ticket, reply } = await waiting();
    const part = decodeEncApRepPart(
      openData(ticket.sessionKey, 12, decodeApRep(decodeContextToken(reply).message).encPart),
    );
    await expectRefusal(initiator, repacked(encTypes.generateKey(18), 12, part), "INTEGRITY");
  });

  it("C1: refuses a reply under another key usage", async () => {
    for (const usage of [2, 11, 13]) {
      const { initiator, ticket, reply } = await waiting();
      const part = decodeEncApRepPart(
        openData(ticket.sessionKey, 12, decodeApRep(decodeContextToken(reply).message).encPart),
      );
      await expectRefusal(initiator, repacked(ticket.sessionKey, usage, part), "INTEGRITY");
    }
  });

  it("C1: refuses a reply with any octet changed", async () => {
    const { reply } = await waiting();
    for (let at = 0; at < reply.length; at++) {
      const ends = await waiting();
      const error = await failureOf(ends.initiator.step(flip(ends.reply, Math.min(at, ends.reply.length - 1), 1)));
      expect(["GSS_DEFECTIVE_TOKEN", "INTEGRITY", "BAD_KEY"]).toContain(error.code);
      expect(ends.initiator.isEstablished).toBe(false);
    }
  });

  it("C2: refuses a reply whose ctime or cusec is not the one sent, by one", async () => {
    const changes: ((part: EncApRepPart) => Partial<EncApRepPart>)[] = [
      ({ ctime }) => ({ ctime: new Date(ctime.getTime() + 1000) }),
      ({ ctime }) => ({ ctime: new Date(ctime.getTime() - 1000) }),
      ({ cusec }) => ({ cusec: cusec === 999_999 ? cusec - 1 : cusec + 1 }),
      ({ cusec }) => ({ cusec: cusec === 0 ? 1 : cusec - 1 }),
    ];
    for (const change of changes) {
      const { initiator, ticket, reply } = await waiting();
      await expectRefusal(initiator, reseal(reply, ticket.sessionKey, change), "REPLY_MODIFIED");
    }
  });

  it("C2: refuses the reply to another request of the same ticket", async () => {
    const first = await waiting();
    const twice = createEnds({ initiator: { credential: { getTicket: async () => first.ticket } } });
    await twice.initiator.step();
    await expectRefusal(twice.initiator, first.reply, "REPLY_MODIFIED");
  });

  it("C3: two authenticators of one ticket in the same millisecond are both accepted by one acceptor's cache", async () => {
    const { ticket, keytab } = createEnds();
    const replayCache = createReplayCache();
    for (let i = 0; i < 50; i++) {
      const ends = createEnds({
        initiator: { credential: { getTicket: async () => ticket } },
        acceptor: { keytab, replayCache },
      });
      await ends.initiator.step(await ends.acceptor.step(await ends.initiator.step()));
      expect(ends.initiator.isEstablished).toBe(true);
    }
  });

  it("C5: refuses a reply in another framing: cut, longer, another mechanism, no framing at all", async () => {
    const forms: ((reply: Uint8Array) => Uint8Array)[] = [
      (reply) => reply.subarray(0, reply.length - 1),
      (reply) => Uint8Array.of(...reply, 0),
      (reply) => flip(reply, 12, 1),
      (reply) => decodeContextToken(reply).message,
      () => new Uint8Array(0),
    ];
    for (const form of forms) {
      const { initiator, reply } = await waiting();
      await expectRefusal(initiator, form(reply), "GSS_DEFECTIVE_TOKEN");
    }
  });

  it("C5: refuses another token id, with an AP-REP behind it or not", async () => {
    for (const tokenId of [0x0100, 0x0101, 0x0102, 0x0201, 0x0404, 0x0504, 0x0000]) {
      const { initiator, reply } = await waiting();
      const { message } = decodeContextToken(reply);
      await expectRefusal(initiator, encodeContextToken(tokenId, message), "GSS_DEFECTIVE_TOKEN");
    }
  });

  it("C5: refuses its own token when it comes back", async () => {
    const { initiator, request } = await waiting();
    await expectRefusal(initiator, request, "GSS_DEFECTIVE_TOKEN");
    const second = await waiting();
    const { message } = decodeContextToken(second.request);
    await expectRefusal(second.initiator, encodeContextToken(TOKEN_ID.apRep, message), "GSS_DEFECTIVE_TOKEN");
  });

  it("C5: refuses no token where a reply is due", async () => {
    const { initiator } = await waiting();
    expect((await failureOf(initiator.step())).code).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("C5: refuses a token in its first step", async () => {
    const { initiator } = createEnds();
    expect((await failureOf(initiator.step(pattern(5)))).code).toBe("GSS_DEFECTIVE_TOKEN");
  });

  it("C6: does not open a reply with its own subkey", async () => {
    const { initiator, request, reply, ticket } = await waiting();
    // The subkey is in the authenticator; what opens it is the session key, which this test has.
    const { authenticator } = decodeApReq(decodeContextToken(request).message);
    const { subkey } = decodeAuthenticator(openData(ticket.sessionKey, 11, authenticator));
    const key = encTypes.importKey(subkey?.keytype as number, subkey?.keyvalue as Uint8Array);
    const part = decodeEncApRepPart(
      openData(ticket.sessionKey, 12, decodeApRep(decodeContextToken(reply).message).encPart),
    );
    await expectRefusal(initiator, repacked(key, 12, part), "INTEGRITY");
  });

  it("C11: refuses an acceptor subkey of an enctype that is not permitted", async () => {
    const { initiator, ticket, reply } = await waiting();
    const subkey = { keytype: UNKNOWN.etype, keyvalue: new Uint8Array(UNKNOWN.octets) };
    await expectRefusal(
      initiator,
      reseal(reply, ticket.sessionKey, () => ({ subkey })),
      "ETYPE_NOT_PERMITTED",
    );
    const narrow = createEnds({ initiator: { enctypes: encTypes.restrict([18]) }, acceptor: { subkeyEnctype: 17 } });
    const token = (await narrow.acceptor.step(await narrow.initiator.step())) as Uint8Array;
    await expectRefusal(narrow.initiator, token, "ETYPE_NOT_PERMITTED");
  });

  it("C11: refuses an acceptor subkey of a length that its enctype does not have", async () => {
    for (const length of [0, 16, 31, 33]) {
      const { initiator, ticket, reply } = await waiting();
      const subkey = { keytype: 18, keyvalue: new Uint8Array(length) };
      await expectRefusal(
        initiator,
        reseal(reply, ticket.sessionKey, () => ({ subkey })),
        "BAD_KEY",
      );
    }
  });

  it("C4: a reply without a subkey leaves the initiator's, and its flag clear", async () => {
    const { initiator, ticket, reply } = await waiting();
    const part = decodeEncApRepPart(
      openData(ticket.sessionKey, 12, decodeApRep(decodeContextToken(reply).message).encPart),
    );
    const { subkey: _dropped, ...rest } = part;
    await initiator.step(repacked(ticket.sessionKey, 12, rest));
    expect(initiator.hasAcceptorSubkey).toBe(false);
    expect((initiator.wrap(pattern(1))[2] as number) & 4).toBe(0);
  });

  it("C4: the acceptor's first number may have all of its 32 bits", async () => {
    const { initiator, ticket, reply } = await waiting();
    const subkey = encTypes.generateKey(18);
    const keyBlock = { keytype: 18, keyvalue: subkey.octets };
    await initiator.step(reseal(reply, ticket.sessionKey, () => ({ seqNumber: 0xfffffffe, subkey: keyBlock })));
    const acceptor = new MessageProtection({
      isInitiator: false,
      key: subkey,
      hasAcceptorSubkey: true,
      flags: initiator.flags,
      sendSequence: 0xfffffffe,
      receiveSequence: 0,
    });
    for (let i = 0; i < 4; i++) initiator.verifyMic(pattern(i), acceptor.getMic(pattern(i)));
  });

  it("refuses a ticket that has ended, by the KDC's clock, before it sends anything", async () => {
    const ended = createEnds({ endTime: new Date(NOW) });
    expect((await failureOf(ended.initiator.step())).code).toBe("TICKET_EXPIRED");
    const ahead = createEnds({ endTime: new Date(NOW + 60_000), clockOffsetMs: 60_000 });
    expect((await failureOf(ahead.initiator.step())).code).toBe("TICKET_EXPIRED");
    const behind = createEnds({ endTime: new Date(NOW), clockOffsetMs: -60_000 });
    expect(await behind.initiator.step()).toBeInstanceOf(Uint8Array);
  });

  it("C11: refuses a ticket whose session key is of an enctype that is not permitted", async () => {
    const { initiator } = createEnds({ etype: 17, initiator: { enctypes: encTypes.restrict([18]) } });
    // By its words too: what comes later refuses an unknown enctype with the same code.
    expect(await failureOf(initiator.step())).toMatchObject({
      code: "ETYPE_NOT_PERMITTED",
      message: expect.stringContaining("has a session key of aes128-cts-hmac-sha1-96, which is not permitted"),
    });
  });

  it("C7: the credential's failure is thrown as it is, and ends the context", async () => {
    const failure = await failureOf(
      (async () => {
        const { acceptor } = createEnds();
        await acceptor.step(new Uint8Array(0));
      })(),
    );
    const { initiator } = createEnds({ initiator: { credential: { getTicket: () => Promise.reject(failure) } } });
    await expect(initiator.step()).rejects.toBe(failure);
    await expect(initiator.step()).rejects.toBe(failure);
  });
});

describe("an error token", () => {
  const codes: readonly [keyof typeof KRB_ERROR, string][] = [
    ["KRB_AP_ERR_SKEW", "SERVER_CLOCK_SKEW"],
    ["KRB_AP_ERR_BAD_INTEGRITY", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_MODIFIED", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_BADKEYVER", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_NOKEY", "SERVER_KEY_CHANGED"],
    ["KRB_AP_ERR_REPEAT", "REPLAY"],
    ["KRB_AP_ERR_TKT_EXPIRED", "TICKET_EXPIRED"],
    ["KRB_AP_ERR_NOT_US", "SERVER_REJECTED_TICKET"],
    ["KRB_AP_ERR_BADMATCH", "SERVER_REJECTED_TICKET"],
    ["KRB_ERR_GENERIC", "SERVER_REJECTED_TICKET"],
    // C5: a code of 0 is a failure too.
    ["KDC_ERR_NONE", "SERVER_REJECTED_TICKET"],
  ];
  for (const [name, code] of codes) {
    it(`C5: ${name} is ${code}, with the KRB-ERROR as the cause`, async () => {
      const { initiator } = await waiting();
      const token = encodeContextToken(TOKEN_ID.error, createKrbError(KRB_ERROR[name], HOST, NOW, "because"));
      const error = await failureOf(initiator.step(token));
      expect(error.code).toBe(code);
      expect(error.cause).toBeInstanceOf(KdcError);
      expect((error.cause as KdcError).errorCode).toBe(KRB_ERROR[name]);
      expect((error.cause as KdcError).text).toBe("because");
      expect((error.cause as KdcError).serverTime).toEqual(new Date(NOW));
      expect(error.message).toContain(name);
      expect(initiator.isEstablished).toBe(false);
      expect(await failureOf(initiator.step(token))).toBe(error);
    });
  }

  it("C5: its clock changes nothing for the next context (the time has no MAC)", async () => {
    const { ticket, initiator } = await waiting();
    const token = encodeContextToken(TOKEN_ID.error, createKrbError(KRB_ERROR.KRB_AP_ERR_SKEW, HOST, NOW + 9e8));
    await failureOf(initiator.step(token));
    expect(ticket.clockOffsetMs).toBe(0);
    const next = createEnds({ initiator: { credential: { getTicket: async () => ticket } } });
    await next.initiator.step();
    expect(next.initiator.expires).toEqual(ticket.endTime);
  });

  it("C5: what is no KRB-ERROR is a defective token", async () => {
    for (const message of [new Uint8Array(0), pattern(40), Uint8Array.of(0x7e, 0)]) {
      const { initiator } = await waiting();
      const error = await failureOf(initiator.step(encodeContextToken(TOKEN_ID.error, message)));
      expect(error.code).toBe("GSS_DEFECTIVE_TOKEN");
    }
  });
});
