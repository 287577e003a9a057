import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, equal } from "../../../src/bytes/index.ts";
import type { MessageProtection } from "../../../src/gssapi/message-protection.ts";
import { codeOf, ETYPES, encTypes, flip, pattern, protectionPair, seal } from "./pair.ts";

const NO_ORDER = { replay: false, sequence: false };

/** Both directions of a context whose order is not checked, so that a token may be tried again and again. */
function directions(etype: number): { from: MessageProtection; to: MessageProtection; name: string }[] {
  const { initiator, acceptor } = protectionPair({ etype, flags: NO_ORDER });
  return [
    { from: initiator, to: acceptor, name: "initiator to acceptor" },
    { from: acceptor, to: initiator, name: "acceptor to initiator" },
  ];
}

/** Right rotation as a sender does it (RFC 4121 section 4.2.5). */
function rotate(token: Uint8Array, count: number): Uint8Array {
  const body = token.subarray(16);
  const by = body.length === 0 ? 0 : count % body.length;
  const header = token.slice(0, 16);
  header[6] = count >>> 8;
  header[7] = count & 0xff;
  return concat(header, body.subarray(body.length - by), body.subarray(0, body.length - by));
}

for (const etype of ETYPES) {
  describe(`messages under enctype ${etype}`, () => {
    for (const { from, to, name } of directions(etype)) {
      it(`go ${name}: sealed, unsealed and MIC, of 0 octets to 100,000`, () => {
        for (const length of [0, 1, 3, 4, 12, 15, 16, 17, 31, 32, 33, 100, 4096, 100_000]) {
          const message = pattern(length);
          const sealed = seal(from, message);
          expect(sealed.length).toBe(length + from.sealedOverhead);
          expect(equal(to.unwrap(sealed, true), message)).toBe(true);
          const plain = from.wrapPlain(message);
          expect(plain.length).toBe(length + from.plainOverhead);
          expect(equal(plain.subarray(16, 16 + length), message)).toBe(true);
          expect(equal(to.unwrap(plain, false), message)).toBe(true);
          to.verifyMic(message, from.getMic(message));
        }
      });

      it(`W7, W8, W9: every octet of a token altered in four ways is refused, ${name}`, () => {
        // With a body of 257 octets, a prime, no altered RRC is a whole turn.
        const sealed = seal(from, pattern(257 - from.sealedOverhead + 16));
        const plain = from.wrapPlain(pattern(257 - from.plainOverhead + 16));
        const message = pattern(20);
        const mic = from.getMic(message);
        for (const token of [sealed, plain]) {
          expect(token.length).toBe(16 + 257);
          expect(codeOf(() => to.unwrap(token, false))).toBe("accepted");
          for (let at = 0; at < token.length; at++) {
            for (const altered of alterations(token, at)) {
              if (codeOf(() => to.unwrap(altered, false)) === "accepted") expect.fail(`octet ${at} altered`);
            }
          }
        }
        for (let at = 0; at < mic.length; at++) {
          for (const altered of alterations(mic, at)) {
            if (codeOf(() => to.verifyMic(message, altered)) === "accepted") expect.fail(`octet ${at} altered`);
          }
        }
        for (let at = 0; at < message.length; at++) {
          expect(codeOf(() => to.verifyMic(flip(message, at, 1), mic))).toBe("GSS_BAD_MIC");
        }
        to.verifyMic(message, mic);
      });

      it(`W2: every prefix of a token, and a token with more behind it, is refused, ${name}`, () => {
        const message = pattern(40);
        const sealed = seal(from, message);
        const plain = from.wrapPlain(message);
        const mic = from.getMic(message);
        for (let end = 0; end < sealed.length; end++) {
          expect(codeOf(() => to.unwrap(sealed.subarray(0, end), false))).toMatch(/^GSS_(DEFECTIVE_TOKEN|BAD_MIC)$/);
        }
        for (let end = 0; end < plain.length; end++) {
          expect(codeOf(() => to.unwrap(plain.subarray(0, end), false))).toMatch(/^GSS_(DEFECTIVE_TOKEN|BAD_MIC)$/);
        }
        for (let end = 0; end < mic.length; end++) {
          const expected = end < 16 ? "GSS_DEFECTIVE_TOKEN" : "GSS_BAD_MIC";
          expect(codeOf(() => to.verifyMic(message, mic.subarray(0, end)))).toBe(expected);
        }
        for (const token of [sealed, plain]) {
          expect(codeOf(() => to.unwrap(concat(token, Uint8Array.of(0)), false))).toBe("GSS_BAD_MIC");
        }
        expect(codeOf(() => to.verifyMic(message, concat(mic, Uint8Array.of(0))))).toBe("GSS_BAD_MIC");
      });

      it(`W6: any rotation is taken back, ${name}`, () => {
        for (const length of [0, 1, 16, 50]) {
          const message = pattern(length);
          for (const token of [seal(from, message), from.wrapPlain(message)]) {
            const body = token.length - 16;
            for (const count of [0, 1, 12, 28, body - 1, body, body + 1, 3 * body + 5, 32_767, 65_535]) {
              expect(to.unwrap(rotate(token, count), false)).toEqual(message);
            }
          }
        }
      });
    }

    it("W4: a token that comes back to its own side is refused, before any key is tried", () => {
      for (const { from } of directions(etype)) {
        const message = pattern(30);
        const reflected = expect.objectContaining({
          code: "GSS_BAD_MIC",
          message: expect.stringContaining("reflected"),
        });
        expect(() => from.unwrap(seal(from, message), false)).toThrow(reflected);
        expect(() => from.unwrap(from.wrapPlain(message), false)).toThrow(reflected);
        expect(() => from.verifyMic(message, from.getMic(message))).toThrow(reflected);
      }
    });

    it("W5: a token under another key than the context has is refused by its flag, both ways", () => {
      for (const hasAcceptorSubkey of [true, false]) {
        const sender = protectionPair({ etype, hasAcceptorSubkey, flags: NO_ORDER }).initiator;
        const receiver = protectionPair({ etype, hasAcceptorSubkey: !hasAcceptorSubkey, flags: NO_ORDER }).acceptor;
        const message = pattern(9);
        expect(codeOf(() => receiver.unwrap(seal(sender, message), false))).toBe("GSS_DEFECTIVE_TOKEN");
        expect(codeOf(() => receiver.unwrap(sender.wrapPlain(message), false))).toBe("GSS_DEFECTIVE_TOKEN");
        expect(codeOf(() => receiver.verifyMic(message, sender.getMic(message)))).toBe("GSS_DEFECTIVE_TOKEN");
      }
    });

    it("W7: the header in clear must be the encrypted one, filler of a peer is cut off by EC", () => {
      const { initiator, acceptor } = protectionPair({ etype, flags: NO_ORDER });
      const key = encTypes.importKey(
        etype,
        Uint8Array.from({ length: encTypes.get(etype).keyBytes }, (_, i) => 31 * i + etype),
      );
      const header = Uint8Array.of(5, 4, 6, 0xff, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0xe8);
      const sealWith = (inner: Uint8Array): Uint8Array =>
        concat(header, key.usage(24).encrypt(pattern(10), Uint8Array.of(7, 7, 7), inner));
      expect(acceptor.unwrap(sealWith(header), true)).toEqual(pattern(10));
      for (let at = 0; at < 16; at++) {
        // RRC of the inner header is not compared: it is 0 there, and something else outside.
        const expected = at === 6 || at === 7 ? "accepted" : "GSS_BAD_MIC";
        expect(codeOf(() => acceptor.unwrap(sealWith(flip(header, at, 8)), true))).toBe(expected);
      }
      expect(codeOf(() => initiator.unwrap(sealWith(header), true))).toBe("GSS_BAD_MIC");
    });

    it("W11: an unsealed message is refused where sealing is required, and only there", () => {
      const { initiator, acceptor } = protectionPair({ etype, flags: NO_ORDER });
      const token = initiator.wrapPlain(pattern(5));
      expect(codeOf(() => acceptor.unwrap(token, true))).toBe("GSS_DEFECTIVE_TOKEN");
      expect(acceptor.unwrap(token, false)).toEqual(pattern(5));
    });

    it("W12: a token in GSS-API framing is refused for what it is", () => {
      const { initiator, acceptor } = protectionPair({ etype, flags: NO_ORDER });
      const inFraming = expect.objectContaining({
        code: "GSS_DEFECTIVE_TOKEN",
        message: expect.stringContaining("in GSS-API framing"),
      });
      const token = seal(initiator, pattern(5));
      const mechanism = Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2);
      const framed = concat(Uint8Array.of(0x60, 0x81, mechanism.length + token.length), mechanism, token);
      expect(() => acceptor.unwrap(framed, false)).toThrow(inFraming);
      const mic = initiator.getMic(pattern(5));
      const framedMic = concat(Uint8Array.of(0x60, mechanism.length + mic.length), mechanism, mic);
      expect(() => acceptor.verifyMic(pattern(5), framedMic)).toThrow(inFraming);
    });

    it("a MIC is no Wrap token, and a Wrap token no MIC", () => {
      const { initiator, acceptor } = protectionPair({ etype, flags: NO_ORDER });
      const message = pattern(8);
      expect(codeOf(() => acceptor.unwrap(initiator.getMic(message), false))).toBe("GSS_DEFECTIVE_TOKEN");
      expect(codeOf(() => acceptor.verifyMic(message, initiator.wrapPlain(message)))).toBe("GSS_DEFECTIVE_TOKEN");
    });
  });
}

