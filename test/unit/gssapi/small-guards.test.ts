// Guards of the tokens and of what goes into them, each at its edge and one beyond, in its own words.

import { describe, expect, it } from "vitest";
import { createAcceptor, createInitiator } from "../../../src/entry/gssapi.ts";
import { isAnnounced } from "../../../src/gssapi/binding-announcement.ts";
import { decodeContextToken, encodeContextToken } from "../../../src/gssapi/framing.ts";
import { decodeGssChecksum, encodeGssChecksum } from "../../../src/gssapi/gss-checksum.ts";
import { permittedIn } from "../../../src/gssapi/options.ts";
import { SealedMessages } from "../../../src/gssapi/sealed-messages.ts";
import { SequenceWindow } from "../../../src/gssapi/sequence-window.ts";
import { GSS_FLAG, TOKEN_ID } from "../../../src/iana/index.ts";
import { decodeApReq, decodeAuthenticator, openData, parsePrincipal } from "../../../src/krb5/index.ts";
import { createEnds, createWorld, failureOf, NOW } from "./exchange.ts";
import { ALL_FLAGS, encTypes, pattern, protectionPair } from "./pair.ts";

describe("a context token", () => {
  const good = encodeContextToken(TOKEN_ID.apReq, pattern(3));

  it.each([
    ["no octet", new Uint8Array(0), "the context token is empty"],
    ["another tag", Uint8Array.of(0x61, ...good.subarray(1)), "the context token: "],
    ["an octet more than its length", Uint8Array.of(...good, 0), "the context token ends 1 octets before"],
    ["no token id", Uint8Array.of(0x60, 12, ...good.subarray(2, 14)), "the context token is too short"],
    ["another mechanism", good.map((octet, at) => (at === 12 ? octet ^ 1 : octet)), "is of another mechanism"],
  ])("with %s is defective", (_, token, words) => {
    expect(() => decodeContextToken(token)).toThrow(words.endsWith(": ") ? /^(?!.*NaN)/ : words);
    expect(() => decodeContextToken(token)).toThrow(expect.objectContaining({ code: "GSS_DEFECTIVE_TOKEN" }));
  });

  it("with a damaged header keeps the cause", () => {
    expect(() => decodeContextToken(Uint8Array.of(0x61, 0))).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: "DECODE" }) }),
    );
  });

  it("with no more than its header and an empty message is whole", () => {
    expect(decodeContextToken(encodeContextToken(TOKEN_ID.apRep, new Uint8Array(0)))).toMatchObject({
      tokenId: TOKEN_ID.apRep,
      message: new Uint8Array(0),
    });
  });
});

describe("a message's token id", () => {
  it.each([
    [0x0101, "token id 0101 of RFC 1964"],
    [0x0201, "token id 0201 of RFC 1964"],
    [0x0102, "token id 0102 of RFC 1964"],
    [0x0103, "token id 0103 where a Wrap token was expected"],
    [0x0202, "token id 0202 where a Wrap token was expected"],
    [0x6000, "in GSS-API framing"],
    [0x60ff, "in GSS-API framing"],
    [0x6100, "token id 6100 where"],
    [TOKEN_ID.mic, "token id 0404 where a Wrap token was expected"],
  ])("%s is told in its words", (id, words) => {
    const { acceptor } = protectionPair();
    const token = pattern(40);
    token.set([id >>> 8, id & 0xff]);
    expect(() => acceptor.unwrap(token, false)).toThrow(words);
  });
});

it("a context that seals every message takes none that is signed alone", () => {
  const parameters = { hasAcceptorSubkey: true, flags: ALL_FLAGS, sendSequence: 1000, receiveSequence: 1000 };
  const sealing = new SealedMessages({ ...parameters, isInitiator: false, key: encTypes.importKey(18, ours()) });
  const { initiator } = protectionPair({ acceptorSequence: 1000 });
  const sealed = new Uint8Array(3 + initiator.sealedOverhead);
  initiator.sealInto(sealed, 0, [pattern(3)]);
  expect(sealing.unwrap(sealed, false)).toEqual(pattern(3));
  expect(() => sealing.unwrap(initiator.wrapPlain(pattern(3)), false)).toThrow("the message is not sealed");
});

/** The key of `protectionPair`. */
function ours(): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => 31 * i + 18);
}

describe("the delegated credential of a checksum", () => {
  it("has 65,535 octets at most", () => {
    const longest = encodeGssChecksum(GSS_FLAG.deleg, undefined, new Uint8Array(65_535));
    expect(decodeGssChecksum(longest).delegated).toHaveLength(65_535);
    expect(() => encodeGssChecksum(GSS_FLAG.deleg, undefined, new Uint8Array(65_536))).toThrow(RangeError);
  });

  it.each([
    ["are cut off", [1, 0, 0], "the delegation fields of the authenticator's checksum are cut off"],
    ["have another option", [2, 0, 0, 0], "is not 1"],
    ["announce one octet more than there is", [1, 0, 2, 0, 9], "the delegated credential of the checksum is cut off"],
  ])("is refused where its fields %s", (_, more, words) => {
    const octets = Uint8Array.of(...encodeGssChecksum(GSS_FLAG.deleg), ...more);
    expect(() => decodeGssChecksum(octets)).toThrow(words);
  });
});

