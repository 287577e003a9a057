// GSS-API tokens under RC4 as MIT krb5 made them: each is read, in its order, and none with an octet changed.

import { describe, expect, it } from "vitest";
import figures from "../../krb5-vectors/gss/rc4-mit.json" with { type: "json" };
import { decodeHex } from "../../src/bytes/index.ts";
import { arcfourHmac } from "../../src/entry/legacy-enctypes.ts";
import { arcfourTokens } from "../../src/entry/legacy-tokens.ts";
import type { TokensOfEnctype } from "../../src/gssapi/index.ts";
import { providers } from "../unit/crypto/providers.ts";
import { ALL_FLAGS } from "../unit/gssapi/pair.ts";

const tokensOf = (arcfourTokens({ mic: true }) as TokensOfEnctype).protect;
const octets = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i % 251);

describe.each(providers)("tokens of RC4 by %s", (_, provider) => {
  it.each(figures.contexts)("of MIT's $sender", ({ sender, key, firstNumber, tokens }) => {
    const messages = tokensOf({
      isInitiator: sender === "acceptor",
      key: arcfourHmac.importKey(provider, decodeHex(key)),
      hasAcceptorSubkey: false,
      provider,
      flags: ALL_FLAGS,
      sendSequence: 0,
      receiveSequence: firstNumber,
    });
    for (const { kind, messageLength, token } of tokens) {
      const message = octets(messageLength);
      const made = decodeHex(token);
      const changed = made.slice();
      // The octet before the last: of the message, or of the checksum.
      (changed[made.length - 2] as number) ^= 0x10;
      if (kind === "mic") {
        expect(() => messages.verifyMic(message, changed)).toThrow("the message was changed");
        messages.verifyMic(message, made);
      } else {
        expect(() => messages.unwrap(changed, kind === "sealed")).toThrow("the message was changed");
        expect(messages.unwrap(made, kind === "sealed")).toEqual(message);
      }
    }
  });
});