function* alterations(token: Uint8Array, at: number): Iterable<Uint8Array> {
  for (const mask of [0x01, 0x10, 0x80]) yield flip(token, at, mask);
  yield flip(token, at, (token[at] as number) ^ (((token[at] as number) + 1) & 0xff));
}

describe("the order of messages", () => {
  it("sequence numbers start at the initial one and go up by one for Wrap and MIC alike, past 2^32", () => {
    const { initiator } = protectionPair({ initiatorSequence: 0xfffffffe });
    const number = (token: Uint8Array): bigint => new DataView(token.buffer).getBigUint64(8);
    expect(number(seal(initiator, pattern(1)))).toBe(0xfffffffen);
    expect(number(initiator.getMic(pattern(1)))).toBe(0xffffffffn);
    expect(number(initiator.wrapPlain(pattern(1)))).toBe(0x100000000n);
    expect(number(seal(initiator, pattern(1)))).toBe(0x100000001n);
  });

  it("W10: under 2^64 the numbers go round", () => {
    const { initiator, acceptor } = protectionPair({ initiatorSequence: 0xffffffffffffffffn });
    acceptor.unwrap(seal(initiator, pattern(1)), true);
    const token = seal(initiator, pattern(2));
    expect(new DataView(token.buffer).getBigUint64(8)).toBe(0n);
    expect(acceptor.unwrap(token, true)).toEqual(pattern(2));
  });

  it("W10: with the sequence flag a replay, a gap and a late message are refused, each by its name", () => {
    const { initiator, acceptor } = protectionPair();
    const tokens = Array.from({ length: 70 }, (_, i) => seal(initiator, pattern(i)));
    const receive = (i: number): string => codeOf(() => acceptor.unwrap(tokens[i] as Uint8Array, true));
    expect(receive(0)).toBe("accepted");
    expect(receive(0)).toBe("GSS_DUPLICATE_TOKEN");
    expect(receive(2)).toBe("GSS_GAP_TOKEN");
    // A context has ended at the gap: the late message is one that it left out.
    expect(receive(1)).toBe("GSS_GAP_TOKEN");
    expect(receive(69)).toBe("GSS_GAP_TOKEN");
    expect(receive(3)).toBe("GSS_OLD_TOKEN");
  });

  it("W10: the same for unsealed messages and MICs", () => {
    for (const kind of ["plain", "mic"] as const) {
      const { initiator, acceptor } = protectionPair();
      const make = (): Uint8Array => (kind === "mic" ? initiator.getMic(pattern(4)) : initiator.wrapPlain(pattern(4)));
      const take = (token: Uint8Array): string =>
        codeOf(() => (kind === "mic" ? acceptor.verifyMic(pattern(4), token) : acceptor.unwrap(token, false)));
      const [first, , third] = [make(), make(), make()];
      expect(take(first)).toBe("accepted");
      expect(take(first)).toBe("GSS_DUPLICATE_TOKEN");
      expect(take(third)).toBe("GSS_GAP_TOKEN");
    }
  });

  it("W10: with the replay flag alone late and early messages pass, replays and too old ones do not", () => {
    const { initiator, acceptor } = protectionPair({ flags: { sequence: false } });
    const tokens = Array.from({ length: 70 }, (_, i) => seal(initiator, pattern(i)));
    const receive = (i: number): string => codeOf(() => acceptor.unwrap(tokens[i] as Uint8Array, true));
    expect(receive(2)).toBe("accepted");
    expect(receive(0)).toBe("accepted");
    expect(receive(0)).toBe("GSS_DUPLICATE_TOKEN");
    expect(receive(69)).toBe("accepted");
    expect(receive(1)).toBe("GSS_OLD_TOKEN");
  });

  it("W10: with neither flag everything authentic passes", () => {
    const { initiator, acceptor } = protectionPair({ flags: NO_ORDER });
    const token = seal(initiator, pattern(3));
    expect(codeOf(() => acceptor.unwrap(token, true))).toBe("accepted");
    expect(codeOf(() => acceptor.unwrap(token, true))).toBe("accepted");
  });

  it("W10: a forged number does not move the window, since the MAC is verified first", () => {
    const { initiator, acceptor } = protectionPair();
    const token = seal(initiator, pattern(3));
    expect(codeOf(() => acceptor.unwrap(flip(token, 8, 0x40), true))).toBe("GSS_BAD_MIC");
    const mic = initiator.getMic(pattern(3));
    expect(codeOf(() => acceptor.verifyMic(pattern(3), flip(mic, 9, 1)))).toBe("GSS_BAD_MIC");
    const plain = initiator.wrapPlain(pattern(3));
    expect(codeOf(() => acceptor.unwrap(flip(plain, 10, 1), false))).toBe("GSS_BAD_MIC");
    expect(codeOf(() => acceptor.unwrap(token, true))).toBe("accepted");
    expect(codeOf(() => acceptor.verifyMic(pattern(3), mic))).toBe("accepted");
    expect(codeOf(() => acceptor.unwrap(plain, false))).toBe("accepted");
  });

  it("any octets whatever give a GssError", () => {
    const { acceptor } = protectionPair();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (octets, isHeaded) => {
        const token = isHeaded ? concat(Uint8Array.of(5, 4, 6, 0xff), octets) : octets;
        expect(codeOf(() => acceptor.unwrap(token, false))).toMatch(/^GSS_(DEFECTIVE_TOKEN|BAD_MIC)$/);
        expect(codeOf(() => acceptor.verifyMic(pattern(3), token))).toMatch(/^GSS_(DEFECTIVE_TOKEN|BAD_MIC)$/);
      }),
      { numRuns: 2000 },
    );
  });
});
