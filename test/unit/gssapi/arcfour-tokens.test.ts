// Contexts whose key is of RC4, where both ends permit their tokens.

import { describe, expect, it } from "vitest";
import { concat, equal } from "../../../src/bytes/index.ts";
import { createEncTypeSet, hmacMd5, hmacMd5Checksum, littleEndian, strongEncTypes } from "../../../src/crypto/index.ts";
import { encodeContextToken } from "../../../src/gssapi/framing.ts";
import type { SecurityContext } from "../../../src/gssapi/index.ts";
import { arcfourHmac, des3CbcSha1, rc4 } from "../../../src/legacy-enctypes/index.ts";
import { ArcfourMessages } from "../../../src/legacy-tokens/arcfour-messages.ts";
import { type ArcfourTokensOptions, arcfourTokens } from "../../../src/legacy-tokens/index.ts";
import { NumberWindow } from "../../../src/legacy-tokens/number-window.ts";
import { createEnds, type ExchangeChoices, failureOf } from "./exchange.ts";
import { ALL_FLAGS, provider } from "./pair.ts";

const encTypes = createEncTypeSet([arcfourHmac, des3CbcSha1, ...strongEncTypes], provider);
const data = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => 7 * i);

async function established(
  options: ArcfourTokensOptions = {},
  choices: ExchangeChoices = {},
): Promise<{ initiator: SecurityContext; acceptor: SecurityContext }> {
  const legacyTokens = arcfourTokens(options);
  const { initiator, acceptor } = createEnds({
    encTypes,
    etype: 23,
    ...choices,
    initiator: { legacyTokens, ...choices.initiator },
    acceptor: { legacyTokens, ...choices.acceptor },
  });
  const reply = await acceptor.step((await initiator.step()) as Uint8Array);
  if (reply !== undefined) await initiator.step(reply);
  return { initiator, acceptor };
}

/** One end of messages alone, with a known key. */
const messages = (isInitiator: boolean, sendSequence = 5, receiveSequence = 5, flags = {}): ArcfourMessages =>
  new ArcfourMessages(
    {
      isInitiator,
      key: encTypes.importKey(23, data(16)),
      hasAcceptorSubkey: false,
      provider,
      flags: { ...ALL_FLAGS, ...flags },
      sendSequence,
      receiveSequence,
    },
    () => {},
  );
/** Where the number is, in tokens for 5 octets: behind the framing and the header. */
const NUMBER_AT = { plain: 21, mic: 21 } as const;
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("a context under RC4", () => {
  it("seals and signs both ways, messages of every length of the framing", async () => {
    const { initiator, acceptor } = await established();
    expect([initiator.etype, acceptor.etype, acceptor.hasAcceptorSubkey]).toEqual([23, 23, false]);
    for (const size of [0, 1, 63, 64, 77, 78, 79, 80, 90, 100, 205, 206, 207, 65_500, 70_000]) {
      for (const conf of [true, false]) {
        for (const [from, to] of [
          [initiator, acceptor],
          [acceptor, initiator],
        ] as const) {
          const token = from.wrap(data(size), { conf });
          expect(token.length - size).toBeLessThanOrEqual(from.wrapOverhead);
          expect(equal(to.unwrap(token, { requireConf: conf }), data(size))).toBe(true);
        }
      }
    }
    const out = new Uint8Array(10 + initiator.wrapOverhead + 3);
    const length = initiator.wrapInto(out, 10, data(1), data(2));
    expect(acceptor.unwrap(out.subarray(10, 10 + length))).toEqual(Uint8Array.of(0, 0, 7));
    expect(initiator.wrapSizeLimit(1000)).toBe(1000 - initiator.wrapOverhead);
  });

  it("without mutual authentication: under the initiator's key", async () => {
    const { initiator, acceptor } = await established({}, { initiator: { flags: { mutual: false } } });
    expect(acceptor.unwrap(initiator.wrap(data(9)))).toEqual(data(9));
    expect(initiator.unwrap(acceptor.wrap(data(9)))).toEqual(data(9));
  });

  it("LE3: makes and takes no MIC, which can be forged, unless they are permitted", async () => {
    for (const act of [
      ({ initiator }: { initiator: SecurityContext }) => initiator.getMic(data(3)),
      ({ acceptor }: { acceptor: SecurityContext }) => acceptor.verifyMic(data(3), data(40)),
    ]) {
      const ends = await established();
      expect(() => act({ ...ends })).toThrow(/MICs of arcfour-hmac can be forged \(CVE-2025-3576\)/);
    }
    const { initiator, acceptor } = await established({ mic: true });
    acceptor.verifyMic(data(300), initiator.getMic(data(300)));
    initiator.verifyMic(data(0), acceptor.getMic(data(0)));
    const mic = initiator.getMic(data(3));
    expect(codeOf(() => acceptor.verifyMic(data(4), mic))).toBe("GSS_BAD_MIC");
  });

  it("LE2: permits RC4 alone, and only where the enctype is permitted too", async () => {
    const { initiator } = createEnds({ encTypes, etype: 16, initiator: { legacyTokens: arcfourTokens() } });
    expect(await failureOf(initiator.step())).toMatchObject({ code: "ETYPE_NOT_PERMITTED" });
    const strong = createEnds({
      encTypes,
      etype: 23,
      initiator: { legacyTokens: arcfourTokens(), enctypes: ["aes256-sha1"] },
    });
    expect(await failureOf(strong.initiator.step())).toMatchObject({ code: "ETYPE_NOT_PERMITTED" });
    const one = createEnds({ encTypes, etype: 23, acceptor: { legacyTokens: arcfourTokens() } });
    expect((await failureOf(one.initiator.step())).message).toContain("legacyTokens: arcfourTokens()");
  });

  it("a session key of AES has tokens of AES all the same", async () => {
    const { initiator, acceptor } = await established({}, { etype: 18 });
    expect([initiator.etype, acceptor.hasAcceptorSubkey]).toEqual([18, true]);
    expect(acceptor.unwrap(initiator.wrap(data(9)))).toEqual(data(9));
  });

  it("options: a value with protect, and known ones alone", () => {
    expect(() => arcfourTokens({ mics: true } as ArcfourTokensOptions)).toThrow(TypeError);
    expect(() => arcfourTokens({ mic: 1 as never })).toThrow(TypeError);
    expect(() => createEnds({ initiator: { legacyTokens: {} as never } })).toThrow(/legacyTokens/);
  });
});

