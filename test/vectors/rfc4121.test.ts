import { describe, expect, it } from "vitest";
import mics from "../../krb5-vectors/gss/mic.json" with { type: "json" };
import refused from "../../krb5-vectors/gss/refused.json" with { type: "json" };
import wraps from "../../krb5-vectors/gss/wrap.json" with { type: "json" };
import { decodeHex, encodeHex } from "../../src/bytes/index.ts";
import { strongEncTypes } from "../../src/crypto/enctypes/index.ts";
import { type CryptoProvider, createEncTypeSet } from "../../src/crypto/index.ts";
import { createNobleProvider } from "../../src/crypto/providers/noble.ts";
import { createNodeCryptoProvider, type NodeCrypto } from "../../src/crypto/providers/node.ts";
import { GssError } from "../../src/errors.ts";
import { MessageProtection } from "../../src/gssapi/message-protection.ts";

// The figures stand alone, so that sequence numbers are anything; the window has its own tests.
const FLAGS = {
  mutual: true,
  replay: false,
  sequence: false,
  confidentiality: true,
  integrity: true,
  delegation: false,
  channelBound: false,
};

const providers: readonly CryptoProvider[] = [
  createNobleProvider(),
  createNodeCryptoProvider(process.getBuiltinModule("node:crypto") as unknown as NodeCrypto),
];

interface Side {
  readonly etype: number;
  readonly key: string;
  readonly sentBy: string;
  readonly acceptorSubkey: boolean;
}

/** One end of the context that a figure is from. */
function end(provider: CryptoProvider, figure: Side, isSender: boolean, sequence = "0"): MessageProtection {
  const key = createEncTypeSet(strongEncTypes, provider).importKey(figure.etype, decodeHex(figure.key));
  return new MessageProtection({
    isInitiator: (figure.sentBy === "initiator") === isSender,
    key,
    hasAcceptorSubkey: figure.acceptorSubkey,
    flags: FLAGS,
    sendSequence: BigInt(sequence),
    receiveSequence: 0,
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof GssError) return error.code;
    throw error;
  }
  return "accepted";
}

for (const provider of providers) {
  describe(`RFC 4121 figures with ${provider.name}`, () => {
    for (const figure of wraps.vectors) {
      it(`unwraps ${figure.name}`, () => {
        const message = end(provider, figure, false).unwrap(decodeHex(figure.token), figure.sealed);
        expect(encodeHex(message)).toBe(figure.message);
      });
    }

    // Nothing here sends filler or a rotation: the other figures come out octet for octet.
    const sent = wraps.vectors.filter((figure) => figure.rotation === 0 && !(figure.sealed && figure.extraCount > 0));
    for (const figure of sent) {
      it(`wraps ${figure.name}`, () => {
        const confounded = { ...provider, randomBytes: () => decodeHex(figure.confounder ?? "") };
        const sender = end(confounded, figure, true, figure.sequence);
        const message = decodeHex(figure.message);
        if (!figure.sealed) {
          expect(encodeHex(sender.wrapPlain(message))).toBe(figure.token);
          return;
        }
        const out = new Uint8Array(message.length + sender.sealedOverhead + 2).fill(0xee);
        const length = sender.sealInto(out, 1, [message.subarray(0, 3), message.subarray(3)]);
        expect(encodeHex(out)).toBe(`ee${figure.token}ee`);
        expect(length).toBe(figure.token.length / 2);
      });
    }

    for (const figure of mics.vectors) {
      it(`makes and verifies ${figure.name}`, () => {
        const message = decodeHex(figure.message);
        expect(encodeHex(end(provider, figure, true, figure.sequence).getMic(message))).toBe(figure.token);
        end(provider, figure, false).verifyMic(message, decodeHex(figure.token));
      });
    }

    for (const figure of refused.vectors) {
      it(`${figure.rule}: refuses ${figure.name}`, () => {
        const receiver = end(provider, figure, false);
        const token = decodeHex(figure.token);
        const run = (): unknown =>
          figure.kind === "mic" ? receiver.verifyMic(decodeHex(figure.message), token) : receiver.unwrap(token, false);
        expect(codeOf(run)).toBe(figure.expect);
      });
    }
  });
}

it("the figures are all there", () => {
  expect([wraps.vectors.length, mics.vectors.length, refused.vectors.length]).toEqual([37, 23, 211]);
});