describe("a number that is half the circle away", () => {
  it("is behind, and one less is ahead", () => {
    expect(new SequenceWindow(0).check(0x80000000, 0)).toBe("OLD");
    expect(new SequenceWindow(0).check(0x7fffffff, 0xffffffff)).toBe("GAP");
  });
});

describe("an initiator", () => {
  it("takes the enctypes of its credential, and refuses a ticket whose session key is of another, before it sends", async () => {
    const only = { ...encTypes, has: (etype: number) => etype === 17 } as typeof encTypes;
    expect(await permittedIn(undefined, { getTicket: () => Promise.reject(), loadEncTypes: async () => only })).toBe(
      only,
    );
    for (const own of [{ enctypes: ["aes128-sha1"] }, { enctypes: [17] }]) {
      const { initiator } = createEnds({ initiator: own });
      const error = await failureOf(initiator.step());
      expect(error).toMatchObject({
        code: "ETYPE_NOT_PERMITTED",
        etype: 18,
        message:
          "the ticket for host/server.example.org@EXAMPLE.TEST has a session key of aes256-cts-hmac-sha1-96, which is not permitted",
      });
    }
  });

  it.each([
    ["announces bindings where it has some", { channelBindings: pattern(4) }, true],
    ["but not where it is told not to", { channelBindings: pattern(4), announceChannelBindings: false }, false],
    ["announces none where it has none", {}, false],
    ["but where it is told to", { announceChannelBindings: true }, true],
  ])("%s", async (_, options, announced) => {
    const { initiator, ticket } = createEnds({ initiator: options });
    const { message } = decodeContextToken((await initiator.step()) as Uint8Array);
    const part = openData(ticket.sessionKey, 11, decodeApReq(message).authenticator);
    expect(isAnnounced(decodeAuthenticator(part).authorizationData)).toBe(announced);
  });

  it("asks its credential with the signal where there is one, and with no more", async () => {
    const asked: unknown[] = [];
    const { ticket } = createWorld();
    const make = () =>
      createInitiator({
        target: "host@server.example.org",
        credential: {
          getTicket: async (_, options) => {
            asked.push(options);
            return ticket;
          },
          getForwardedTicket: async (options) => {
            asked.push(options);
            return undefined;
          },
        },
        flags: { delegation: true },
        enctypes: encTypes,
        now: () => NOW,
      });
    await make().step();
    expect(asked.map((options) => Object.keys(options as object))).toEqual([[], ["client"]]);
    asked.length = 0;
    const { signal } = new AbortController();
    await make().step(undefined, { signal });
    expect(asked).toEqual([{ signal }, { client: ticket.client, signal }]);
  });

  it("fails with what its credential throws that is not a refusal to delegate", async () => {
    const { ticket } = createWorld();
    const why = new RangeError("a fault");
    const initiator = createInitiator({
      target: "host@server.example.org",
      credential: { getTicket: async () => ticket, getForwardedTicket: () => Promise.reject(why) },
      flags: { delegation: true },
      enctypes: encTypes,
      now: () => NOW,
    });
    expect(await failureOf(initiator.step())).toMatchObject({ code: "GSS", cause: why });
  });

  it("says that the server has not proven its key, whichever check failed, and keeps the code", async () => {
    for (const [code, fields, spoil] of [
      ["INTEGRITY", {}, (reply: Uint8Array) => reply.map((octet, at) => (at === reply.length - 1 ? octet ^ 1 : octet))],
      ["REPLY_MODIFIED", { service: "host/server.example.org@EXAMPLE.TEST" }, undefined],
    ] as const) {
      const ends = createEnds();
      const again = createEnds({ initiator: { credential: { getTicket: async () => ends.ticket } } });
      const reply = (await ends.acceptor.step(await ends.initiator.step())) as Uint8Array;
      const waiting = spoil === undefined ? again.initiator : ends.initiator;
      if (spoil === undefined) await waiting.step();
      expect(await failureOf(waiting.step(spoil?.(reply) ?? reply))).toMatchObject({
        ...fields,
        code,
        message: expect.stringMatching(
          /^host\/server\.example\.org@EXAMPLE\.TEST has not proven that it has its key: /,
        ),
      });
    }
  });
});

describe("the services of an acceptor", () => {
  const [http, host, ldap] = ["HTTP/a.example.org", "host/a.example.org", "ldap/a.example.org"].map((text) =>
    parsePrincipal(`${text}@EXAMPLE.TEST`),
  );

  it.each([
    ["any host's, by a source that names no principals", "HTTP", [http], [host, ldap]],
    ["of a list with names and any host's", ["HTTP", "host/a.example.org@EXAMPLE.TEST"], [http, host], [ldap]],
    ["of a list of any host's", ["HTTP", "host"], [http, host], [ldap]],
  ])("%s", async (_, service, taken, refused) => {
    for (const one of [...taken, ...refused]) {
      const world = createWorld({ service: one as NonNullable<typeof one> });
      const { initiator } = createEnds({
        initiator: { target: one as NonNullable<typeof one>, credential: { getTicket: async () => world.ticket } },
      });
      const acceptor = createAcceptor({
        keytab: {
          keysOf: world.keytab.keysOf,
          keysFor: () => world.keytab.keysOf(one as NonNullable<typeof one>),
        },
        service,
        enctypes: encTypes,
        now: () => NOW,
      });
      const stepping = acceptor.step(await initiator.step());
      if (taken.includes(one)) await stepping;
      else await failureOf(stepping);
      expect(acceptor.isEstablished).toBe(taken.includes(one));
    }
  });
});