describe("tokens of RC4", () => {
  it("each bit counts: one that is changed is refused, in Wrap tokens and in MICs", () => {
    const tokens = {
      sealed: (end: ArcfourMessages) => end.unwrap.bind(end),
      plain: (end: ArcfourMessages) => end.unwrap.bind(end),
      mic: (end: ArcfourMessages) => (token: Uint8Array) => end.verifyMic(data(5), token),
    };
    const sender = messages(true);
    const sealed = new Uint8Array(100);
    const made = {
      sealed: sealed.subarray(0, sender.sealInto(sealed, 0, [data(5)])),
      plain: messages(true).wrapPlain(data(5)),
      mic: messages(true).getMic(data(5)),
    };
    for (const [kind, token] of Object.entries(made) as [keyof typeof tokens, Uint8Array][]) {
      expect(codeOf(() => tokens[kind](messages(false))(token, false))).toBe("none");
      for (let bit = 0; bit < token.length * 8; bit++) {
        const changed = token.slice();
        (changed[bit >> 3] as number) ^= 1 << (bit & 7);
        const code = codeOf(() => tokens[kind](messages(false))(changed, false));
        // RFC 4757 signs no number: of a token that is not sealed with it, a changed one is out of order at best.
        const isNumber = kind !== "sealed" && bit >= NUMBER_AT[kind] * 8 && bit < (NUMBER_AT[kind] + 4) * 8;
        const codes = isNumber ? /^GSS_(GAP|OLD)_TOKEN$/ : /^GSS_(BAD_MIC|DEFECTIVE_TOKEN)$/;
        expect([kind, bit, code]).toEqual([kind, bit, expect.stringMatching(codes)]);
      }
      for (let length = 0; length < token.length; length++) {
        expect(codeOf(() => tokens[kind](messages(false))(token.subarray(0, length), false))).toBe(
          "GSS_DEFECTIVE_TOKEN",
        );
      }
    }
  });

  it("words of tokens that are cut, of another kind or another cipher, reflected or not sealed", () => {
    const token = messages(true).wrapPlain(data(5));
    const body = token.subarray(token.length - (6 + 8 + 8 + 8 + 6));
    const framed = (tokenId: number, message: Uint8Array, at?: number, value = 0): Uint8Array => {
      const copy = message.slice();
      if (at !== undefined) copy[at] = value;
      return encodeContextToken(tokenId, copy);
    };
    const unwrap =
      (octets: Uint8Array, requireConf = false) =>
      () =>
        messages(false).unwrap(octets, requireConf);
    expect(unwrap(framed(0x0201, body))()).toEqual(data(5));
    expect(unwrap(framed(0x0101, body))).toThrow("token id 0101 where a Wrap token was expected");
    expect(unwrap(framed(0x0201, body.subarray(0, 30)))).toThrow("has 30 octets behind its id, 31 are the least");
    expect(unwrap(framed(0x0201, body, 0, 4))).toThrow("signed by another algorithm than HMAC");
    expect(unwrap(framed(0x0201, body, 2, 2))).toThrow("sealed by another cipher");
    expect(unwrap(framed(0x0201, body, 5, 0))).toThrow("the filler of the Wrap token is not FF");
    expect(unwrap(token, true)).toThrow("is not sealed");
    expect(() => messages(true).unwrap(token, false)).toThrow("was sent by this side: it was reflected");
    const mic = messages(true).getMic(data(5));
    expect(() => messages(false).verifyMic(data(5), framed(0x0101, new Uint8Array([...mic.subarray(-22), 0])))).toThrow(
      "has 1 octets too many",
    );
    expect(() => messages(false).verifyMic(data(5), framed(0x0101, mic.subarray(-22), 3, 0))).toThrow(
      "the filler of the MIC token is not FF",
    );
  });

  it("a count of padding that is not 1 is refused, though it is signed", () => {
    const key = data(16);
    const header = Uint8Array.of(2, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff);
    const tokenOf = (padding: number): Uint8Array => {
      const body = concat(data(8), data(5), Uint8Array.of(padding));
      const checksum = hmacMd5Checksum(provider, key, 13, header, body).subarray(0, 8);
      const stream = hmacMd5(provider, hmacMd5(provider, key, littleEndian(0)), checksum);
      const sequence = rc4(stream, Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 0));
      return encodeContextToken(0x0201, concat(header.subarray(2), sequence, checksum, body));
    };
    expect(messages(false).unwrap(tokenOf(1), false)).toEqual(data(5));
    for (const padding of [0, 2, 255]) {
      expect(() => messages(false).unwrap(tokenOf(padding), false)).toThrow("padded by another count than 1");
    }
  });

  it("W10: replays and lost messages are refused, across the turn of 32 bits too", () => {
    for (const start of [0, 5, 0xfffffffe]) {
      const sender = messages(true, start);
      const receiver = messages(false, 0, start);
      const tokens = Array.from({ length: 6 }, (_, i) => sender.wrapPlain(data(i)));
      for (const i of [0, 1, 2, 3]) expect(receiver.unwrap(tokens[i] as Uint8Array, false)).toEqual(data(i));
      expect(codeOf(() => receiver.unwrap(tokens[2] as Uint8Array, false))).toBe("GSS_DUPLICATE_TOKEN");
      expect(codeOf(() => receiver.unwrap(tokens[5] as Uint8Array, false))).toBe("GSS_GAP_TOKEN");
      expect(codeOf(() => receiver.unwrap(tokens[4] as Uint8Array, false))).toBe("GSS_GAP_TOKEN");
    }
    const early = messages(true, 0xffffffff);
    expect(codeOf(() => messages(false, 0, 0).unwrap(early.wrapPlain(data(1)), false))).toBe("GSS_OLD_TOKEN");
  });
});

describe("numbers of 32 bits", () => {
  const HALF = 2 ** 31;
  const flags = { ...ALL_FLAGS, sequence: false, replay: true };
  const takenBy = (initial: number, ...numbers: number[]) => {
    const window = new NumberWindow(initial);
    return numbers.map((number) => codeOf(() => window.take(number, flags)));
  };

  it("go round: the nearer way says what is ahead, from the newest that came", () => {
    expect(takenBy(0, 0, HALF / 2, HALF, 1.5 * HALF, 5, 0)).toEqual(["none", "none", "none", "none", "none", "none"]);
    expect(takenBy(10, 10, 10 + HALF)).toEqual(["none", "none"]);
    expect(takenBy(10, 10, 10)[1]).not.toBe("none");
    expect(takenBy(10, 9)).not.toEqual(["none"]);
  });

  it("one from before moves nothing back", () => {
    // HALF + 91 came late: what is 2^31 - 5 ahead of the newest stays ahead.
    expect(takenBy(0, HALF - 1, HALF + 99, HALF + 90, 95)).toEqual(["none", "none", "none", "none"]);
  });
});

it("what a token is called in errors, and what it needs, are its own", () => {
  const one = messages(true);
  expect(() => messages(false).verifyMic(data(5), one.wrapPlain(data(5)))).toThrow(/where a MIC token was expected/);
  expect(() => messages(false).unwrap(one.getMic(data(5)), false)).toThrow(/where a Wrap token was expected/);
  expect(() => new ArcfourMessages({ provider: undefined } as never, () => {})).toThrow(
    /tokens of RC4 need a provider of MD5/,
  );
});
